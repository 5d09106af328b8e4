"""Reading stored figures: exactly what is there, and nothing that is odd."""

from typing import Any

import pytest

from onboarding.evidence.figures import (
    CalibrationBin,
    Cell,
    Measure,
    Miss,
    Output,
    ValueFigures,
    as_number,
    read_figures,
)
from tests.onboarding.evidence.documents import ODD_DOCUMENTS, field_document


def test_a_field_is_read_with_its_intervals() -> None:
    (figures,) = read_figures({"sub_category": field_document()}).values()
    assert (figures.output, figures.n) == (Output.SUB_CATEGORY, 10)
    assert figures.accuracy == Measure(0.7, 0.5, 0.9)
    assert figures.macro_f1 == Measure(0.5, 0.4, 0.6)
    assert figures.calibration_error == Measure(0.03, 0.01, 0.05)
    assert (figures.top_3, figures.coverage, figures.precision) == (1.0, 0.9, 0.8)


def test_the_long_lists_are_read_as_rows() -> None:
    figures = read_figures({"sub_category": field_document()})[Output.SUB_CATEGORY]
    assert figures.bins == [CalibrationBin(0.8, 0.8667, 10, 0.84, Measure(0.7, 0.4, 0.9))]
    assert figures.cells[0] == Cell("Topwear", "Dress", 2)
    assert [cell.is_right for cell in figures.cells] == [False, False, True, True]
    assert figures.values == [
        ValueFigures("Topwear", 8, 6, 6 / 7, 0.75, 0.8),
        ValueFigures("Dress", 2, 1, 1 / 3, 0.5, 0.4),
    ]
    assert [value.wrong for value in figures.values] == [2, 1]
    assert figures.known_values == {"Topwear", "Dress"}


def test_errors_are_the_surest_first_however_they_were_stored() -> None:
    errors = [["a.jpg", "Red", "Blue", 0.5], ["b.jpg", "Red", "Blue", 0.9]]
    figures = read_figures({"colour": field_document(errors=errors)})[Output.COLOUR]
    assert figures.misses == [Miss("b.jpg", "Red", "Blue", 0.9), Miss("a.jpg", "Red", "Blue", 0.5)]


def test_fields_come_in_the_order_of_the_networks_outputs() -> None:
    document = {name: field_document() for name in ("usage", "colour", "master_category", "sub_category")}
    assert list(read_figures(document)) == ["master_category", "sub_category", "colour", "usage"]


@pytest.mark.parametrize("document", ODD_DOCUMENTS.values(), ids=ODD_DOCUMENTS)
def test_nothing_odd_in_a_document_breaks_reading_it(document: Any) -> None:
    for figures in read_figures(document).values():
        assert figures.n > 0
        assert all(0 <= each.confidence <= 1 for each in figures.bins)
        assert all(cell.n > 0 for cell in figures.cells)
        assert {miss.actual for miss in figures.misses} <= figures.known_values
        assert all(value.right <= value.n for value in figures.values)


def test_what_cannot_be_read_is_left_out_and_the_rest_stays() -> None:
    figures = read_figures(ODD_DOCUMENTS["odd types"])[Output.COLOUR]
    assert (figures.accuracy, figures.macro_f1, figures.calibration_error) == (None, None, None)
    assert (figures.bins, figures.cells, figures.misses) == ([], [], [])
    assert figures.values == [ValueFigures("Red", 0, 0, None, None, None)]


@pytest.mark.parametrize(
    "document", [None, [], "x", 3, {"colour": None}, {"colour": {"n": 0}}, {"colour": {"n": True}}]
)
def test_what_holds_no_pictures_holds_no_figures(document: object) -> None:
    assert read_figures(document) == {}


@pytest.mark.parametrize("bounds", [None, [], [0.1], [0.9, 0.1], ["a", "b"], [None, 1], [float("nan"), 1]])
def test_a_figure_without_a_usable_interval_stands_alone(bounds: object) -> None:
    figures = read_figures({"colour": field_document(accuracy_interval=bounds)})[Output.COLOUR]
    assert figures.accuracy == Measure(0.7)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, 1.0), (0.5, 0.5), (True, None), ("1", None), (None, None), (float("nan"), None), (float("inf"), None)],
)
def test_only_finite_numbers_are_numbers(value: object, expected: float | None) -> None:
    assert as_number(value) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Measure(0.5, 0.4, 0.6), Measure(0.8, 0.7, 0.9), True),
        (Measure(0.8, 0.7, 0.9), Measure(0.5, 0.4, 0.6), True),
        (Measure(0.5, 0.4, 0.6), Measure(0.65, 0.6, 0.7), False),
        (Measure(0.5, 0.4, 0.6), Measure(0.9), None),
        (Measure(0.5), Measure(0.9, 0.8, 1.0), None),
    ],
)
def test_two_figures_are_apart_only_if_their_intervals_do_not_touch(
    one: Measure, other: Measure, expected: bool | None
) -> None:
    assert one.is_apart_from(other) is expected
