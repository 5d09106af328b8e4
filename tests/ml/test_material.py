from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ml.artifact import EMBEDDINGS_FILE, load, read_extra, save
from ml.embeddings import EmbeddingTable, concatenate
from ml.errors import MlError
from ml.material import Material, gather
from ml.predictor import Predictor
from ml.splits import CALIBRATE, REPORT, TRAIN, TUNE
from tests.ml.drawings import write_published
from tests.ml.tables import table_of

NOTHING = EmbeddingTable.empty()


def lessons_on(predictor: Predictor, *sides: str) -> EmbeddingTable:
    """One lesson per side."""
    width = predictor.embed_pictures([]).shape[1]
    tables = [table_of([{"colour": "Red"}], torch.rand(1, width), first=900 + n) for n in range(len(sides))]
    return concatenate(replace(table, sides=[side]) for table, side in zip(tables, sides, strict=True))


def gathered(path: Path, lessons: EmbeddingTable = NOTHING, *folders: Path) -> Material:
    return gather(path, Predictor.load(path, device="cpu"), lessons, folders)


@pytest.fixture
def bare(tiny_artifact: Path, tmp_path: Path) -> Path:
    artifact = load(tiny_artifact)
    save(tmp_path / "bare", artifact.network, artifact.card)
    return tmp_path / "bare"


def test_each_side_of_the_lessons_has_its_use(tiny_artifact: Path, predictor: Predictor) -> None:
    lessons = lessons_on(predictor, TRAIN, REPORT, CALIBRATE, TUNE)
    material = gathered(tiny_artifact, lessons)
    assert [list(table.names) for table in material.lessons] == [["900.jpg", "903.jpg"]]
    assert list(material.held_out.names) == ["901.jpg"]
    assert "902.jpg" in material.calibrate.names
    for table in (material.replay, material.report):
        assert not set(table.names) & set(lessons.names)


def test_pack_gives_replay_report_and_calibration(tiny_artifact: Path) -> None:
    material = gathered(tiny_artifact)
    assert material.pack == read_extra(tiny_artifact, EMBEDDINGS_FILE)
    assert set(material.replay.sides) == {TRAIN}
    assert set(material.report.sides) == {REPORT}
    assert set(material.calibrate.sides) == {CALIBRATE}
    assert material.lessons == []


def test_folder_that_the_model_was_trained_on_is_replay_and_counts_once(
    tiny_artifact: Path, drawn_data: list[Path]
) -> None:
    material, packed = gathered(tiny_artifact, NOTHING, *drawn_data), gathered(tiny_artifact)
    assert material.lessons == []
    for table, known in ((material.replay, packed.replay), (material.report, packed.report)):
        assert sorted(table.names) == sorted(known.names)


def test_new_folder_is_one_more_source_of_lessons(tiny_artifact: Path, predictor: Predictor, tmp_path: Path) -> None:
    folder = write_published(tmp_path / "new", 40, first=5000)
    material = gathered(tiny_artifact, lessons_on(predictor, TRAIN), folder)
    names = [list(table.names) for table in material.lessons]
    assert names[0] == ["900.jpg"]
    assert set(names[1]) <= {f"{number}.png" for number in range(5000, 5040)}
    reported = {name for name in material.report.names if int(Path(name).stem.strip("p")) >= 5000}
    assert reported
    assert not reported & set(names[1])


def test_model_without_embeddings_learns_beside_folders_only(
    bare: Path, drawn_data: list[Path], predictor: Predictor
) -> None:
    with pytest.raises(MlError, match="comes without embeddings, so folders of labelled pictures are needed"):
        gathered(bare, lessons_on(predictor, TRAIN))
    material = gathered(bare, lessons_on(predictor, TRAIN), *drawn_data)
    assert material.pack is None
    assert len(material.replay) > 100
    assert [list(table.names) for table in material.lessons] == [["900.jpg"]]
