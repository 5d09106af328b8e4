"""The Celery app. Run a worker: `celery --app onboarding.config.celery worker`."""

import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from celery import Celery, bootsteps, signals
from django.conf import settings

from onboarding.config.checks import refuse_to_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onboarding.config.settings")

app = Celery("lapel")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def make_broker_folders() -> None:
    """The file broker expects its folders; one that cannot be made costs nudges, no photo."""
    for name, value in settings.CELERY_BROKER_TRANSPORT_OPTIONS.items():
        if "folder" in name:
            with suppress(OSError):
                Path(str(value)).mkdir(parents=True, exist_ok=True)


@signals.after_setup_logger.connect
def keep_log_level(logger: logging.Logger, **_given: Any) -> None:
    """LOG_LEVEL is for all processes; Celery would rather have its own --loglevel."""
    logger.setLevel(settings.LOGGING["root"]["level"])


class Tagging(bootsteps.StartStopStep):
    """Tags from before the broker is reached until the worker ends: a broker that is down stops no tagging."""

    def __init__(self, parent: Any, **options: Any) -> None:
        if "solo" not in parent.pool_cls.__module__:
            # Forking after CUDA or BLAS has started breaks both; threads would share one model without need.
            raise SystemExit("Run Lapel's workers with --pool=solo: one process per GPU, or per few cores.")
        refuse_to_start()
        super().__init__(parent, **options)

    def start(self, parent: Any) -> None:
        from onboarding import worker

        worker.start()

    def stop(self, parent: Any) -> None:
        from onboarding import worker

        worker.stop()


make_broker_folders()
app.steps["worker"].add(Tagging)
