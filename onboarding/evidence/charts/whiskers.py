"""Dots with whiskers: a figure of each field with its interval, this version's above the one before."""

from collections.abc import Sequence
from dataclasses import dataclass

from onboarding.evidence.charts.axis import Axis, Tick, share_axis
from onboarding.evidence.figures import Measure

WIDTH = 360
ROW_HEIGHT = 34
TOP, BOTTOM = 6, 22
PLOT = (108, 304)
APART = 5  # of the two versions in a row


@dataclass(frozen=True)
class Mark:
    """A dot at (`x`, `y`), its whisker from `left` to `right`."""

    x: float
    y: float
    left: float
    right: float


@dataclass(frozen=True)
class WhiskerRow:
    label: str
    y: float
    value: float
    mark: Mark
    before: Mark | None


@dataclass(frozen=True)
class WhiskerChart:
    title: str
    unit: str
    height: float
    ticks: Sequence[Tick]
    rows: Sequence[WhiskerRow]
    width: int = WIDTH
    plot: tuple[int, int] = PLOT

    @property
    def floor(self) -> float:
        """Where the rows end and the axis begins."""
        return self.height - BOTTOM


@dataclass(frozen=True)
class Line:
    """What one row shows."""

    label: str
    measure: Measure
    before: Measure | None = None


def whisker_chart(title: str, lines: Sequence[Line], *, unit: str = "percent", from_zero: bool = False) -> WhiskerChart:
    """`unit`: how values are written, "percent" or "share"."""
    measures = [measure for line in lines for measure in (line.measure, line.before) if measure]
    axis = share_axis([end for each in measures for end in _ends(each)], *PLOT, from_zero=from_zero)
    rows = [_row(line, TOP + ROW_HEIGHT * (number + 0.5), axis) for number, line in enumerate(lines)]
    return WhiskerChart(title, unit, TOP + ROW_HEIGHT * len(lines) + BOTTOM, axis.ticks(), rows)


def _row(line: Line, y: float, axis: Axis) -> WhiskerRow:
    shift = APART if line.before else 0
    before = _mark(line.before, y + shift, axis) if line.before else None
    return WhiskerRow(line.label, y, line.measure.value, _mark(line.measure, y - shift, axis), before)


def _mark(measure: Measure, y: float, axis: Axis) -> Mark:
    left, right = _ends(measure)
    return Mark(axis.at(measure.value), y, axis.at(left), axis.at(right))


def _ends(measure: Measure) -> tuple[float, float]:
    """The interval; where none was measured, the figure itself."""
    if measure.low is None or measure.high is None:
        return measure.value, measure.value
    return min(measure.low, measure.value), max(measure.high, measure.value)
