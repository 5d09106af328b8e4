"""Active model against candidate on the very same pictures, and the gate between them.

The gate's rule. A report set decides field by field: a candidate may lose at most 0.3 points, or what chance does
on so few pictures where that is more: 1.96 standard errors of the paired difference, which follow from the pictures
that only one of the two gets right (McNemar's test), and one picture (Edwards' correction: without it four lost and
none gained would count as certain; a fair coin does that one time in eight). That leaves each small set its noise, so
the mean loss over all report sets and fields must not pass 0.3 points either. On the held-out labels, few and the very
thing to learn, the number of right fields must not fall and no field may lose more than chance explains.

A row of retrainings, each within its allowance, could still lose much together. So each candidate is also held to what
the network could do when it was trained: at most one point less, or what chance does on so few pictures.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np

from ml.evidence import Z
from ml.outcomes import Outcome

HELD_OUT: Final = "held_out"
ALLOWED_LOSS: Final = 0.003
ALLOWED_DRIFT: Final = 0.01

Reference = Mapping[str, Mapping[str, float]]
"""Accuracies of the network when it was trained, by report set and field."""


@dataclass(frozen=True)
class Comparison:
    """One field on one set of `n` pictures (`studio`, `phone`, `plain` or `held_out`).

    Accuracies in [0, 1] of the active model and of the candidate; how many pictures only the active model got
    right (`lost`) and only the candidate (`gained`).
    """

    pictures: str
    output: str
    n: int
    before: float
    after: float
    lost: int
    gained: int

    @property
    def loss(self) -> float:
        """How much accuracy the candidate loses; negative where it gains."""
        return (self.lost - self.gained) / self.n

    @property
    def chance(self) -> float:
        """The loss that chance explains: 1.96 standard errors of the paired difference, and one picture."""
        discordant, difference = self.lost + self.gained, self.lost - self.gained
        return (Z * sqrt(discordant - difference**2 / self.n) + 1) / self.n


@dataclass(frozen=True)
class Verdict:
    """Whether the candidate may take over; if not, the reasons, one sentence each."""

    is_not_worse: bool
    reasons: list[str]


def compare(pictures: str, before: Mapping[str, Outcome], after: Mapping[str, Outcome]) -> list[Comparison]:
    """One row per field that either model knows; a model without the field gets nothing right there."""
    rows = []
    for output in dict.fromkeys([*before, *after]):
        known = after.get(output) or before[output]
        nothing = np.zeros(len(known), dtype=np.bool_)
        old = before[output].hits if output in before else nothing
        new = after[output].hits if output in after else nothing
        lost, gained = int((old & ~new).sum()), int((new & ~old).sum())
        rows.append(Comparison(pictures, output, len(known), float(old.mean()), float(new.mean()), lost, gained))
    return rows


def verdict(comparisons: Iterable[Comparison], reference: Reference | None = None) -> Verdict:
    """The gate, by the rule above; without any report set the candidate is refused."""
    rows = list(comparisons)
    report = [row for row in rows if row.pictures != HELD_OUT]
    held_out = [row for row in rows if row.pictures == HELD_OUT]
    reasons = [*_report_reasons(report), *_drift_reasons(report, reference or {}), *_held_out_reasons(held_out)]
    return Verdict(not reasons, reasons)


def reference_of(comparisons: Iterable[Comparison]) -> dict[str, dict[str, float]]:
    """What the active model can do: the reference of its descendants, if it was not retrained itself."""
    reference: dict[str, dict[str, float]] = {}
    for row in comparisons:
        if row.pictures != HELD_OUT:
            reference.setdefault(row.pictures, {})[row.output] = row.before
    return reference


def _drift_reasons(rows: Sequence[Comparison], reference: Reference) -> list[str]:
    reasons = []
    for row in rows:
        once = reference.get(row.pictures, {}).get(row.output, 0.0)
        allowed = max(ALLOWED_DRIFT, Z * sqrt(once * (1 - once) / row.n))
        if once - row.after > allowed:
            name = row.output.replace("_", " ").capitalize()
            reasons.append(
                f"{name} on the report set ({row.pictures}): {once:.3f} when the network was trained, {row.after:.3f} "
                f"after this and earlier retrainings, where {_points(allowed)} points are allowed."
            )
    return reasons


def _report_reasons(rows: Sequence[Comparison]) -> list[str]:
    if not rows:
        return ["There is no report set to compare the models on."]
    reasons = [_sentence(row, allowed) for row in rows if row.loss > (allowed := max(ALLOWED_LOSS, row.chance))]
    mean_loss = sum(row.loss for row in rows) / len(rows)
    if mean_loss > ALLOWED_LOSS:
        reasons.append(
            f"All fields on the report set together: a mean loss of {_points(mean_loss)} points "
            f"where {_points(ALLOWED_LOSS)} are allowed."
        )
    return reasons


def _held_out_reasons(rows: Sequence[Comparison]) -> list[str]:
    reasons = [_sentence(row, row.chance) for row in rows if row.loss > row.chance]
    before, after = (round(sum(getattr(row, side) * row.n for row in rows)) for side in ("before", "after"))
    if after < before:
        total = sum(row.n for row in rows)
        reasons.append(f"All fields of the held-out labels together: {before} -> {after} right of {total}.")
    return reasons


def _sentence(row: Comparison, allowed: float) -> str:
    name = row.output.replace("_", " ")
    where = "on the held-out labels" if row.pictures == HELD_OUT else f"on the report set ({row.pictures})"
    return (
        f"{name} {where}: {row.before:.3f} -> {row.after:.3f}, "
        f"a loss of {_points(row.loss)} points where {_points(allowed)} are allowed."
    ).capitalize()


def _points(share: float) -> str:
    return f"{100 * share:.1f}"
