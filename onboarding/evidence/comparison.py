"""Whether one version did better than another on the same pictures, and whether that is more than chance."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from onboarding.evidence.figures import FieldFigures, as_number
from onboarding.models import Evaluation, Prediction

CHANCE = 0.05


class Verdict(models.TextChoices):
    BETTER = "better", _("better")
    WORSE = "worse", _("worse")
    CHANCE = "chance", _("no more than chance")
    UNKNOWN = "unknown", _("cannot be told")


@dataclass(frozen=True)
class Pairs:
    """How many pictures only one of two versions reads rightly."""

    only_before: int
    only_after: int

    @property
    def verdict(self) -> Verdict:
        """McNemar's exact test: were both equally good, each of these pictures would be a toss of a coin."""
        if chance_of_split(self.only_before, self.only_after) >= CHANCE:
            return Verdict.CHANCE
        return Verdict.BETTER if self.only_after > self.only_before else Verdict.WORSE


@dataclass(frozen=True)
class Comparison:
    """Accuracy before and after, in [0, 1]; `pairs` where both were measured picture by picture."""

    before: float
    after: float
    verdict: Verdict
    pairs: Pairs | None = None

    @property
    def difference(self) -> float:
        return self.after - self.before


def chance_of_split(one: int, other: int) -> float:
    """Probability that so many tosses of a fair coin fall at least as unevenly (two-sided, exact)."""
    tosses, fewer = one + other, min(one, other)
    ways = total = 1  # to have 0 heads, 1 head, ...
    for heads in range(fewer):
        ways = ways * (tosses - heads) // (heads + 1)
        total += ways
    return min(1.0, total / (1 << tosses - 1)) if tosses else 1.0


def compare(before: FieldFigures | None, after: FieldFigures, counted: Pairs | None = None) -> Comparison | None:
    """Compares one field. `counted`: pairs that were counted when both were measured, for where no errors are named.

    Without pairs only intervals that do not touch tell a difference; touching ones leave the question open.
    """
    if before is None or before.accuracy is None or after.accuracy is None:
        return None
    values = before.accuracy.value, after.accuracy.value
    pairs = pairs_by_misses(before, after) or counted
    if pairs:
        return Comparison(*values, pairs.verdict, pairs)
    if not after.accuracy.is_apart_from(before.accuracy):
        return Comparison(*values, Verdict.UNKNOWN)
    return Comparison(*values, Verdict.BETTER if values[1] > values[0] else Verdict.WORSE)


def pairs_by_misses(before: FieldFigures, after: FieldFigures) -> Pairs | None:
    """Pairs from the names of the pictures that each got wrong; None unless both lists are of the same pictures."""
    if before.n != after.n or not (_are_all(before) and _are_all(after)):
        return None
    if any(cell_counts(before)[value] != n for value, n in cell_counts(after).items()):
        return None
    was_wrong, is_wrong = ({miss.picture for miss in each.misses} for each in (before, after))
    return Pairs(only_before=len(is_wrong - was_wrong), only_after=len(was_wrong - is_wrong))


def _are_all(figures: FieldFigures) -> bool:
    """Whether the list of errors names each picture once and leaves none out."""
    wrong = sum(cell.n for cell in figures.cells if not cell.is_right)
    return len({miss.picture for miss in figures.misses}) == len(figures.misses) == wrong


def cell_counts(figures: FieldFigures) -> Counter[str]:
    """Pictures by actual value."""
    counts: Counter[str] = Counter()
    for cell in figures.cells:
        counts[cell.actual] += cell.n
    return counts


def counted_pairs(report: Mapping[str, Any], pictures: str) -> dict[str, Pairs]:
    """Pairs by output, from the report of a retraining."""
    return {row.field: row.pairs for row in comparison_rows(report) if row.pictures == pictures}


@dataclass(frozen=True)
class ReportedComparison:
    """One line of a retraining's report. Shares are in [0, 1]."""

    pictures: str
    field: str
    n: int
    before: float
    after: float
    pairs: Pairs

    @property
    def difference(self) -> float:
        return self.after - self.before

    @property
    def field_label(self) -> str:
        return str(dict(Prediction.Output.choices).get(self.field, self.field))

    @property
    def pictures_label(self) -> str:
        return str(dict(Evaluation.Pictures.choices).get(self.pictures, self.pictures))


def comparison_rows(report: object) -> list[ReportedComparison]:
    """The comparison that a retraining reported; lines that cannot be read are left out."""
    rows = report.get("comparison") if isinstance(report, Mapping) else None
    return [each for row in (rows if isinstance(rows, list) else ()) if (each := _reported(row))]


def _reported(row: object) -> ReportedComparison | None:
    if not isinstance(row, Mapping):
        return None
    numbers = [as_number(row.get(name)) for name in ("n", "before", "after", "only_before", "only_after")]
    n, before, after, only_before, only_after = numbers
    if n is None or before is None or after is None or only_before is None or only_after is None:
        return None
    pairs = Pairs(max(0, int(only_before)), max(0, int(only_after)))
    return ReportedComparison(str(row.get("pictures")), str(row.get("field")), int(n), before, after, pairs)
