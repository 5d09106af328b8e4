"""A linear scale from values to places, with round ticks."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


class Tick(NamedTuple):
    at: float
    value: float


@dataclass(frozen=True)
class Axis:
    """Values from `low` to `high` lie from `start` to `end`; what lies beyond is drawn at the edge."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1)
        return round(self.start + (self.end - self.start) * min(1.0, max(0.0, share)), 1)

    def ticks(self, most: int = 5) -> list[Tick]:
        """Round values between the ends, `most` at the most."""
        step = step_of(self.high - self.low, most)
        first, last = math.ceil(self.low / step - 1e-6), math.floor(self.high / step + 1e-6)
        return [Tick(self.at(number * step), round(number * step, 4)) for number in range(first, last + 1)]


def step_of(span: float, most: int) -> float:
    """The smallest round step that fits at most `most` ticks into a span."""
    fitting = (step for step in STEPS if span / step <= most - 1 + 1e-6)
    return next(fitting, 10 ** math.ceil(math.log10(max(span, 1) / (most - 1))))


def share_axis(values: Iterable[float], start: float, end: float, *, from_zero: bool = False) -> Axis:
    """An axis for shares in [0, 1] that begins and ends at round values around all of `values`."""
    found = list(values) or [0.0, 1.0]
    low, high = (0.0 if from_zero else min(found)), max(found)
    step = step_of(max(high - low, 0.04), 5)
    low, high = math.floor(low / step + 1e-6) * step, math.ceil(high / step - 1e-6) * step
    high = min(1.0, max(high, low + step))
    return Axis(max(0.0, min(low, high - step)), high, start, end)
