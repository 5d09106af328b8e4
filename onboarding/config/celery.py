"""The Celery app. Run a worker: `celery --app onboarding.config.celery worker`."""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.exceptions import ImproperlyConfigured
from celery.signals import worker_init, worker_ready, worker_shutting_down
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onboarding.config.settings")

app = Celery("lapel")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

for _folder in getattr(settings, "CELERY_BROKER_TRANSPORT_OPTIONS", {}).values():
    Path(_folder).mkdir(parents=True, exist_ok=True)


@worker_init.connect
def refuse_other_pools(sender: Any, **_kwargs: Any) -> None:
    """Forking after CUDA or BLAS has started breaks both; threads would share one model without need."""
    if "solo" not in sender.pool_cls.__module__:
        raise ImproperlyConfigured("Run Lapel's workers with --pool=solo, one process per GPU or per few cores.")


@worker_ready.connect
def start_tagging(**_kwargs: Any) -> None:
    from onboarding import worker

    worker.start()


@worker_shutting_down.connect
def stop_tagging(**_kwargs: Any) -> None:
    from onboarding import worker

    worker.stop()
