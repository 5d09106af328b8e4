"""The web process' figures for Prometheus: what the queue holds is read when somebody asks, requests are counted.

With several web processes the counts lie in files that all of them share (PROMETHEUS_MULTIPROC_DIR, see
`gunicorn.conf.py`), so that whichever is asked answers for all.
"""

import os
from collections.abc import Iterable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector  # type: ignore[no-untyped-call, unused-ignore]
from prometheus_client.registry import REGISTRY, Collector

from onboarding.monitoring import Tagging, tagging_in_time

CONTENT_TYPE = CONTENT_TYPE_LATEST

REQUESTS = Counter("lapel_requests", "Requests by what came of them.", ("method", "view", "status"))
REQUEST_SECONDS = Histogram(
    "lapel_request_seconds",
    "Time until the answer was ready.",
    ("view",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


class TaggingCollector(Collector):
    """The queue, the same whichever process is asked; read when somebody asks, and not for long."""

    def collect(self) -> Iterable[Metric]:
        tagging = tagging_in_time()
        yield GaugeMetricFamily("lapel_database_up", "Whether the database answers.", value=tagging is not None)
        if tagging:  # else the other figures are wanted all the more
            yield from _waiting(tagging)
            yield from _progress(tagging)
            if model := tagging.active_model:
                names = {"name": model.name, "sha256": model.sha256}
                yield InfoMetricFamily("lapel_active_model", "The model that tags now.", value=names)


def _waiting(tagging: Tagging) -> Iterable[Metric]:
    photos = GaugeMetricFamily("lapel_photos_waiting", "Photos that no worker has taken yet.", labels=["priority"])
    due = GaugeMetricFamily("lapel_photos_due", "Those of them that a worker may take now.", labels=["priority"])
    oldest = GaugeMetricFamily(
        "lapel_oldest_due_seconds", "How long the oldest of those has been due.", labels=["priority"]
    )
    for priority, waiting in tagging.waiting.items():
        photos.add_metric([priority], waiting.photos)
        due.add_metric([priority], waiting.due)
        oldest.add_metric([priority], waiting.oldest_due_seconds)
    return photos, due, oldest


def _progress(tagging: Tagging) -> Iterable[Metric]:
    yield GaugeMetricFamily("lapel_photos_leased", "Photos that workers are tagging.", value=tagging.leased)
    yield GaugeMetricFamily(
        "lapel_photos_failed_last_hour", "Photos whose tagging failed for good.", value=tagging.failed_last_hour
    )
    moments = {
        "lapel_last_claim_timestamp_seconds": ("When a worker last took photos.", tagging.last_claim_at),
        "lapel_last_tagged_timestamp_seconds": ("When photos were last tagged.", tagging.last_tagged_at),
    }
    for name, (text, moment) in moments.items():
        if moment:
            yield GaugeMetricFamily(name, text, value=moment.timestamp())


def exposition() -> bytes:
    """All figures as text."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(REGISTRY)
    registry.register(TaggingCollector())
    return generate_latest(registry)
