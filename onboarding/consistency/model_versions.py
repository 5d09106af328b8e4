"""Model versions, one of which has to be active, and the runs that make them."""

from collections.abc import Iterator

from django.utils import timezone

from onboarding.consistency.findings import Finding, Kind
from onboarding.models import ModelVersion, RetrainRun


def model_version_findings() -> Iterator[Finding]:
    """Never two active ones, nor two runs at once: a constraint sees to that."""
    if ModelVersion.objects.exists() and not ModelVersion.objects.filter(state=ModelVersion.State.ACTIVE).exists():
        yield Finding(Kind.NO_ACTIVE_MODEL)
    for run in RetrainRun.objects.filter(state=RetrainRun.State.RUNNING, lease_until__lt=timezone.now()):
        yield Finding(Kind.RETRAINING_DIED, run)
