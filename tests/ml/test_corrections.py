import json
from pathlib import Path

import pytest

from ml.__main__ import main
from ml.artifact import load, save
from ml.corrections import SIZES, Photo, draw_people, study
from ml.errors import MlError
from ml.heads import HeadsConfig
from tests.ml.drawings import JEANS, draw

PEOPLE = [Photo(row, "Pants", f"person {row // 10}") for row in range(100)]


def write_people(folder: Path, people: int) -> Path:
    """Phone photos of pants and shirts, two of each of every person."""
    (folder / "images").mkdir(parents=True)
    lines = ["id,label,kids,person"]
    for number in range(4 * people):
        picture = draw(JEANS if number % 2 else ("Apparel", "Topwear", "Tshirts"), "Blue", seed=20_000 + number)
        picture.save(folder / "images" / f"q{number}.jpg")
        lines.append(f"q{number},{('T-Shirt', 'Pants')[number % 2]},False,{number // 4}")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_people(tmp_path_factory.mktemp("people") / "phone", 20)


def test_people_come_one_after_the_other() -> None:
    drawn = draw_people(PEOPLE, 25, seed=1)
    assert len(drawn) == 25
    assert len({photo.person for photo in drawn}) == 3
    assert [photo.row % 10 for photo in drawn[:10]] == list(range(10))


def test_people_are_drawn_anew_for_each_seed_and_alike_for_the_same() -> None:
    assert draw_people(PEOPLE, 25, seed=1) == draw_people(PEOPLE, 25, seed=1)
    assert draw_people(PEOPLE, 25, seed=1) != draw_people(PEOPLE, 25, seed=2)
    assert len(draw_people(PEOPLE, 1000, seed=1)) == 100


def test_study_compares_other_peoples_photos_and_the_report_set(tiny_artifact: Path, people: Path) -> None:
    config = HeadsConfig(steps=2)
    report = study(tiny_artifact, people, [1], config=config)
    assert report["model"].startswith("lapel-shufflenetv2x05-")
    assert [row["photos"] for row in report["summary"]] == list(SIZES)
    shares = report["summary"][0]["other_people"]["Pants"]
    assert 0 < shares["n"] < 40
    assert shares["before_interval"][0] <= shares["before"] <= shares["before_interval"][1]
    assert set(report["runs"][0]["report"]) >= {"studio sub_category", "studio colour", "phone sub_category"}
    assert report["people"]["train"] + report["people"]["report"] <= 20


def test_model_keeps_its_weights(tiny_artifact: Path, people: Path) -> None:
    before = load(tiny_artifact).sha256
    study(tiny_artifact, people, [1], config=HeadsConfig(steps=1))
    assert load(tiny_artifact).sha256 == before


def test_command_writes_the_figures(
    tiny_artifact: Path, people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ml.corrections.SIZES", (5,))
    out = tmp_path / "figures.json"
    options = ["--data", str(people), "--artifact", str(tiny_artifact), "--seeds", "2", "--out", str(out)]
    assert main(["corrections", *options]) == 0
    assert [run["seed"] for run in json.loads(out.read_text())["runs"]] == [1, 2]


def test_model_without_embeddings_cannot_be_studied(tiny_artifact: Path, people: Path, tmp_path: Path) -> None:
    artifact = load(tiny_artifact)
    save(tmp_path / "bare", artifact.network, artifact.card)
    with pytest.raises(MlError, match="comes without embeddings"):
        study(tmp_path / "bare", people, [1])
