"""Figures as people read them, in their language's way of writing numbers."""

from django import template
from django.utils.formats import number_format

from onboarding.evidence.figures import Measure

register = template.Library()

NOTHING = "–"
MINUS = "−"


@register.filter
def percent(value: float | None, places: int = 1) -> str:
    """0.9554 as "95.5 %"; a dash for what was not measured."""
    return NOTHING if value is None else f"{_rounded(100 * value, places)} %"


@register.filter
def share(value: float | None, places: int = 3) -> str:
    """0.70418 as "0.704"."""
    return NOTHING if value is None else _rounded(value, places)


@register.filter
def in_minutes(seconds: float) -> int:
    """Whole minutes; 0 for less than half of one."""
    return round(seconds / 60)


@register.filter
def points(value: float) -> str:
    """A difference of two shares in percentage points, always with its sign: 0.0042 as "+0.4"."""
    rounded = round(100 * value, 1)
    sign = MINUS if rounded < 0 else "+" if rounded > 0 else "±"
    return f"{sign}{_rounded(abs(rounded), 1)}"


@register.filter
def written(value: float | None, unit: str) -> str:
    """In a chart's unit: "percent" or "share"."""
    return percent(value) if unit == "percent" else share(value)


@register.filter
def interval(measure: Measure, unit: str) -> str:
    """ "94.9 – 96.0 %", "0.678 – 0.767"; nothing where no interval was measured."""
    if measure.low is None or measure.high is None:
        return ""
    if unit == "percent":
        return f"{_rounded(100 * measure.low, 1)} – {percent(measure.high)}"
    return f"{share(measure.low)} – {share(measure.high)}"


@register.filter
def on_axis(value: float, unit: str) -> str:
    return percent(value, 0) if unit == "percent" else share(value, 2)


def _rounded(value: float, places: int) -> str:
    """Django's own would cut the digits off."""
    return number_format(round(value, places), places)
