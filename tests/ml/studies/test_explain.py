import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml.__main__ import main
from ml.studies.ablations import ABLATIONS, BRIGHTNESS, COLOUR, REGIONS
from ml.studies.explain import STUDY
from ml.studies.explain.experiment import SHAPE, TEXTURE
from ml.studies.explain.findings import draw, report
from ml.studies.results import Results


@pytest.fixture(scope="session")
def explained(tmp_path_factory: pytest.TempPathFactory, drawn_data: list[Path], tiny_artifact: Path) -> Path:
    """The folder of one quick run."""
    out = tmp_path_factory.mktemp("explain")
    command = ["study", "explain", "--quick", "--data", str(drawn_data[0]), "--out", str(out)]
    assert main([*command, "--artifact", str(tiny_artifact)]) == 0
    return out


@pytest.fixture
def facts(explained: Path) -> dict[str, Any]:
    found: dict[str, Any] = Results.load(explained / "results.json").facts["studio"]
    return found


def said(facts: dict[str, Any]) -> str:
    return "\n".join(report(Results("explain", "quick", {}, facts={"studio": facts})))


def test_every_field_is_explained(facts: dict[str, Any]) -> None:
    assert set(facts["fields"]) == set(facts["regions"]) == set(facts["planes"][COLOUR]) == set(facts["worst"])
    assert set(facts["ablations"]) == set(ABLATIONS)
    assert len(facts["places"]) == len(facts["values"]) == facts["pictures"] > 0
    assert re.fullmatch(r".+-[0-9a-f]{8}", facts["model"])


def test_report_has_its_plots_and_no_picture_of_the_data(explained: Path) -> None:
    plots = ["studio-ablations.svg", "studio-embeddings.svg", "studio-regions.svg"]
    assert sorted(path.name for path in explained.glob("*.svg")) == plots
    text = (explained / "report.md").read_text()
    assert re.findall(r"\((.+)\.svg\)", text) == ["studio-ablations", "studio-regions", "studio-embeddings"]
    assert not list(explained.glob("*.png"))


def test_sheets_show_where_the_network_looks(explained: Path, facts: dict[str, Any]) -> None:
    sheets = {path.stem for path in (explained / "sheets").iterdir()}
    looked = {f"studio-occlusion-{field}" for field in facts["fields"]}
    assert sheets - looked == {f"studio-errors-{field}" for field, rows in facts["worst"].items() if rows}
    assert looked <= sheets


def test_regions_without_importance_can_be_drawn(facts: dict[str, Any]) -> None:
    changed = deepcopy(facts)
    changed["regions"] = {field: np.zeros(REGIONS).tolist() for field in changed["regions"]}
    assert set(draw(Results("explain", "quick", {}, facts={"studio": changed}))) == {
        "studio-ablations",
        "studio-embeddings",
        "studio-regions",
    }


def test_sentence_on_colour_names_the_other_field_when_two_are_swapped(facts: dict[str, Any]) -> None:
    changed = deepcopy(facts)
    grey = changed["ablations"]["grey"]
    for field in grey:
        grey[field] |= {"before": 0.9, "after": 0.8, "chance": 0.05}
    grey["colour"]["after"], grey["gender"]["after"] = 0.1, 0.9
    text = "Without colour colour suffers most (-80.0 points); no more than chance explains: gender."
    assert text in said(changed)
    grey["colour"], grey["gender"] = grey["gender"], grey["colour"]
    swapped = text.replace("colour suffers", "gender suffers").replace("explains: gender", "explains: colour")
    assert swapped in said(changed)
    for field in grey:
        grey[field]["chance"] = 0.9
    assert "Without colour no field loses more than chance explains." in said(changed)


def test_sentence_on_shape_follows_the_accuracies(facts: dict[str, Any]) -> None:
    changed = deepcopy(facts)
    for field in changed["ablations"][SHAPE]:
        changed["ablations"][SHAPE][field]["after"] = 0.7
        changed["ablations"][TEXTURE][field]["after"] = 0.4
    alone = "Read better from the silhouette alone: master category, sub category, article type, colour, "
    assert alone in said(changed)
    changed["ablations"][SHAPE], changed["ablations"][TEXTURE] = (
        changed["ablations"][kind] for kind in (TEXTURE, SHAPE)
    )
    assert alone.replace("the silhouette alone", "shuffled patches alone, which keep colour and texture") in said(
        changed
    )


def test_without_silhouettes_the_report_says_so(facts: dict[str, Any]) -> None:
    changed = deepcopy(facts)
    del changed["ablations"][SHAPE]
    assert "Too few products stand out from a white background for silhouettes." in said(changed)


def test_sentence_on_places_follows_the_losses(facts: dict[str, Any]) -> None:
    changed = deepcopy(facts)
    place = np.zeros(REGIONS)
    place[3, 0] = 0.5
    changed["regions"] = {field: place.tolist() for field in changed["regions"]}
    changed["planes"] = {
        BRIGHTNESS: dict.fromkeys(changed["fields"], 0.1) | {"colour": 0.0},
        COLOUR: dict.fromkeys(changed["fields"], 0.0) | {"colour": 0.6, "usage": 0.1},
    }
    text = said(changed)
    assert "the more important one is brightness for master category, sub category" in text
    assert (
        "colour for colour; neither for usage. The most important region is the bottom, left for 7 of 7 fields." in text
    )


def test_most_frequent_mistake_is_named(facts: dict[str, Any]) -> None:
    changed = deepcopy(facts)
    for row in changed["fields"].values():
        row |= {"accuracy": 0.9, "confusions": [["one", "other", 1]]}
    changed["fields"]["colour"] |= {"accuracy": 0.6, "confusions": [["Blue", "Navy Blue", 12]]}
    assert "most often about colour (40.0%), and there most often takes Blue for Navy Blue (12 times)." in said(changed)
    for row in changed["fields"].values():
        row |= {"accuracy": 1.0, "confusions": []}
    assert "It makes no mistake at all." in said(changed)


def test_differences_that_chance_does_not_explain_are_marked(facts: dict[str, Any]) -> None:
    changed = deepcopy(facts)
    changed["ablations"]["grey"]["colour"] |= {"before": 0.9, "after": 0.1234, "chance": 0.1}
    assert "| 0.1234* |" in said(changed)
    changed["ablations"]["grey"]["colour"]["chance"] = 0.8
    assert "| 0.1234 |" in said(changed)


def test_question_is_asked() -> None:
    assert STUDY.question == "What does the network look at, and where is it wrong?"
