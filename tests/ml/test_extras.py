import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ml import rejection
from ml.artifact import EMBEDDINGS_FILE, EVIDENCE_FILE, WEIGHTS_FILE, load, read_extra, save
from ml.embeddings import embed_folders
from ml.extras import pack_artifact
from ml.layouts import STUDIO
from ml.outcomes import outcomes
from ml.pack import from_bytes
from ml.predictor import Predictor
from ml.splits import CALIBRATE, REPORT, TRAIN, TUNE
from tests.ml.tables import familiarity_below_median


@pytest.fixture
def bare(tiny_artifact: Path, tmp_path: Path) -> Path:
    """The trained artifact without its extra files."""
    artifact = load(tiny_artifact)
    save(tmp_path / "bare", artifact.network, artifact.card)
    return tmp_path / "bare"


def test_training_ends_with_embeddings_of_all_sides_but_tune(
    tiny_artifact: Path, predictor: Predictor, drawn_data: list[Path]
) -> None:
    packed = from_bytes(read_extra(tiny_artifact, EMBEDDINGS_FILE))
    table = embed_folders(predictor, drawn_data)
    for side in (TRAIN, CALIBRATE, REPORT):
        assert sorted(packed.on_side(side).names) == sorted(table.on_side(side).names)
    assert len(packed.on_side(TUNE)) == 0
    found = dict(zip(packed.names, packed.vectors, strict=True))
    for name, side, vector in zip(table.names, table.sides, table.vectors, strict=True):
        assert side == TUNE or torch.allclose(found[name], vector, atol=0.02)


def test_evidence_agrees_with_the_card(tiny_artifact: Path) -> None:
    evidence = json.loads(read_extra(tiny_artifact, EVIDENCE_FILE))
    for title, fields in load(tiny_artifact).card.metrics.items():
        for field, row in fields.items():
            figures = evidence["sets"][title.removesuffix(" report")][field]
            assert (figures["n"], figures["accuracy"]) == (row["n"], row["accuracy"])


def test_packing_needs_no_training_and_changes_no_prediction(
    bare: Path, tiny_artifact: Path, drawn_data: list[Path], tmp_path: Path
) -> None:
    before = load(bare)
    sha256 = pack_artifact(bare, drawn_data, tmp_path / "packed")
    after = load(tmp_path / "packed", expected_sha256=sha256)
    assert (tmp_path / "packed" / WEIGHTS_FILE).read_bytes() == (bare / WEIGHTS_FILE).read_bytes()
    assert (after.card.calibration, after.card.metrics) == (before.card.calibration, before.card.metrics)
    assert after.trunk_sha256 == before.trunk_sha256
    assert set(after.card.files) == {EMBEDDINGS_FILE, EVIDENCE_FILE}
    again, trained = (from_bytes(read_extra(path, EMBEDDINGS_FILE)) for path in (tmp_path / "packed", tiny_artifact))
    assert sorted(zip(again.names, again.sides, strict=True)) == sorted(zip(trained.names, trained.sides, strict=True))


def test_packing_tells_products_from_others_where_enough_can_calibrate(
    bare: Path, drawn_data: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejection, "MIN_UNSEEN", 2)
    monkeypatch.setattr(rejection, "STRANGERS", 4)
    pack_artifact(bare, drawn_data, tmp_path / "packed")
    artifact = load(tmp_path / "packed")
    packed = from_bytes(read_extra(tmp_path / "packed", EMBEDDINGS_FILE))
    found = Predictor(artifact, torch.device("cpu"))
    assert artifact.card.familiarity is not None
    assert found.is_familiar(packed.on_side(CALIBRATE).vectors).float().mean() >= 0.8
    report = outcomes(found, packed.on_side(REPORT).of_domain(STUDIO))["master_category"]
    coverage = artifact.card.metrics["studio report"]["master_category"]["coverage"]
    assert coverage == round(float(report.is_kept.mean()), 5)


def test_without_folders_the_embeddings_that_it_comes_with_are_packed(tiny_artifact: Path, tmp_path: Path) -> None:
    sha256 = pack_artifact(tiny_artifact, (), tmp_path / "packed")
    before, after = load(tiny_artifact), load(tmp_path / "packed", expected_sha256=sha256)
    assert after.card.files.keys() == before.card.files.keys()
    first, again = (from_bytes(read_extra(path, EMBEDDINGS_FILE)) for path in (tiny_artifact, tmp_path / "packed"))
    assert (again.names, again.sides) == (first.names, first.sides)
    assert torch.allclose(again.vectors, first.vectors, atol=1e-5)


def test_familiarity_stays_where_too_few_pictures_could_fit_another(
    tiny_artifact: Path, drawn_data: list[Path], tmp_path: Path
) -> None:
    artifact = load(tiny_artifact)
    familiarity = familiarity_below_median(torch.rand(9, artifact.network.feature_count))
    save(tmp_path / "old", artifact.network, replace(artifact.card, familiarity=familiarity))
    pack_artifact(tmp_path / "old", drawn_data, tmp_path / "packed")
    assert load(tmp_path / "packed").card.familiarity == familiarity


def test_an_artifact_can_be_packed_in_place(bare: Path, drawn_data: list[Path]) -> None:
    pack_artifact(bare, drawn_data, bare)
    assert sorted(path.name for path in bare.iterdir()) == [
        "card.json",
        "embeddings.safetensors",
        "evidence.json",
        "weights.safetensors",
    ]
