"""One set of pictures that a version was measured on: its figures, beside those of the version before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from onboarding.evidence.charts.reliability import ReliabilityChart, reliability_chart
from onboarding.evidence.charts.whiskers import Line, WhiskerChart, whisker_chart
from onboarding.evidence.comparison import Comparison, compare, counted_pairs
from onboarding.evidence.figures import CalibrationBin, FieldFigures, Measure, read_figures
from onboarding.evidence.versions import Predecessor, evaluations_of
from onboarding.models import Evaluation, ModelVersion, RetrainRun

Pictures = Evaluation.Pictures

PANELS = (("accuracy", "percent"), ("macro_f1", "share"), ("calibration_error", "percent"))
MOST_PICTURES_OF_A_SMALL_SET = 100


@dataclass(frozen=True)
class FieldRow:
    figures: FieldFigures
    before: FieldFigures | None
    comparison: Comparison | None

    @property
    def bins(self) -> Sequence[CalibrationBin]:
        return self.figures.bins

    @cached_property
    def reliability(self) -> ReliabilityChart:
        return reliability_chart(self.bins)


@dataclass(frozen=True)
class PictureSet:
    """`others`: evaluations of the same version on other retrainings' held-out photos."""

    evaluation: Evaluation
    others: Sequence[Evaluation]
    rows: Sequence[FieldRow]
    before: ModelVersion | None

    @property
    def n(self) -> int:
        return max((row.figures.n for row in self.rows), default=0)

    @property
    def is_small(self) -> bool:
        return self.n < MOST_PICTURES_OF_A_SMALL_SET

    @property
    def comparisons(self) -> list[FieldRow]:
        return [row for row in self.rows if row.comparison]

    @property
    def has_pairs(self) -> bool:
        return any(row.comparison and row.comparison.pairs for row in self.rows)

    @cached_property
    def panels(self) -> list[WhiskerChart]:
        titles = {"accuracy": _("Accuracy"), "macro_f1": _("Macro-F1"), "calibration_error": _("Calibration error")}
        panels = ((name, titles[name], unit, self._lines(name)) for name, unit in PANELS)
        return [
            whisker_chart(title, lines, unit=unit, from_zero=name == "calibration_error")
            for name, title, unit, lines in panels
            if lines
        ]

    def _lines(self, name: str) -> list[Line]:
        measures: list[tuple[FieldRow, Measure | None]] = [(row, getattr(row.figures, name)) for row in self.rows]
        return [
            Line(str(row.figures.output.label), measure, getattr(row.before, name, None))
            for row, measure in measures
            if measure
        ]


def picture_sets(version: ModelVersion, predecessor: Predecessor, *, run: str = "") -> list[PictureSet]:
    """Every set that the version was measured on, in two queries; `run` picks a retraining's held-out photos."""
    earlier = predecessor.version
    rows = evaluations_of([version, *([earlier] if earlier else [])])
    found = [
        _Pair(version, predecessor, [row for row in rows if row.pictures == pictures], run) for pictures in Pictures
    ]
    pairs = [pair for pair in found if pair.chosen]
    wanted = [row.pk for pair in pairs for row in (pair.chosen, pair.before) if row]
    figures = dict(Evaluation.objects.filter(pk__in=wanted).values_list("pk", "figures"))
    return [pair.as_set(figures) for pair in pairs]


def chosen_evaluation(rows: Sequence[Evaluation], made_by: RetrainRun | None, wanted: str = "") -> Evaluation | None:
    """Of one set's evaluations: the wanted retraining's, else that of the one that made it, else the newest."""
    by_run = {str(row.run_id): row for row in rows}
    newest = max(rows, key=lambda row: row.pk, default=None)
    return by_run.get(wanted) or (by_run.get(str(made_by.pk)) if made_by else None) or newest


class _Pair:
    """The evaluations of a version and of its predecessor on the same pictures."""

    def __init__(self, version: ModelVersion, predecessor: Predecessor, rows: Sequence[Evaluation], run: str) -> None:
        self._predecessor = predecessor
        self._own = [row for row in rows if row.model_version_id == version.pk]
        self.chosen = chosen_evaluation(self._own, predecessor.run, run)
        theirs = [row for row in rows if row.model_version_id != version.pk]
        self.before = next((row for row in reversed(theirs) if self._is_comparable(row)), None)

    def _is_comparable(self, row: Evaluation) -> bool:
        """Sellers' photos are compared within one retraining only: the next one holds out other photos."""
        return row.pictures != Pictures.HELD_OUT or (self.chosen is not None and row.run_id == self.chosen.run_id)

    def as_set(self, documents: Mapping[int, Any]) -> PictureSet:
        assert self.chosen is not None
        before = read_figures(documents.get(self.before.pk)) if self.before else {}
        pairs = counted_pairs(self._report(self.chosen), self.chosen.pictures)
        rows = [
            FieldRow(each, before.get(output), compare(before.get(output), each, pairs.get(output.value)))
            for output, each in read_figures(documents.get(self.chosen.pk)).items()
        ]
        others = [row for row in self._own if row is not self.chosen]
        return PictureSet(self.chosen, others, rows, self._predecessor.version if before else None)

    def _report(self, chosen: Evaluation) -> Mapping[str, Any]:
        """The pairs that a retraining counted are about its own base and candidate, and about nothing else."""
        run = self._predecessor.run
        if run is None or chosen.run_id not in (None, run.pk):
            return {}
        return run.report if isinstance(run.report, Mapping) else {}
