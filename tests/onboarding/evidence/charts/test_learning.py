"""The history of a training, as charts."""

from typing import Any

import pytest

from onboarding.evidence.charts.learning import X_ENDS, Y_ENDS, learning_of

HISTORY = [
    {"epoch": 1, "loss": 2.5, "sub_category_phone": 0.9, "colour": 0.6},
    {"epoch": 2, "loss": 2.0, "sub_category_phone": 0.95, "colour": 0.7},
    {"epoch": 3, "loss": 1.5, "sub_category_phone": 0.92, "colour": 0.8},
]


def test_each_figure_has_a_chart_with_a_name_for_people() -> None:
    learning = learning_of({"history": HISTORY})
    assert learning.times == [1, 2, 3]
    assert [(chart.label, chart.unit) for chart in learning.charts] == [
        ("loss", "share"),
        ("Subcategory, phone photos", "percent"),
        ("Colour", "percent"),
    ]
    assert learning.charts[1].values == [0.9, 0.95, 0.92]


def test_the_line_goes_from_edge_to_edge_and_from_the_lowest_to_the_highest_value() -> None:
    chart = learning_of({"history": HISTORY}).charts[0]
    left, right, low, high = map(float, (*X_ENDS, *Y_ENDS))
    assert chart.line == f"{left},{high} {(left + right) / 2},{(low + high) / 2} {right},{low}"


def test_numbers_stand_off_the_line() -> None:
    first, *_between, last = learning_of({"history": HISTORY}).charts[0].points
    assert (first.label_shift < 0, last.label_shift > 0) == (True, True)


def test_a_single_epoch_is_a_single_dot() -> None:
    (chart,) = learning_of({"history": [{"epoch": 1, "colour": 0.5}]}).charts
    assert [tuple(point) for point in chart.points] == [(X_ENDS[0], Y_ENDS[0], 0.5)]


def test_gaps_stay_gaps_in_the_table() -> None:
    (chart,) = learning_of({"history": [{"colour": 0.5}, {}, {"colour": 0.7}]}).charts
    assert chart.values == [0.5, None, 0.7]
    assert [point.value for point in chart.points] == [0.5, 0.7]


def test_entries_without_an_epoch_are_counted() -> None:
    assert learning_of({"history": [{"colour": 0.5}, {"step": 40, "colour": 0.6}]}).times == [1, 40]


def test_a_name_that_nobody_knows_is_shown_as_it_is() -> None:
    charts = learning_of({"history": [{"learning_rate": 3.0, "colour_drawings": 0.5}]}).charts
    assert [chart.label for chart in charts] == ["learning rate", "colour drawings"]


@pytest.mark.parametrize("history", [None, {}, [], "x", [1, None], [{"epoch": 1}], [{"loss": "low"}], [{"loss": None}]])
def test_an_odd_history_makes_no_charts(history: Any) -> None:
    assert list(learning_of({"history": history}).charts) == []
    assert list(learning_of({}).charts) == []
