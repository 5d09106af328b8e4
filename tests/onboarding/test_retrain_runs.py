"""One retraining at a time: who runs, who has died, and who may still act."""

import os
import socket
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from onboarding.errors import RetrainingUnderWay
from onboarding.models import ModelVersion, RetrainRun
from onboarding.processes import process_name
from onboarding.services import retrain_runs
from onboarding.services.retrain_runs import begin_run, end_run, hold_run, kept_alive
from tests.conftest import make_version
from tests.live import wait_until

State = RetrainRun.State


@pytest.fixture
def base(db: None) -> ModelVersion:
    return make_version()


def dead_process() -> str:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return process_name(done.pid)


def states() -> list[str]:
    return list(RetrainRun.objects.order_by("pk").values_list("state", flat=True))


def test_a_run_says_which_process_it_is(base: ModelVersion) -> None:
    run = begin_run(base)
    assert (run.host, run.state, run.base) == (f"{socket.gethostname()}:{os.getpid()}", State.RUNNING, base)


def test_a_second_run_is_refused_and_told_who_runs(base: ModelVersion) -> None:
    first = begin_run(base)
    with pytest.raises(RetrainingUnderWay) as refusal:
        begin_run(base)
    started = f"{first.started_at:%Y-%m-%d %H:%M}"
    assert str(refusal.value) == (
        f"Another retraining is under way ({first.host}, since {started} UTC). Wait for it, or stop it."
    )
    assert states() == [State.RUNNING]


def test_after_a_run_has_ended_the_next_may_begin(base: ModelVersion) -> None:
    end_run(begin_run(base), State.KEPT, report={"reasons": ["worse"]})
    begin_run(base)
    assert states() == [State.KEPT, State.RUNNING]
    assert RetrainRun.objects.order_by("pk")[0].report == {"reasons": ["worse"]}


def test_a_run_whose_process_is_gone_has_died_and_stands_in_nobodys_way(base: ModelVersion) -> None:
    run = begin_run(base)
    RetrainRun.objects.filter(pk=run.pk).update(host=dead_process())
    begin_run(base)
    assert states() == [State.DIED, State.RUNNING]


@pytest.mark.parametrize(("age", "expected"), [(-1, State.DIED), (60, State.RUNNING)])
def test_of_a_run_on_another_machine_its_lease_tells_whether_it_lives(
    base: ModelVersion, age: int, expected: str
) -> None:
    run = begin_run(base)
    until = timezone.now() + timedelta(seconds=age)
    RetrainRun.objects.filter(pk=run.pk).update(host="elsewhere:1", lease_until=until)
    if expected == State.RUNNING:
        with pytest.raises(RetrainingUnderWay):
            begin_run(base)
    else:
        begin_run(base)
    assert states()[0] == expected


def test_a_run_that_was_taken_for_dead_may_not_act_any_more(base: ModelVersion) -> None:
    run = begin_run(base)
    with transaction.atomic():
        hold_run(run)
    RetrainRun.objects.filter(pk=run.pk).update(state=State.DIED)
    with pytest.raises(RetrainingUnderWay), transaction.atomic():
        hold_run(run)
    end_run(run, State.PROMOTED, report={})
    assert states() == [State.DIED]


def test_a_lease_is_renewed_while_the_work_goes_on(live_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrain_runs, "RENEW_SECONDS", 0.05)
    run = begin_run(make_version())
    with kept_alive(run):
        wait_until(lambda: RetrainRun.objects.get().lease_until > run.lease_until, seconds=10)
    assert "retrain-lease" not in {thread.name for thread in threading.enumerate()}


def test_a_database_that_is_away_for_a_moment_ends_no_run(
    live_database: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(retrain_runs, "RENEW_SECONDS", 0.05)
    run = begin_run(make_version())
    with connection.cursor() as cursor, kept_alive(run):
        cursor.execute("ALTER TABLE onboarding_retrainrun RENAME TO away")
        wait_until(lambda: "could not renew the lease" in caplog.text, seconds=10)
        cursor.execute("ALTER TABLE away RENAME TO onboarding_retrainrun")
        wait_until(lambda: RetrainRun.objects.get().lease_until > run.lease_until, seconds=10)
