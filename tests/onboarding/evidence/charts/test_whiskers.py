"""Dots and whiskers: this version above the one before."""

from onboarding.evidence.charts.whiskers import PLOT, ROW_HEIGHT, TOP, Line, Mark, whisker_chart
from onboarding.evidence.figures import Measure

LEFT, RIGHT = PLOT
MIDDLE = (LEFT + RIGHT) / 2


def test_a_figure_alone_stands_in_the_middle_of_its_row() -> None:
    chart = whisker_chart("Accuracy", [Line("Colour", Measure(0.5, 0.0, 1.0))])
    (row,) = chart.rows
    y = TOP + ROW_HEIGHT / 2
    assert (row.label, row.value, row.before) == ("Colour", 0.5, None)
    assert row.mark == Mark(MIDDLE, y, LEFT, RIGHT)
    assert [tick.value for tick in chart.ticks] == [0, 0.5, 1]


def test_two_versions_stand_one_above_the_other_on_the_same_axis() -> None:
    chart = whisker_chart("Accuracy", [Line("Colour", Measure(1.0, 0.0, 1.0), before=Measure(0.5, 0.0, 1.0))])
    (row,) = chart.rows
    assert row.before is not None
    assert row.mark.y < row.y < row.before.y
    assert (row.mark.x, row.before.x) == (RIGHT, MIDDLE)


def test_a_figure_without_interval_has_no_whisker() -> None:
    (row,) = whisker_chart("Accuracy", [Line("Colour", Measure(0.5))]).rows
    assert row.mark.left == row.mark.x == row.mark.right


def test_a_figure_outside_its_own_interval_is_still_reached_by_the_whisker() -> None:
    (row,) = whisker_chart("Calibration", [Line("Colour", Measure(0.01, 0.02, 0.05))]).rows
    assert row.mark.left == row.mark.x < row.mark.right


def test_the_chart_grows_with_its_rows() -> None:
    lines = [Line(str(n), Measure(0.5)) for n in range(7)]
    chart = whisker_chart("Accuracy", lines)
    assert [row.y for row in chart.rows] == [TOP + ROW_HEIGHT * (n + 0.5) for n in range(7)]
    assert chart.floor == TOP + ROW_HEIGHT * 7
    assert chart.height > chart.floor


def test_errors_are_drawn_from_zero_on() -> None:
    chart = whisker_chart("Calibration", [Line("Colour", Measure(0.05, 0.04, 0.06))], from_zero=True)
    assert chart.ticks[0] == (LEFT, 0)
