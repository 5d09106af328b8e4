"""Places on an axis, and round ticks."""

import pytest

from onboarding.evidence.charts.axis import Axis, Tick, share_axis, step_of


def test_values_lie_between_the_ends_in_proportion() -> None:
    axis = Axis(0.5, 1.0, 100, 300)
    assert [axis.at(value) for value in (0.5, 0.75, 1.0)] == [100, 200, 300]


def test_an_axis_may_run_upwards() -> None:
    assert [Axis(0, 1, 200, 0).at(value) for value in (0, 0.25, 1)] == [200, 150, 0]


def test_what_lies_beyond_is_drawn_at_the_edge() -> None:
    assert [Axis(0, 1, 0, 10).at(value) for value in (-3, 7)] == [0, 10]


def test_an_axis_without_length_puts_everything_at_its_start() -> None:
    assert Axis(0.4, 0.4, 10, 20).at(0.4) == 10


def test_ticks_are_round_values_within_the_axis() -> None:
    assert Axis(0, 1, 0, 100).ticks(3) == [Tick(0, 0), Tick(50, 0.5), Tick(100, 1)]
    assert [tick.value for tick in Axis(0.62, 0.98, 0, 100).ticks()] == [0.7, 0.8, 0.9]


@pytest.mark.parametrize(
    ("span", "expected"), [(0.03, 0.01), (0.1, 0.05), (0.35, 0.1), (1.0, 0.5), (2.0, 0.5), (30, 10), (0, 0.01)]
)
def test_steps_are_round_and_leave_few_ticks(span: float, expected: float) -> None:
    assert step_of(span, 5) == expected


def test_an_axis_of_shares_has_round_ends_around_all_values() -> None:
    axis = share_axis([0.672, 0.955], 0, 100)
    assert [axis.low, axis.high] == pytest.approx([0.6, 1.0])
    assert share_axis([0.012, 0.036], 0, 100, from_zero=True).low == 0


@pytest.mark.parametrize("values", [[], [0.0], [1.0], [0.5, 0.5], [0.999, 1.0]])
def test_an_axis_of_shares_is_never_without_length_and_stays_within_0_and_1(values: list[float]) -> None:
    axis = share_axis(values, 0, 100)
    assert 0 <= axis.low < axis.high <= 1
    assert 2 <= len(axis.ticks()) <= 6
