"""One worker from its start: when the first photo has its tags, and how much memory it ever takes.

    python -m tests.benchmarks.worker_start --out tests/benchmarks/results/worker_start.json

A real Celery worker with the shipped network, on SQLite. The first start on a machine exports the network for ONNX
Runtime; those after it find the file.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from tests.benchmarks.several_workers import make_photos, send, wait_for  # before the models: it sets Django up

from django.conf import settings  # isort: skip
from django.core.management import call_command  # isort: skip

from catalog.models import Shop  # isort: skip
from ml.bench import machine  # isort: skip
from onboarding.management.commands.serve import worker_command  # isort: skip
from onboarding.models import TagRequest  # isort: skip
from onboarding.services.model_versions import register_artifact  # isort: skip
from tests.conftest import make_shop, make_user  # isort: skip

PRIORITY = TagRequest.Priority.INTERACTIVE


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(worker_command(1), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def measure_start(shop: Shop) -> tuple[float, float]:
    """Seconds from the start of the process to the commit of the first tags: on the clock, and of all cores."""
    photos = make_photos(shop, 1)
    send(photos, PRIORITY)
    began = time.monotonic()
    with worker() as process:
        wait_for(photos)
        used = psutil.Process(process.pid).cpu_times()
        return time.monotonic() - began, used.user + used.system


def measure_memory(shop: Shop, count: int) -> dict[str, Any]:
    """The peak of resident memory after so many photos."""
    photos = make_photos(shop, count)
    with worker() as process:
        send(photos, PRIORITY)
        wait_for(photos)
        status = Path(f"/proc/{process.pid}/status").read_text()
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    return {"photos": count, "peak_rss_mb": round(int(peak[1]) / 1024) if peak else None}


def main() -> None:
    parser = argparse.ArgumentParser(description="The start of a worker, and its memory.")
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--photos", type=int, default=500)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    register_artifact(settings.DEFAULT_ARTIFACT_DIR, activate=True)
    shop = make_shop(make_user("seller@example.com"))
    first, *others = (measure_start(shop) for _ in range(1 + options.starts))
    report = {
        "command": " ".join(["python -m tests.benchmarks.worker_start", *sys.argv[1:]]),
        "machine": machine.describe(),
        "engine": os.environ["TAGGING_ENGINE"],
        "first_start": {"seconds": round(first[0], 2), "cpu_seconds": round(first[1], 2)},
        "median_start": {
            "seconds": round(statistics.median(wall for wall, _ in others), 2),
            "cpu_seconds": round(statistics.median(cpu for _, cpu in others), 2),
        },
        **measure_memory(shop, options.photos),
    }
    text = json.dumps(report, indent=2)
    print(text)
    if options.out:
        options.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
