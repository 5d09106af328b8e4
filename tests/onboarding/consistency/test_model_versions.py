"""The active version, and runs that died."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.consistency.findings import Finding, Kind
from onboarding.consistency.model_versions import model_version_findings
from onboarding.models import RetrainRun
from onboarding.services.retrain_runs import begin_run, end_run
from tests.conftest import make_version

pytestmark = pytest.mark.django_db


def test_a_site_without_models_and_one_with_an_active_version_are_clean() -> None:
    assert list(model_version_findings()) == []
    make_version()
    assert list(model_version_findings()) == []


def test_versions_of_which_none_is_active_tag_nothing() -> None:
    make_version(state="candidate")
    assert list(model_version_findings()) == [Finding(Kind.NO_ACTIVE_MODEL)]


def test_a_run_whose_lease_has_passed_has_died() -> None:
    run = begin_run(make_version())
    assert list(model_version_findings()) == []
    RetrainRun.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert list(model_version_findings()) == [Finding(Kind.RETRAINING_DIED, run)]
    end_run(run, RetrainRun.State.KEPT, report={})
    assert list(model_version_findings()) == []
