import gzip
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from rich.console import Console

from ml import rejection
from ml.__main__ import main
from ml.artifact import EMBEDDINGS_FILE, load, save
from ml.embeddings import EmbeddingTable, concatenate, embed_folders
from ml.errors import DataError
from ml.fields import FIELDS
from ml.layouts import PHONE, STUDIO
from ml.nonproducts import KINDS, drawn
from ml.pack import to_bytes
from ml.predictor import Predictor
from ml.rejection import FASHION_MNIST_FILE, MIN_UNSEEN, familiarity_of, study, tables
from ml.splits import CALIBRATE, REPORT, TRAIN


@pytest.fixture(autouse=True)
def _few_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejection, "STRANGERS", 4)


@pytest.fixture(scope="module")
def table(predictor: Predictor, drawn_data: list[Path]) -> EmbeddingTable:
    """Products to fit on, as many to judge by as it takes, and some to report on."""
    seen = embed_folders(predictor, drawn_data)
    sides = {TRAIN: seen, CALIBRATE: seen, REPORT: seen.take(range(110, 130))}
    return concatenate([replace(part, sides=[side] * len(part)) for side, part in sides.items()])


@pytest.fixture(scope="module")
def mnist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three pictures of Fashion-MNIST's format."""
    folder = tmp_path_factory.mktemp("mnist")
    pixels = bytes(range(0, 196)) * 4 * 3
    (folder / FASHION_MNIST_FILE).write_bytes(gzip.compress(bytes(16) + pixels))
    return folder


def with_familiarity(artifact: Path, table: EmbeddingTable, out: Path) -> Path:
    loaded = load(artifact)
    found = familiarity_of(Predictor(loaded, torch.device("cpu")), table)
    save(out, loaded.network, replace(loaded.card, familiarity=found), {EMBEDDINGS_FILE: to_bytes(table)})
    return out


def test_drawn_strangers_are_unfamiliar_and_products_are_not(predictor: Predictor, table: EmbeddingTable) -> None:
    found = familiarity_of(predictor, table)
    assert found is not None
    assert found.holds(table.on_side(REPORT).vectors).float().mean() >= 0.9
    strangers = [predictor.embed_pictures(list(drawn(kind, 4, seed=9))) for kind in KINDS]
    assert found.holds(torch.cat(strangers)).float().mean() <= 0.1


def test_too_few_calibrating_pictures_have_no_say(predictor: Predictor, table: EmbeddingTable) -> None:
    """The table holds 120 studio and 30 phone pictures on the side."""
    studio = [row for row, domain in enumerate(table.domains) if domain == STUDIO]
    without_phone = [row for row, each in enumerate(table.domains) if (each, table.sides[row]) != (PHONE, CALIBRATE)]
    few = table.on_side(CALIBRATE).take(range(MIN_UNSEEN - 1))
    assert familiarity_of(predictor, concatenate([table.on_side(TRAIN), few])) is None
    assert familiarity_of(predictor, table.take(studio)) is not None
    assert familiarity_of(predictor, table.take(without_phone)) == familiarity_of(predictor, table)


def test_nothing_to_fit_on_gives_nothing(predictor: Predictor, table: EmbeddingTable) -> None:
    assert familiarity_of(predictor, table.on_side(CALIBRATE)) is None
    assert familiarity_of(predictor, EmbeddingTable.empty()) is None


def test_study_counts_what_the_predictions_say(
    predictor: Predictor, tiny_artifact: Path, table: EmbeddingTable, mnist: Path, tmp_path: Path
) -> None:
    path = with_familiarity(tiny_artifact, table, tmp_path / "artifact")
    report = study(path, mnist, 2)
    assert list(report["kinds"]) == [*KINDS, "photo crop", "Fashion-MNIST", "phone report", "studio report"]
    assert (report["has_familiarity"], report["kinds"]["studio report"]["n"]) == (True, 10)
    rows = Predictor.load(path, "cpu").predict(list(drawn("face", 2)))
    figures = report["kinds"]["face"]
    for field in FIELDS:
        assert figures["empty"][field] == sum(row[field].abstain for row in rows) / 2
        assert figures["sure"][field] == sum(row[field].band == "sure" for row in rows) / 2
        assert figures["confidence"][field] == pytest.approx(sum(row[field].confidence for row in rows) / 2, abs=1e-4)
    bare = predictor.predict(list(drawn("face", 2)))
    assert figures["empty_by_confidence"] == {field: sum(row[field].abstain for row in bare) / 2 for field in FIELDS}


def test_only_drawn_kinds_can_be_left_out_of_the_fit(
    tiny_artifact: Path, table: EmbeddingTable, tmp_path: Path
) -> None:
    kinds = study(with_familiarity(tiny_artifact, table, tmp_path / "artifact"), None, 2)["kinds"]
    assert [kind for kind, row in kinds.items() if row["unfamiliar_unfitted"] is not None] == list(KINDS)
    assert all(0 <= kinds[kind]["unfamiliar_unfitted"] <= 1 for kind in KINDS)


def test_everything_is_familiar_to_an_artifact_that_cannot_tell(tiny_artifact: Path) -> None:
    report = study(tiny_artifact, None, 1)
    assert report["has_familiarity"] is False
    for row in report["kinds"].values():
        assert (row["unfamiliar"], row["unfamiliar_unfitted"]) == (0, None)
        assert row["empty"] == row["empty_by_confidence"]


def test_a_folder_without_fashion_mnist_is_named(tiny_artifact: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=FASHION_MNIST_FILE):
        study(tiny_artifact, tmp_path, 1)


def test_command_prints_tables_and_writes_the_figures(
    tiny_artifact: Path, mnist: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "figures.json"
    options = ["--artifact", str(tiny_artifact), "--data", str(mnist), "--n", "1", "--json", str(file)]
    assert main(["nonproducts", *options]) == 0
    report = json.loads(file.read_text())
    assert "categories_empty" in capsys.readouterr().out
    stream = io.StringIO()
    Console(file=stream, width=200).print(*tables(report))
    for kind in (*KINDS, "photo crop", "Fashion-MNIST"):
        assert stream.getvalue().count(kind) == 5
