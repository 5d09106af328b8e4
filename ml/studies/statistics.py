"""What repeated runs tell: means with intervals, and how large a difference is beside what seeds alone make."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import optimize, stats

CONFIDENCE: Final = 0.95
_TAILS: Final = ((1 + CONFIDENCE) / 2, (1 - CONFIDENCE) / 2)


@dataclass(frozen=True)
class Estimate:
    """A mean over n values, their standard deviation, and the 95 % t interval of the mean; without width for n = 1."""

    mean: float
    sd: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Effect:
    """How large an effect is, with its 95 % interval: Cohen's d, or eta squared in [0, 1]."""

    size: float
    low: float
    high: float


@dataclass(frozen=True)
class Difference:
    """Mean of one group less that of another, Welch's 95 % interval, and Cohen's d (None without any spread)."""

    mean: float
    low: float
    high: float
    effect: Effect | None

    @property
    def is_beyond_chance(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


def estimate(values: Sequence[float]) -> Estimate:
    """Mean and interval of at least one value."""
    n, mean = len(values), float(np.mean(values))
    sd = float(np.std(values, ddof=1)) if n > 1 else 0.0
    width = stats.t.ppf(_TAILS[0], n - 1) * sd / math.sqrt(n) if n > 1 else 0.0
    return Estimate(mean, sd, float(mean - width), float(mean + width), n)


def difference(first: Sequence[float], second: Sequence[float]) -> Difference:
    """`first` against `second`; with fewer than two values on a side nothing is beyond chance."""
    mean = float(np.mean(first) - np.mean(second))
    if min(len(first), len(second)) < 2:
        return Difference(mean, -math.inf, math.inf, None)
    if not np.ptp(first) + np.ptp(second):
        return Difference(mean, mean, mean, None)
    low, high = stats.ttest_ind(first, second, equal_var=False).confidence_interval(CONFIDENCE)
    return Difference(mean, float(low), float(high), _cohens_d(first, second))


def eta_squared(groups: Sequence[Sequence[float]]) -> Effect | None:
    """Share of the variance that the groups explain (one-way ANOVA); None without spread or without repeats.

    The interval is that of the noncentral F distribution, as for Cohen's d of the noncentral t.
    """
    n, between = sum(map(len, groups)), len(groups) - 1
    within = n - len(groups)
    if not _can_be_told_apart(groups):
        return None
    f = float(stats.f_oneway(*groups).statistic)

    def share(noncentrality: float) -> float:
        return noncentrality / (noncentrality + n)

    low, high = (_noncentrality(lambda x: float(stats.ncf.cdf(f, between, within, x)), tail, 0.0) for tail in _TAILS)
    return Effect(f * between / (f * between + within), share(low), share(high))


def anova_p(groups: Sequence[Sequence[float]]) -> float | None:
    """P-value of the one-way F-test that all groups have one mean; None without spread or without repeats."""
    if not _can_be_told_apart(groups):
        return None
    return float(stats.f_oneway(*groups).pvalue)


def _can_be_told_apart(groups: Sequence[Sequence[float]]) -> bool:
    return 1 < len(groups) < sum(map(len, groups)) and any(np.ptp(group) for group in groups)


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values of several tests, corrected for being several (Holm 1979), in the order given."""
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(np.argsort(p_values)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted


def _cohens_d(first: Sequence[float], second: Sequence[float]) -> Effect:
    n, m = len(first), len(second)
    pooled = math.sqrt(((n - 1) * np.var(first, ddof=1) + (m - 1) * np.var(second, ddof=1)) / (n + m - 2))
    d, scale = float((np.mean(first) - np.mean(second)) / pooled), math.sqrt(1 / n + 1 / m)
    t = d / scale

    def below(noncentrality: float) -> float:
        return float(stats.nct.cdf(t, n + m - 2, noncentrality))

    low, high = (_noncentrality(below, tail, -math.inf) * scale for tail in _TAILS)
    return Effect(d, low, high)


def _noncentrality(below: Callable[[float], float], tail: float, least: float) -> float:
    """Where the share `below` what was seen falls to `tail`; the share falls as the noncentrality grows."""
    low, high = (max(least, -1.0), 1.0)
    while low > least and below(low) < tail:
        low *= 2
    while below(high) > tail:
        high *= 2
    if below(low) <= tail:
        return low
    return float(optimize.brentq(lambda x: below(x) - tail, low, high))
