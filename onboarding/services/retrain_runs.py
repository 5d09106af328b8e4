"""One retraining at a time: a row that says so, and shows that its process lives.

A run renews its lease while it works. One whose process is gone, or whose lease has passed, has died; the next run says
so in its row and starts. Before it promotes anything a run makes sure that nobody has taken it for dead.
"""

import logging
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psutil
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from onboarding.errors import RetrainingUnderWay
from onboarding.models import ModelVersion, RetrainRun
from onboarding.processes import process_name

logger = logging.getLogger(__name__)

State = RetrainRun.State

LEASE = timedelta(seconds=90)
RENEW_SECONDS = 15.0


def begin_run(base: ModelVersion) -> RetrainRun:
    """Raises `RetrainingUnderWay` while another run lives."""
    bury_dead_runs()
    try:
        with transaction.atomic():
            return RetrainRun.objects.create(base=base, host=process_name(), lease_until=timezone.now() + LEASE)
    except IntegrityError as error:
        raise RetrainingUnderWay(_refusal()) from error


@transaction.atomic
def bury_dead_runs() -> None:
    """Says so in the rows of runs whose process is gone or whose lease has passed."""
    for run in RetrainRun.objects.select_for_update().filter(state=State.RUNNING):
        if run.lease_until < timezone.now() or not _may_live(run.host):
            RetrainRun.objects.filter(pk=run.pk).update(state=State.DIED, finished_at=timezone.now())
            logger.warning("retraining %s ended without a word; the active model stayed as it was", run.pk)


def _may_live(host: str) -> bool:
    """Whether a process may still be there; of another machine only its lease tells."""
    name, _separator, pid = host.rpartition(":")
    return name != socket.gethostname() or psutil.pid_exists(int(pid))


def _refusal() -> str:
    run = RetrainRun.objects.filter(state=State.RUNNING).first()
    if run is None:  # it ended in this very moment
        return _("Another retraining is under way.")
    started = f"{run.started_at:%Y-%m-%d %H:%M}"
    said = _("Another retraining is under way (%(host)s, since %(started)s UTC). Wait for it, or stop it.")
    return said % {"host": run.host, "started": started}


@contextmanager
def kept_alive(run: RetrainRun) -> Iterator[None]:
    """Renews the lease from a thread of its own, however long a step takes."""
    done = threading.Event()
    thread = threading.Thread(target=_renew, args=(run.pk, done), name="retrain-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(RENEW_SECONDS)


def _renew(pk: int, done: threading.Event) -> None:
    try:
        while not done.wait(RENEW_SECONDS):
            try:
                RetrainRun.objects.filter(pk=pk, state=State.RUNNING).update(lease_until=timezone.now() + LEASE)
            except Exception:  # the database may be away for a moment; the lease outlasts several tries
                logger.exception("could not renew the lease of retraining %s", pk)
                connection.close()
    finally:
        connection.close()


def hold_run(run: RetrainRun) -> None:
    """Locks the run's row. Raises `RetrainingUnderWay` where the run was taken for dead and may not act any more."""
    if not RetrainRun.objects.select_for_update().filter(pk=run.pk, state=State.RUNNING).exists():
        raise RetrainingUnderWay(_("This retraining was silent for too long, and another may have started since."))


def end_run(
    run: RetrainRun, state: RetrainRun.State, *, report: Mapping[str, Any], candidate: ModelVersion | None = None
) -> None:
    RetrainRun.objects.filter(pk=run.pk, state=State.RUNNING).update(
        state=state, report=dict(report), candidate=candidate, finished_at=timezone.now()
    )
