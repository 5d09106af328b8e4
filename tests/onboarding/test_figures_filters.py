"""How figures are written for people."""

from typing import Any

import pytest
from django.utils.translation import override

from onboarding.evidence.figures import Measure
from onboarding.templatetags.figures import interval, on_axis, percent, points, share, written


@pytest.mark.parametrize(
    ("value", "expected"), [(0.95504, "95.5 %"), (0.98667, "98.7 %"), (1.0, "100.0 %"), (0.0, "0.0 %"), (None, "–")]
)
def test_shares_are_written_in_percent_rounded_and_never_cut(value: float | None, expected: str) -> None:
    assert percent(value) == expected


def test_scores_are_written_with_three_digits() -> None:
    assert [share(value) for value in (0.70418, 0.5796, None)] == ["0.704", "0.580", "–"]


@pytest.mark.parametrize(
    ("value", "expected"), [(0.0042, "+0.4"), (-0.0042, "−0.4"), (0.0, "±0.0"), (0.0004, "±0.0"), (-0.1, "−10.0")]
)
def test_differences_always_have_a_sign(value: float, expected: str) -> None:
    assert points(value) == expected


def test_intervals_are_written_from_to() -> None:
    assert interval(Measure(0.5, 0.494, 0.512), "percent") == "49.4 – 51.2 %"
    assert interval(Measure(0.5, 0.494, 0.5125), "share") == "0.494 – 0.512"
    assert interval(Measure(0.5), "percent") == ""


def test_charts_write_in_their_unit() -> None:
    assert (written(0.5, "percent"), written(0.5, "share")) == ("50.0 %", "0.500")
    assert (on_axis(0.5, "percent"), on_axis(0.5, "share")) == ("50 %", "0.50")


def test_numbers_follow_the_language(settings: Any) -> None:
    with override("de"):
        assert (percent(0.955), share(0.704), points(-0.01)) == ("95,5 %", "0,704", "−1,0")
