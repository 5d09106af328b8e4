"""A worker's own figures, served by a real worker."""

import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from django.db import OperationalError

from catalog.models import Listing
from onboarding import worker, worker_metrics
from onboarding.errors import ModelBroken
from onboarding.models import ModelVersion, TagRequest
from onboarding.services import queue
from onboarding.services.model_versions import register_artifact
from onboarding.tagging import Tagger
from tests.artifacts import tiny_artifact
from tests.conftest import make_photo, make_shop, make_user
from tests.drawing import as_jpeg, product
from tests.flows.workers import Workers
from tests.flows.workers import workers as workers
from tests.onboarding.test_metrics import figures
from tests.services.process import HOST, free_port


def queue_photos(count: int) -> None:
    listing = Listing.objects.create(shop=make_shop(make_user(f"seller{time.monotonic_ns()}@example.com")))
    for seed in range(count):
        queue.enqueue_photo(photo=make_photo(listing, as_jpeg(product("shirt", "red", (96, 128), seed=seed))))


def are_tagged() -> bool:
    return not TagRequest.objects.exclude(state=TagRequest.State.DONE).exists()


def tagged_in(log: Path) -> list[int]:
    """How many photos each batch had that a worker's log tells of."""
    return [int(count) for count in re.findall(r": tagged (\d+) of", log.read_text())]


def test_a_worker_tells_what_it_has_done_and_one_whose_port_is_taken_tags_all_the_same(workers: Workers) -> None:
    port = free_port()
    first = workers.start(WORKER_METRICS_PORT=str(port))
    queue_photos(5)
    # A batch is counted after its tags are there for all to see.
    workers.wait_until(lambda: sum(tagged_in(workers.log)) == 5)
    assert are_tagged()
    text = requests.get(f"http://{HOST}:{port}/metrics", timeout=10).text
    found = figures(text)
    assert found["lapel_photos_tagged_total"] == 5
    assert found["lapel_batch_seconds_count"] == len(tagged_in(workers.log))
    (loading,) = (name for name in found if name.startswith("lapel_model_load_seconds"))
    model = ModelVersion.objects.get().name
    assert loading == f'lapel_model_load_seconds{{device="cpu",model="{model}"}}'
    assert 0 < found[loading] < 60
    assert figures(text, "process_resident_memory_bytes")["process_resident_memory_bytes"] > 1e7
    assert "lapel_requests" not in text

    second = workers.start("--hostname", "second@%h", WORKER_METRICS_PORT=str(port))
    complaint = f"no figures are served on port {port}: Address already in use"
    workers.wait_until(lambda: complaint in workers.log.read_text())
    assert workers.end(first) == 0
    queue_photos(3)
    workers.wait_until(are_tagged)
    assert workers.end(second) == 0


@pytest.mark.parametrize(
    ("error", "works", "cause"),
    [
        (OperationalError("away"), True, "database"),
        (RuntimeError("out of memory"), False, "model"),
        (RuntimeError("odd"), True, "photo"),
    ],
)
def test_a_batch_that_fails_is_counted_by_its_cause(
    live_database: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, works: bool, cause: str
) -> None:
    def failing(*_arguments: Any) -> int:
        raise error

    register_artifact(tiny_artifact(), activate=True)
    queue_photos(1)
    monkeypatch.setattr(worker, "tag_batch", failing)
    monkeypatch.setattr(Tagger, "works", lambda _tagger: works)
    before = failures()
    with suppress(OperationalError, ModelBroken):
        worker.tag_next_batch(worker.TaggerCache())
    after = failures()
    assert {name: after[name] - before.get(name, 0.0) for name in after} == {
        name: float(name == cause) for name in after
    }
    assert after[cause] - before.get(cause, 0.0) == 1


def failures() -> dict[str, float]:
    """Failed batches of this process, by their cause."""
    samples = [sample for metric in worker_metrics.BATCHES_FAILED.collect() for sample in metric.samples]
    return {each.labels["cause"]: each.value for each in samples if each.name.endswith("_total")}


def test_only_the_model_at_work_has_a_figure() -> None:
    worker_metrics.count_model_load("old", "cpu", seconds=1.0)
    worker_metrics.count_model_load("new", "cuda", seconds=2.5)
    samples = [sample for metric in worker_metrics.MODEL_LOAD_SECONDS.collect() for sample in metric.samples]
    assert [(sample.labels, sample.value) for sample in samples] == [({"model": "new", "device": "cuda"}, 2.5)]
