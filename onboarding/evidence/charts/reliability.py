"""The reliability diagram: where the network says 80 %, is it right in 80 of 100? Dots on the diagonal say so."""

from collections.abc import Sequence
from dataclasses import dataclass

from onboarding.evidence.charts.axis import Axis, Tick
from onboarding.evidence.figures import CalibrationBin

SIZE = 220
X = Axis(0, 1, 40, 212)
Y = Axis(0, 1, 192, 8)
SMALLEST, LARGEST = 2.0, 6.5  # radius of a dot; its area grows with the number of pictures


@dataclass(frozen=True)
class Dot:
    """One bin; the whisker goes from `low` up to `high`."""

    x: float
    y: float
    radius: float
    low: float
    high: float


@dataclass(frozen=True)
class ReliabilityChart:
    dots: Sequence[Dot]
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]
    size: int = SIZE
    left: float = X.start
    right: float = X.end
    top: float = Y.end
    floor: float = Y.start


def reliability_chart(bins: Sequence[CalibrationBin]) -> ReliabilityChart:
    most = max((each.n for each in bins), default=1)
    dots = [_dot(each, most) for each in bins]
    return ReliabilityChart(dots, X.ticks(3), Y.ticks(3))


def _dot(each: CalibrationBin, most: int) -> Dot:
    accuracy = each.accuracy
    low = accuracy.value if accuracy.low is None else accuracy.low
    high = accuracy.value if accuracy.high is None else accuracy.high
    radius = round(max(SMALLEST, LARGEST * (each.n / most) ** 0.5), 1)
    return Dot(X.at(each.confidence), Y.at(accuracy.value), radius, Y.at(low), Y.at(high))
