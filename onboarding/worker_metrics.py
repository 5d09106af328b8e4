"""A worker's own figures for Prometheus, on the port that WORKER_METRICS_PORT names.

They are kept apart from the web process' figures, since that one loads this module too and would show them as zeros.
"""

import logging

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, start_http_server

logger = logging.getLogger(__name__)

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

PHOTOS_TAGGED = Counter("lapel_photos_tagged", "Photos that this worker has tagged.", registry=REGISTRY)
BATCHES_FAILED = Counter(
    "lapel_batches_failed", "Batches of this worker that ended in an error.", ("cause",), registry=REGISTRY
)
BATCH_SECONDS = Histogram(
    "lapel_batch_seconds",
    "Time for a batch of photos, from reading their files to the commit of their tags.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)
MODEL_LOAD_SECONDS = Gauge(
    "lapel_model_load_seconds", "Time that this worker took to load its model.", ("model", "device"), registry=REGISTRY
)


def count_model_load(model: str, device: str, *, seconds: float) -> None:
    """Only the model at work has a figure."""
    MODEL_LOAD_SECONDS.clear()
    MODEL_LOAD_SECONDS.labels(model, device).set(seconds)


def serve(port: int) -> None:
    """From a thread of its own, for as long as the process lives; photos matter more than a port that is taken."""
    try:
        start_http_server(port, registry=REGISTRY)
    except OSError as error:
        logger.error("no figures are served on port %s: %s", port, error.strerror)
