"""Versions and retrainings as the pages list them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from onboarding.evidence.comparison import ReportedComparison, comparison_rows
from onboarding.evidence.figures import Measure, Output, as_number
from onboarding.models import Evaluation, ModelVersion, RetrainRun

Pictures = Evaluation.Pictures
HEADLINES = (
    (Pictures.STUDIO, Output.SUB_CATEGORY),
    (Pictures.PHONE, Output.SUB_CATEGORY),
    (Pictures.HELD_OUT, Output.SUB_CATEGORY),
    (Pictures.STUDIO, Output.COLOUR),
    (Pictures.HELD_OUT, Output.COLOUR),
)


@dataclass(frozen=True)
class Predecessor:
    """The version that another is compared with, and the retraining that made the other, if one did."""

    version: ModelVersion | None
    run: RetrainRun | None


@dataclass(frozen=True)
class VersionRow:
    """`headlines` in the order of `HEADLINES`: accuracy with its interval, None where it was not measured."""

    version: ModelVersion
    headlines: Sequence[Measure | None]


@dataclass(frozen=True)
class RunRow:
    run: RetrainRun
    is_stalled: bool
    reasons: Sequence[str]
    facts: Sequence[tuple[str, str]]
    comparison: Sequence[ReportedComparison]


def predecessor_of(version: ModelVersion) -> Predecessor:
    """What the version was retrained from; else what was active before it; else, for one never active, what is now."""
    run = made_by(version)
    if run:
        return Predecessor(run.base, run)
    earlier = ModelVersion.objects.exclude(pk=version.pk).exclude(activated_at=None)
    if version.activated_at:
        earlier = earlier.filter(activated_at__lt=version.activated_at)
    return Predecessor(earlier.order_by("-activated_at", "-pk").first(), None)


def made_by(version: ModelVersion) -> RetrainRun | None:
    """The retraining whose candidate the version is."""
    return RetrainRun.objects.filter(candidate=version).select_related("base", "candidate").order_by("-pk").first()


def evaluations_of(versions: Iterable[ModelVersion]) -> list[Evaluation]:
    """In order, without their figures: a version may have been the base of many retrainings."""
    rows = Evaluation.objects.filter(model_version__in=[version.pk for version in versions])
    return list(rows.defer("figures").select_related("run").order_by("pk"))


def version_rows(versions: Sequence[ModelVersion]) -> list[VersionRow]:
    """Headline figures, read out of the stored documents by the database, in one query.

    Of several retrainings' held-out photos the newest speak.
    """
    found: dict[tuple[int, str, str], Measure | None] = {}
    for row in _headline_figures(versions):
        for output in (Output.SUB_CATEGORY, Output.COLOUR):
            key = row["model_version_id"], row["pictures"], output.value
            found[key] = _measure(row[output.value], row[f"{output.value}_interval"]) or found.get(key)
    return [
        VersionRow(version, [found.get((version.pk, pictures.value, output.value)) for pictures, output in HEADLINES])
        for version in versions
    ]


def _headline_figures(versions: Sequence[ModelVersion]) -> list[dict[str, Any]]:
    wanted = {
        f"{output.value}{suffix}": F(f"figures__{output.value}__accuracy{suffix}")
        for output in (Output.SUB_CATEGORY, Output.COLOUR)
        for suffix in ("", "_interval")
    }
    rows = Evaluation.objects.filter(model_version__in=[version.pk for version in versions]).order_by("pk")
    return [dict(row) for row in rows.values("model_version_id", "pictures", **wanted)]


def _measure(value: object, interval: object) -> Measure | None:
    number = as_number(value)
    if number is None:
        return None
    bounds = [as_number(bound) for bound in interval] if isinstance(interval, list) else []
    return Measure(number, *bounds) if len(bounds) == 2 and None not in bounds else Measure(number)


def run_rows(runs: Iterable[RetrainRun], *, now: datetime | None = None) -> list[RunRow]:
    return [run_row(run, now=now) for run in runs]


def run_row(run: RetrainRun, *, now: datetime | None = None) -> RunRow:
    """A run that stopped renewing its lease is stalled: its process has died without a word."""
    report = run.report if isinstance(run.report, Mapping) else {}
    reasons = report.get("reasons")
    return RunRow(
        run=run,
        is_stalled=run.state == RetrainRun.State.RUNNING and run.lease_until < (now or timezone.now()),
        reasons=[str(reason) for reason in reasons] if isinstance(reasons, list) else [],
        facts=_facts(report.get("snapshot")),
        comparison=comparison_rows(report),
    )


def _facts(snapshot: object) -> list[tuple[str, str]]:
    """What was learned from, as names and values; counts by output with the output's name."""
    if not isinstance(snapshot, Mapping):
        return []
    outputs = {output.value: str(output.label) for output in Output}
    rows = [(str(name), value) for name, value in snapshot.items()]
    nested = [
        (outputs.get(str(key), str(key)), str(value))
        for _key, group in rows
        if isinstance(group, Mapping)
        for key, value in group.items()
    ]
    plain = [(name.replace("_", " "), _written(value)) for name, value in rows if isinstance(value, str | int | float)]
    return [*plain, *nested]


def _written(value: str | float) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
