"""The reliability diagram."""

from onboarding.evidence.charts.reliability import LARGEST, SMALLEST, X, Y, reliability_chart
from onboarding.evidence.figures import CalibrationBin, Measure


def test_a_bin_that_is_right_as_often_as_it_says_lies_on_the_diagonal() -> None:
    (dot,) = reliability_chart([CalibrationBin(0.4, 0.6, 10, 0.5, Measure(0.5, 0.25, 0.75))]).dots
    assert dot.x == (X.start + X.end) / 2
    assert dot.y == (Y.start + Y.end) / 2
    assert (dot.low, dot.high) == (Y.at(0.25), Y.at(0.75))
    assert dot.low > dot.y > dot.high


def test_dots_grow_with_the_number_of_pictures_and_stay_visible() -> None:
    bins = [CalibrationBin(0, 0.1, n, 0.05, Measure(0.1)) for n in (1, 2_500, 10_000)]
    assert [dot.radius for dot in reliability_chart(bins).dots] == [SMALLEST, round(LARGEST / 2, 1), LARGEST]


def test_a_bin_without_interval_has_no_whisker() -> None:
    (dot,) = reliability_chart([CalibrationBin(0, 1, 3, 0.5, Measure(0.3))]).dots
    assert dot.low == dot.y == dot.high


def test_without_bins_the_diagram_is_empty() -> None:
    chart = reliability_chart([])
    assert list(chart.dots) == []
    assert [tick.value for tick in chart.x_ticks] == [tick.value for tick in chart.y_ticks] == [0, 0.5, 1]
