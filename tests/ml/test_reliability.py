from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

import pytest

from ml.reliability import reliability_diagrams

SVG = "{http://www.w3.org/2000/svg}"


def bin_of(low: float, n: int, confidence: float, accuracy: float) -> dict[str, Any]:
    interval = [max(0.0, accuracy - 0.1), min(1.0, accuracy + 0.1)]
    return {"from": low, "to": low + 0.1, "n": n, "confidence": confidence, "accuracy": accuracy, "interval": interval}


def figures(bins: Sequence[dict[str, Any]]) -> dict[str, Any]:
    count = sum(each["n"] for each in bins)
    return {"n": count, "bins": bins, "calibration_error": 0.0123, "calibration_error_interval": [0.01, 0.02]}


FIELD = figures([bin_of(0.5, 100, 0.55, 0.5), bin_of(0.9, 400, 0.95, 1.0)])


def parsed(by_field: dict[str, Any], name: str = "studio") -> ElementTree.Element:
    return ElementTree.fromstring(reliability_diagrams(name, by_field))


def marks(drawing: ElementTree.Element, tag: str, kind: str) -> list[ElementTree.Element]:
    return [mark for mark in drawing.iter(SVG + tag) if mark.get("class") == kind]


def numbers(mark: ElementTree.Element, *names: str) -> list[float]:
    return [float(mark.attrib[name]) for name in names]


def test_dot_stands_at_confidence_and_accuracy_and_its_area_counts_pictures() -> None:
    few, many = marks(parsed({"colour": FIELD}), "circle", "dot")
    assert numbers(few, "cx", "cy") == [122.5, 119]
    assert numbers(many, "cx", "cy") == [182.5, 44]
    assert (numbers(many, "r"), numbers(few, "r")) == ([6.5], [3.2])


def test_whisker_spans_the_interval() -> None:
    whiskers = marks(parsed({"colour": FIELD}), "line", "whisker")
    assert [numbers(each, "x1", "x2", "y1", "y2") for each in whiskers] == [
        [122.5, 122.5, 134, 104],
        [182.5, 182.5, 59, 44],
    ]


def test_diagonal_runs_from_corner_to_corner_of_a_square_grid() -> None:
    drawing = parsed({"colour": FIELD})
    assert [numbers(each, "x1", "y1", "x2", "y2") for each in marks(drawing, "line", "diagonal")] == [
        [40, 194, 190, 44]
    ]
    assert len(marks(drawing, "line", "grid")) == 6
    assert sorted(text.text or "" for text in marks(drawing, "text", "tick") if "%" in (text.text or "")) == sorted(
        ["0%", "50%", "100%"] * 2 + ["line: its 95 % interval"]
    )


def test_bars_show_the_pictures_of_each_bin_by_square_root() -> None:
    bars = marks(parsed({"colour": FIELD}), "rect", "bar")
    assert [numbers(bar, "x", "y", "width", "height") for bar in bars] == [
        [115.5, 211, 14, 13],
        [175.5, 198, 14, 26],
    ]


def test_single_picture_is_still_seen() -> None:
    drawing = parsed({"colour": figures([bin_of(0.1, 1, 0.15, 0.0), bin_of(0.9, 9_999, 0.95, 0.9)])})
    assert numbers(marks(drawing, "circle", "dot")[0], "r") == [2]
    assert numbers(marks(drawing, "rect", "bar")[0], "height") == [1]


def test_words_give_field_error_with_interval_and_counts() -> None:
    words = [text.text for text in parsed({"colour": FIELD}).iter(SVG + "text")]
    assert words[:2] == ["colour", "error 0.012 (0.010–0.020)"]
    assert "n 500, fullest bin 400" in words


@pytest.mark.parametrize(("fields", "rows"), [(1, 1), (3, 1), (4, 2), (7, 2), (8, 3)])
def test_legend_always_finds_a_place_beside_four_in_a_row(fields: int, rows: int) -> None:
    drawing = parsed({f"field {number}": FIELD for number in range(fields)})
    assert drawing.get("viewBox") == f"0 0 800 {262 * rows}"
    places = [group.get("transform") for group in drawing.iter(SVG + "g")]
    assert len(set(places)) == fields + 1
    last_row, last_column = divmod(fields, 4)
    assert places[-1] == f"translate({200 * last_column} {262 * last_row})"


def test_drawing_brings_its_own_ground_for_light_and_dark_pages() -> None:
    text = reliability_diagrams("studio", {"colour": FIELD})
    light, _, dark = text.partition("@media (prefers-color-scheme: dark)")
    assert [part.count(".ground { fill: #") for part in (light, dark)] == [1, 1]
    assert numbers(marks(parsed({"colour": FIELD}), "rect", "ground")[0], "width", "height") == [800, 262]


def test_names_are_escaped() -> None:
    title = parsed({"a < b": FIELD}, "R&D").find(f"{SVG}title")
    assert title is not None
    assert title.text == "How often it is right at which confidence: R&D"
