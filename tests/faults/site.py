"""A whole site for faults: its data, web server and workers, and a seller's program that sends photos."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count, islice
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.test import override_settings

from catalog.models import Listing, Shop
from onboarding.models import ApiToken, TagRequest, User
from onboarding.services.model_versions import register_artifact
from tests.artifacts import COLOURS, PATHS, tiny_artifact
from tests.conftest import make_shop, make_user
from tests.drawing import as_jpeg, product
from tests.faults.ledger import Ledger, Sent
from tests.flows.workers import Workers
from tests.live import BASE_DIR, database_in, environment, python, storage_options, wait_until
from tests.preloaded import Process
from tests.services.process import HOST, free_port

SETTLE_SECONDS = 90.0
LIVES = 1000

_numbers = count()


def pictures(number: int) -> list[bytes]:
    """Different ones at each call."""
    kinds = [(kind, colour) for kind in PATHS for colour in COLOURS]
    return [as_jpeg(product(*kinds[n % len(kinds)], (48, 64), seed=n)) for n in islice(_numbers, number)]


class Site:
    """`values`: what its processes find in their environment beside what leads them to the site's data."""

    def __init__(self, data_dir: Path, seller: User, shop: Shop, **values: str) -> None:
        self.data_dir, self.seller, self.shop, self.values = data_dir, seller, shop, values
        self.ledger = Ledger()
        self.workers = Workers(data_dir)
        self.port = free_port()
        self.address = f"http://{HOST}:{self.port}/api/v1/shops/{shop.pk}/uploads/"
        _row, self.token = ApiToken.objects.create(user=seller, name="faults")  # type: ignore[no-untyped-call]
        self.deadly = data_dir / "deadly.txt"
        self.deadly.touch()

    # --- Processes

    def start_web(self) -> None:
        """Returns when it answers."""
        command = ("-m", "gunicorn", "onboarding.config.wsgi", "--bind", f"{HOST}:{self.port}")
        options = ("--config", str(BASE_DIR / "gunicorn.conf.py"))
        env = environment(self.data_dir, WEB_PROCESSES="1", **self.values)
        self.workers.started.append(python(*command, *options, env=env, log=self.workers.log))
        self.wait_until(self.answers)

    def answers(self) -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"http://{HOST}:{self.port}/", timeout=5, allow_redirects=False).status_code < 500
        return False

    def start_workers(self) -> Process:
        """One worker at a time, slow enough to be met in mid-batch, started anew whenever it ends."""
        options = {"PICTURE_SECONDS": "0.05", "DEADLY_LIST": str(self.deadly), **self.values}
        return self.workers.start_odd(LIVES, **options)

    def stop(self) -> None:
        for process in self.workers.started:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)

    def wait_until(self, condition: Any, seconds: float = SETTLE_SECONDS) -> Any:
        return wait_until(condition, seconds=seconds, log=self.workers.log)

    # --- The seller

    def send(self, sent: Sent) -> requests.Response:
        """One request, once."""
        return requests.post(
            self.address,
            headers={"Authorization": f"Bearer {self.token}"},
            data={"token": str(sent.token), "part": sent.part},
            files=[("photos", (f"{number}.jpg", each)) for number, each in enumerate(sent.contents)],
            timeout=60,
        )

    def upload(self, number: int, *, tries: int = 1) -> Sent:
        """Sends new photos, again and again where the site fails, until they are acknowledged."""
        sent = Sent(pictures(number))
        for _ in range(tries):
            if self.is_acknowledged(sent):
                return sent
        raise AssertionError(f"not acknowledged in {tries} tries\n{self.workers.log.read_text()}")

    def is_acknowledged(self, sent: Sent) -> bool:
        try:
            answer = self.send(sent)
        except requests.RequestException:
            return False
        if answer.status_code != 201:
            assert answer.status_code >= 500, answer.text
            return False
        report = answer.json()
        assert (report["counts"]["total"], report["refused"]) == (len(sent.contents), [])
        self.ledger.acknowledged.append(sent)
        return True

    def decide(self, number: int = 1) -> None:
        """A person decides about the newest drafts, tagged or not."""
        undecided = Listing.objects.filter(shop=self.shop).exclude(pk__in=self.ledger.decided)
        for listing in undecided.order_by("-pk")[:number]:
            self.ledger.decide(listing, self.seller)

    def settle(self) -> None:
        """Waits until nothing is left to tag, and compares everything with what was acknowledged."""
        open_requests = TagRequest.objects.filter(state__in=TagRequest.OPEN_STATES)
        self.wait_until(lambda: not open_requests.exists())
        self.ledger.check()


@contextmanager
def site_in(data_dir: Path, **values: str) -> Iterator[Site]:
    """A site with its own data and no process yet; none outlives the block."""
    storage = {**settings.STORAGES["default"], "OPTIONS": storage_options(data_dir)}
    stores = {**settings.STORAGES, "default": storage}
    with override_settings(STORAGES=stores, ARTIFACT_CACHE_DIR=data_dir / "artifact-cache"), database_in(data_dir):
        register_artifact(tiny_artifact(), activate=True)
        seller = make_user("seller@example.com")
        site = Site(data_dir, seller, make_shop(seller), **values)
        try:
            yield site
        finally:
            site.stop()
