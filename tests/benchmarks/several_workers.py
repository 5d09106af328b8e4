"""Several workers on one queue: how fast together, whether anything is tagged twice, and what a small shop waits.

    R=tests/benchmarks/results
    python -m tests.services python -m tests.benchmarks.several_workers --out $R/several_workers.json

Real Celery workers with the shipped network, on PostgreSQL, Redis and object storage. The photos are drawn, 256 pixels
on the shorter side as after an upload. Times are of the queue: from the row that queues a photo to the commit of its
tags. B sends a few photos while nobody else does, and again while A's large pile is being tagged.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("TAGGING_ENGINE", "auto")
os.environ.setdefault("LAPEL_TEST_DATA_DIR", tempfile.mkdtemp(prefix="lapel-benchmark-"))

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.files.base import ContentFile  # noqa: E402
from django.core.files.storage import default_storage  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db.models import Count  # noqa: E402

from catalog.models import Photo, Shop  # noqa: E402
from onboarding.management.commands.serve import worker_command  # noqa: E402
from onboarding.models import Prediction, TagRequest  # noqa: E402
from onboarding.services.model_versions import register_artifact  # noqa: E402
from onboarding.services.queue import enqueue_photo  # noqa: E402
from onboarding.tasks import send_nudge  # noqa: E402
from tests.conftest import make_shop, make_user  # noqa: E402
from tests.drawing import as_jpeg, product  # noqa: E402
from tests.many_listings import photos_sharing  # noqa: E402

OUTPUTS = 7
SIZE = (256, 341)
WAIT_SECONDS = 600.0
PRIORITY = TagRequest.Priority


def pictures() -> list[bytes]:
    kinds, colours = ("shirt", "trousers", "shoe", "bag", "dress"), ("red", "green", "blue", "yellow")
    return [as_jpeg(product(kind, colour, SIZE, seed=7)) for kind in kinds for colour in colours]  # type: ignore[arg-type]


PICTURES = pictures()


def make_photos(shop: Shop, count: int) -> list[Photo]:
    """A listing each. Photos that look alike share their files: each is fetched by itself nevertheless."""
    return photos_sharing(shared_files(shop), shop, count, SIZE)


@cache
def shared_files(shop: Shop) -> list[str]:
    return [
        default_storage.save(f"photos/{shop.pk}/{number}.jpg", ContentFile(each))
        for number, each in enumerate(PICTURES)
    ]


def send(photos: Sequence[Photo], priority: int) -> None:
    for photo in photos:
        enqueue_photo(photo=photo, priority=priority)
    send_nudge()


def wait_for(photos: Sequence[Photo]) -> None:
    ids = [photo.pk for photo in photos]
    deadline = time.monotonic() + WAIT_SECONDS
    while TagRequest.objects.filter(photo__in=ids, finished_at=None).exists():
        if time.monotonic() > deadline:
            raise SystemExit("the workers do not come to an end")
        time.sleep(0.02 if len(photos) < 50 else 0.5)  # asking for many is work, on the same cores


def waits(photos: Sequence[Photo]) -> list[float]:
    rows = TagRequest.objects.filter(photo__in=[photo.pk for photo in photos])
    return sorted((row.finished_at - row.created_at).total_seconds() for row in rows if row.finished_at)


def p95(seconds: Sequence[float]) -> float:
    return statistics.quantiles(seconds, n=20, method="inclusive")[-1]


@contextmanager
def workers(count: int) -> Iterator[None]:
    """That many workers, each of which has its network loaded."""
    log = Path(tempfile.mkdtemp()) / "workers.log"
    environment = {**os.environ, "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")}
    with log.open("ab") as stream:
        commands = [worker_command(number) for number in range(count)]
        running = [subprocess.Popen(each, env=environment, stdout=stream, stderr=stream) for each in commands]
    try:
        deadline = time.monotonic() + WAIT_SECONDS
        while log.read_text().count("tagging with") < count:
            if time.monotonic() > deadline or any(each.poll() is not None for each in running):
                raise SystemExit(log.read_text())
            time.sleep(0.1)
        yield
    finally:
        for each in running:
            each.terminate()
        for each in running:
            each.wait(60)


def warm_up(shop: Shop, count: int) -> None:
    """The first batches of a process are slow."""
    for _ in range(4):
        photos = make_photos(shop, 16 * count)
        send(photos, PRIORITY.INTERACTIVE)
        wait_for(photos)


def measure_throughput(shop: Shop, count: int, photos: int) -> dict[str, Any]:
    pile = make_photos(shop, photos)
    with workers(count):
        warm_up(shop, count)
        rows = [TagRequest(photo=photo, shop=shop, priority=PRIORITY.BULK, turn=n) for n, photo in enumerate(pile)]
        began = time.monotonic()
        TagRequest.objects.bulk_create(rows)
        send_nudge()
        wait_for(pile)
        seconds = time.monotonic() - began
    sets = Prediction.objects.filter(photo__in=pile).values("photo").annotate(n=Count("pk")).values_list("n", flat=True)
    return {
        "workers": count,
        "photos": photos,
        "seconds": round(seconds, 2),
        "photos_per_second": round(photos / seconds, 1),
        "photos_with_one_set_of_predictions": sum(n == OUTPUTS for n in sets),
        "attempts": sorted(set(TagRequest.objects.filter(photo__in=pile).values_list("attempts", flat=True))),
    }


def measure_fairness(count: int, large: int, small: int, rounds: int) -> dict[str, Any]:
    a, b = (make_shop(make_user(f"{name}@example.com"), f"Shop {name}") for name in ("a", "b"))
    pile = make_photos(a, large)
    alone: list[float] = []
    beside: list[float] = []
    with workers(count):
        warm_up(b, count)
        for _ in range(rounds):
            alone += send_and_wait(b, small)
        send(pile, PRIORITY.BULK)
        while TagRequest.objects.filter(photo__in=pile, finished_at=None).count() > large // 10 and len(beside) < 500:
            beside += send_and_wait(b, small)
        wait_for(pile)
    return {
        "workers": count,
        "large_pile": large,
        "small_pile": small,
        "alone": {"photos": len(alone), "p50": round(statistics.median(alone), 3), "p95": round(p95(alone), 3)},
        "beside": {"photos": len(beside), "p50": round(statistics.median(beside), 3), "p95": round(p95(beside), 3)},
        "p95_ratio": round(p95(beside) / p95(alone), 2),
    }


def send_and_wait(shop: Shop, count: int) -> list[float]:
    photos = make_photos(shop, count)
    send(photos, PRIORITY.INTERACTIVE)
    wait_for(photos)
    time.sleep(0.5)
    return waits(photos)


def main() -> None:
    parser = argparse.ArgumentParser(description="Several workers on one queue.")
    parser.add_argument("--photos", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--large", type=int, default=1000)
    parser.add_argument("--small", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=12, help="How often B sends alone.")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", choices=("throughput", "fairness"))
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    register_artifact(settings.DEFAULT_ARTIFACT_DIR, activate=True)
    shop = make_shop(make_user("seller@example.com"))
    report: dict[str, Any] = {
        "command": " ".join(["python -m tests.benchmarks.several_workers", *sys.argv[1:]]),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "batch_size": settings.TAGGING_BATCH_SIZE,
    }
    if options.only != "fairness":
        counts = (1, options.workers)
        report["throughput"] = [measure_throughput(shop, count, options.photos) for count in counts]
    if options.only != "throughput":
        report["fairness"] = [measure_fairness(options.workers, options.large, options.small, options.rounds)]
    text = json.dumps(report, indent=2)
    print(text)
    if options.out:
        options.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
