"""Fifty sellers who upload at once: how long each request takes, and whether any fails.

    python -m tests.benchmarks.upload_load --out tests/benchmarks/results/upload_load.json

A real web server with real workers beside it, on SQLite, all on one machine. Each seller sends photos of 1,200 × 1,600,
as the upload page makes them, ten in a request, and sends the next when the last is answered.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import uuid4

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

import requests  # noqa: E402 (Django first)

from catalog.models import Photo  # noqa: E402
from ml.artifact import DEFAULT_PATH  # noqa: E402
from ml.bench import machine  # noqa: E402
from onboarding.models import ApiToken, TagRequest  # noqa: E402
from onboarding.services.model_versions import register_artifact  # noqa: E402
from tests.conftest import make_shop, make_user  # noqa: E402
from tests.drawing import as_jpeg, product  # noqa: E402
from tests.faults.site import Site, site_in  # noqa: E402

SELLERS: Final = 50
REQUESTS: Final = 3
PHOTOS: Final = 10
SIZE: Final = (1200, 1600)
COLOURS: Final = ("red", "green", "blue", "yellow")


@dataclass(frozen=True)
class Answer:
    status: int
    seconds: float


def sellers(number: int) -> list[tuple[int, str]]:
    """Shops, and tokens of those who own them."""
    found = []
    for each in range(number):
        person = make_user(f"seller{each}@example.com")
        _row, token = ApiToken.objects.create(user=person, name="load")  # type: ignore[no-untyped-call]
        found.append((make_shop(person).pk, token))
    return found


def upload(site: Site, shop: int, token: str, contents: Sequence[bytes]) -> list[Answer]:
    answers = []
    for _ in range(REQUESTS):
        began = time.monotonic()
        answer = requests.post(
            f"http://127.0.0.1:{site.port}/api/v1/shops/{shop}/uploads/",
            headers={"Authorization": f"Bearer {token}"},
            data={"token": str(uuid4()), "part": 0},
            files=[("photos", (f"{number}.jpg", content)) for number, content in enumerate(contents)],
            timeout=600,
        )
        answers.append(Answer(answer.status_code, time.monotonic() - began))
    return answers


def measure(site: Site, count: int) -> dict[str, Any]:
    contents = [as_jpeg(product("shirt", COLOURS[n % 4], SIZE, seed=n)) for n in range(PHOTOS)]  # type: ignore[arg-type]
    people = sellers(count)
    began = time.monotonic()
    with ThreadPoolExecutor(count) as crowd:
        asked = [crowd.submit(upload, site, shop, token, contents) for shop, token in people]
        answers = [answer for each in asked for answer in each.result()]
    elapsed = time.monotonic() - began
    seconds = sorted(answer.seconds for answer in answers)
    stored = Photo.objects.count()
    site.wait_until(lambda: not TagRequest.objects.filter(state__in=TagRequest.OPEN_STATES).exists(), 600)
    return {
        "sellers": count,
        "requests": len(answers),
        "photos_in_a_request": PHOTOS,
        "bytes_of_a_photo": round(statistics.mean(map(len, contents))),
        "errors": sum(answer.status != 201 for answer in answers),
        "photos_stored": stored,
        "seconds_together": round(elapsed, 1),
        "photos_per_second": round(stored / elapsed, 1),
        "seconds_per_request": {
            "median": round(statistics.median(seconds), 2),
            "p95": round(seconds[int(0.95 * (len(seconds) - 1))], 2),
            "longest": round(seconds[-1], 2),
        },
        "seconds_until_all_were_tagged": round(time.monotonic() - began, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sellers", type=int, default=SELLERS)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        data_dir = Path(folder)
        with site_in(data_dir) as site:
            register_artifact(DEFAULT_PATH, activate=True)
            site.start_web()
            site.workers.start("--pool=solo")
            figures = measure(site, options.sellers)
    results = {"machine": machine.describe(), "sent": figures}
    print(json.dumps(results, indent=1))
    if options.out:
        options.out.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
