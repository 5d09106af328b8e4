"""Celery tasks. They carry nudges; the work is in the database."""

import logging

from celery import Task, shared_task

from onboarding import request_ids, worker

logger = logging.getLogger(__name__)

NUDGE_EXPIRES_SECONDS = 60


@shared_task(name="onboarding.nudge", bind=True, ignore_result=True)
def nudge(task: "Task[..., None]") -> None:
    with request_ids.serving((task.request.headers or {}).get(request_ids.HEADER, "")):
        logger.info("nudged")
        worker.nudge()


def send_nudge() -> None:
    """Tells a worker to look now. Without a broker the workers' own timers find the photos a little later."""
    try:
        headers = {request_ids.HEADER: request_ids.current()}
        nudge.apply_async(expires=NUDGE_EXPIRES_SECONDS, retry=False, headers=headers)
    except Exception as error:  # whatever a broker's client raises: the photos are safe in the database
        logger.warning("no nudge was sent (%s); the photos are tagged at the workers' next look", error)
