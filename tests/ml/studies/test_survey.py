from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ml.errors import DataError
from ml.layouts import STUDIO, Example
from ml.studies.survey import balance, brightness, colours, lab, near_identical, survey
from tests.ml.drawings import draw


def example(path: Path, colour: str = "Red") -> Example:
    return Example(path, {"colour": colour}, STUDIO)


@pytest.fixture
def examples(tmp_path: Path) -> list[Example]:
    """Two pictures, the first once more, and as good as the first; one that is none."""
    first, second = draw(colour="Red", seed=1), draw(colour="Blue", seed=2)
    brighter = Image.fromarray((np.asarray(first).astype(int) + 1).clip(0, 255).astype(np.uint8))
    pictures = {"first": first, "second": second, "twin": first, "near": brighter}
    for name, picture in pictures.items():
        picture.save(tmp_path / f"{name}.png")
    draw(size=(300, 400)).convert("L").save(tmp_path / "grey.jpg")
    (tmp_path / "broken.jpg").write_text("no picture")
    names = ["first.png", "broken.jpg", "second.png", "twin.png", "near.png", "grey.jpg"]
    return [example(tmp_path / name) for name in names]


def test_one_pass_reads_what_can_be_read_and_names_the_rest(examples: list[Example]) -> None:
    seen = survey(examples)
    assert [each.picture.stem for each in seen.examples] == ["first", "second", "twin", "near", "grey"]
    assert [(each.picture.name, reason) for each, reason in seen.broken] == [("broken.jpg", "not_an_image")]
    assert list(seen.shapes) == [(60, 80, "RGB")] * 4 + [(300, 400, "L")]  # as in the file, not as opened
    assert seen.marks[0] == seen.marks[2] != seen.marks[3]
    assert [len(values) for values in (seen.brightness, seen.colours, seen.thumbnails)] == [5] * 3


def test_colour_is_that_of_the_product(examples: list[Example]) -> None:
    red = survey(examples).colours[0]
    assert torch.allclose(red, torch.tensor([200, 30, 30]) / 255, atol=0.15)


def test_nothing_readable_is_an_error(examples: list[Example]) -> None:
    with pytest.raises(DataError, match="None of the pictures can be read"):
        survey(examples[1:2])


def test_near_identical_pictures_are_no_twins(examples: list[Example]) -> None:
    seen = survey(examples)
    pairs = near_identical(seen.thumbnails, seen.marks)
    assert [pair[:2] for pair in pairs] == [(0, 3), (2, 3)]
    assert min(share for *_, share in pairs) > 0.999


def test_balance_counts_values_and_what_is_missing() -> None:
    rows = [{"season": "Fall"}] * 3 + [{"season": "Summer"}] * 3 + [{"usage": "Casual"}] * 2
    found = balance(rows)
    assert found == {
        "season": {"counts": {"Fall": 3, "Summer": 3}, "missing": 2, "entropy": 1.0, "evenness": 1.0},
        "usage": {"counts": {"Casual": 2}, "missing": 6, "entropy": 0.0, "evenness": 1.0},
    }
    assert balance([{"season": "Fall"}] * 7 + [{"season": "Summer"}])["season"]["evenness"] == pytest.approx(0.5436)


def test_brightness_has_quantiles_and_a_histogram() -> None:
    found = brightness(torch.linspace(0, 1, 101))
    assert found["quantiles"] == {"5%": 0.05, "25%": 0.25, "50%": 0.5, "75%": 0.75, "95%": 0.95}
    assert sum(found["histogram"]) == 101


def test_lab_is_that_of_the_standard() -> None:
    rgb = np.array([[1, 1, 1], [0, 0, 0], [1, 0, 0], [0, 0, 1]], dtype=np.float64)
    expected = np.array([[100, 0, 0], [0, 0, 0], [53.24, 80.09, 67.20], [32.30, 79.19, -107.86]])
    assert np.allclose(lab(rgb), expected, atol=0.05)


def test_labelled_colours_have_means_and_scatter() -> None:
    rows = [{"colour": "Red"}, {"colour": "Blue"}, {"colour": "Red"}, {}]
    found = colours(rows, torch.tensor([[1.0, 0, 0], [0, 0, 1.0], [1.0, 0, 0], [0, 1.0, 0]]))
    assert list(found) == ["Red", "Blue"]
    assert found["Red"] == {
        "n": 2,
        "rgb": [1.0, 0.0, 0.0],
        "hsv": [0.0, 1.0, 1.0],
        "lab": [53.2, 80.1, 67.2],
        "lab_deviation": [0.0, 0.0, 0.0],
    }
