import shutil
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ml.__main__ import main
from ml.studies.explore import STUDY
from ml.studies.explore.findings import draw, report
from ml.studies.results import Results
from tests.ml.drawings import write_phone, write_published

COUNT = 80
PLANTED = {
    "900": "Men,Apparel,Topwear,Tshirts,Blue,Summer,2012,Casual,a twin that says it is blue",
    "901": "Men,Apparel,Topwear,Tshirts,Red,Summer,2012,Casual,as good as the first",
    "902": "Men,Apparel,Topwear,Tshirts,Red,Summer,2012,Casual,no picture",
}


def write_flawed(folder: Path) -> Path:
    """Drawn products; the three last ones have one flaw each."""
    write_published(folder, COUNT)
    images = folder / "images"
    shutil.copy(images / "0.png", images / "900.png")
    first = np.asarray(Image.open(images / "0.png")).astype(int)
    Image.fromarray((first + 1).clip(0, 255).astype(np.uint8)).save(images / "901.png")
    (images / "902.png").write_text("no picture")
    with (folder / "styles.csv").open("a") as stream:
        stream.writelines(f"{name},{row}\n" for name, row in PLANTED.items())
    return folder


@pytest.fixture(scope="session")
def explored(tmp_path_factory: pytest.TempPathFactory, tiny_artifact: Path) -> Path:
    """The folder of one quick run."""
    data, out = tmp_path_factory.mktemp("flawed"), tmp_path_factory.mktemp("explore")
    write_flawed(data / "studio")
    write_phone(data / "phone", 30)
    command = ["study", "explore", "--quick", "--data", str(data), "--out", str(out)]
    assert main([*command, "--artifact", str(tiny_artifact)]) == 0
    return out


@pytest.fixture
def results(explored: Path) -> Results:
    return Results.load(explored / "results.json")


@pytest.fixture
def facts(results: Results) -> dict[str, Any]:
    found: dict[str, Any] = results.facts["studio"]
    return found


def test_every_flaw_is_found(facts: dict[str, Any]) -> None:
    assert facts["pictures"] == COUNT + 3
    assert facts["broken"] == [["images/902.png", "not_an_image"]]
    assert (facts["twins"]["twins"], facts["twins"]["groups"]) == (2, 1)
    assert facts["disagreeing"] == [["images/0.png", "images/900.png", "colour", "Red", "Blue"]]
    assert facts["near"]["shown"][0] == ["images/0.png", "images/901.png", 1.0]  # before all that are drawn alike
    assert facts["errors"]["colour"]["worst"][0][:3] == ["images/900.png", "Blue", "Red"]


def test_values_are_counted_and_colours_measured(facts: dict[str, Any]) -> None:
    assert facts["fields"]["sub_category"]["counts"] == {"Topwear": 42, "Bottomwear": 20, "Shoes": 20}
    assert facts["fields"]["usage"]["missing"] == COUNT / 2
    assert facts["shapes"] == {"60×80 RGB": 82}
    assert facts["colours"]["Red"]["rgb"][0] > facts["colours"]["Blue"]["rgb"][0]


def test_each_folder_has_a_section_and_its_plots(explored: Path) -> None:
    text = (explored / "report.md").read_text()
    assert [line for line in text.splitlines() if line.startswith("#")] == ["# explore", "## phone", "## studio"]
    assert sorted(path.name for path in explored.glob("*.svg")) == [
        "phone-brightness.svg",
        "phone-imbalance.svg",
        "studio-brightness.svg",
        "studio-colours.svg",
        "studio-imbalance.svg",
    ]


def test_pictures_are_on_sheets_alone(explored: Path) -> None:
    sheets = {path.name for path in (explored / "sheets").iterdir()}
    assert {"studio-samples-colour.png", "studio-near-identical.png", "studio-twins-that-disagree.png"} <= sheets
    assert not list(explored.glob("*.png"))
    assert not any("<image" in path.read_text() for path in explored.glob("*.svg"))
    assert "sheets" not in (explored / "report.md").read_text()


def test_a_second_run_looks_at_nothing_again(
    explored: Path, tiny_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = shutil.copytree(explored, tmp_path / "again")
    data = tmp_path / "data"
    write_flawed(data / "studio")
    write_phone(data / "phone", 30)
    command = ["study", "explore", "--quick", "--data", str(data), "--out", str(out)]
    assert main([*command, "--artifact", str(tiny_artifact)]) == 0
    assert "Looking at pictures" not in capsys.readouterr().err
    assert (out / "report.md").read_text() == (explored / "report.md").read_text()


def sentences(facts: dict[str, Any]) -> str:
    return report(Results("explore", "quick", {}, facts={"studio": facts}))[1]


def test_sentences_follow_the_most_uneven_field(facts: dict[str, Any]) -> None:
    changed = deepcopy(facts)
    fields = changed["fields"]
    fields["season"] = {**fields["season"], "counts": {"Fall": 900, "Summer": 2}, "evenness": 0.02}
    fields["colour"] = {**fields["colour"], "counts": {"Red": 8, "Blue": 8}, "evenness": 1.0}
    text = sentences(changed)
    assert "The most uneven field is season: 900 pictures of Fall for 2 of Summer, and 2% of the entropy" in text
    assert "the most even one is colour, with 100%." in text
    fields["season"], fields["colour"] = fields["colour"], fields["season"]
    text = sentences(changed)
    assert "The most uneven field is colour: 900 pictures of Fall for 2 of Summer, and 2% of the entropy" in text
    assert "the most even one is season, with 100%." in text


def test_sentences_name_the_other_field_when_two_are_swapped(facts: dict[str, Any]) -> None:
    changed = deepcopy(facts)
    many, few = {"pairs_agree": 0.7, "pairs": 9}, {"pairs_agree": 0.9, "pairs": 9}
    changed["twins"]["fields"] = {"colour": many, "season": few}
    error = {"n": 10, "accuracy": 0.9, "worst": []}
    often = {**error, "suspected": 4, "pairs": [["Navy Blue", "Blue", 3]]}
    seldom = {**error, "suspected": 1, "pairs": [["Fall", "Winter", 1]]}
    changed["errors"] = {"colour": often, "season": seldom}
    text = sentences(changed)
    assert "Twins disagree most about colour (30.0% of pairs) and least about season (10.0%)." in text
    assert "most often in colour (40.0% of its labels, most often Navy Blue that looks like Blue (3))" in text
    changed["twins"]["fields"] = {"colour": few, "season": many}
    changed["errors"] = {"colour": seldom, "season": often}
    text = sentences(changed)
    assert "Twins disagree most about season (30.0% of pairs) and least about colour (10.0%)." in text
    assert "suspects errors most often in season (40.0% of its labels" in text


def test_closest_colours_are_named(facts: dict[str, Any]) -> None:
    changed = deepcopy(facts)
    shade = {"n": 50, "rgb": [0, 0, 0], "hsv": [0, 0, 0], "lab_deviation": [3.0, 4.0, 0.0]}
    places = {"Red": [50, 60, 40], "Blue": [40, 10, -60], "Navy Blue": [40, 10, -57]}
    changed["colours"] = {name: {**shade, "lab": place} for name, place in places.items()}
    text = "\n".join(report(Results("explore", "quick", {}, facts={"studio": changed})))
    assert (
        "Closest on the mean are Blue and Navy Blue, 3.0 apart in CIE Lab where single pictures of them scatter by"
        in text
    )
    assert "farthest are Red and Blue" in text


def test_data_without_colours_or_twins_are_reported_too(results: Results) -> None:
    text = "\n".join(report(Results("explore", "quick", {}, facts={"phone": results.facts["phone"]})))
    assert "0 pictures (0.0%) have an identical twin under another name" in text
    assert "labelled colour |" not in text
    assert set(draw(Results("explore", "quick", {}, facts={"phone": results.facts["phone"]}))) == {
        "phone-imbalance",
        "phone-brightness",
    }


def test_question_is_asked() -> None:
    assert STUDY.question == "What do the data look like, and what is wrong with them?"
