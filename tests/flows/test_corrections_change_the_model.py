"""The loop closed: sellers correct a systematic mistake, the model is retrained, and running workers make it no more.

The shipped network of this test knows shirts, trousers, shoes and bags; a dress it must take for one of them. The same
two worker processes tag before and after.
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from catalog.models import Listing, Shop
from onboarding.models import Evaluation, ModelVersion, Prediction, RetrainRun, TagRequest
from onboarding.services.model_versions import active_version
from tests.artifacts import PATHS
from tests.conftest import make_shop, make_user, sent_file, term
from tests.drawing import Kind, as_jpeg, product
from tests.flows.workers import Workers
from tests.flows.workers import workers as workers
from tests.live import BASE_DIR, environment

DRESS = ("Apparel", "Dress", "Dresses")
COLOURS = ("red", "blue", "green")


class Seller:
    """Somebody with a browser."""

    def __init__(self, shop: Shop, browser: Client) -> None:
        self.shop, self.browser = shop, browser

    def upload(self, kind: Kind, seeds: Sequence[int]) -> list[Listing]:
        """One photo for each seed and colour, each of them a listing."""
        files = [
            sent_file(as_jpeg(product(kind, colour, (192, 256), seed=seed)), f"{kind}-{seed}-{colour}.jpg")
            for seed in seeds
            for colour in COLOURS
        ]
        before = set(Listing.objects.values_list("pk", flat=True))
        form = {"token": str(uuid4()), "part": "0", "arrangement": "each", "photos": files}
        sent = self.browser.post(reverse("onboarding:upload", args=[self.shop.pk]), form)
        assert sent.status_code == 302
        return list(Listing.objects.exclude(pk__in=before).order_by("pk"))

    def confirm(self, listing: Listing, path: tuple[str, ...], colour: str) -> None:
        """Sends the review form with this category and colour."""
        listing.refresh_from_db()
        form = {
            "seen_revision": listing.revision,
            "idempotency_key": str(uuid4()),
            "title": "",
            "category": term("category", *path).pk,
            "colour": term("colour", colour).pk,
        }
        sent = self.browser.post(reverse("onboarding:review", args=[listing.pk]), form)
        assert sent.status_code == 302, sent.content


@pytest.fixture
def seller(live_database: Path) -> Seller:
    user, browser = make_user("asha@example.com"), Client()
    browser.force_login(user)
    return Seller(make_shop(user), browser)


def said(listings: Sequence[Listing], version: ModelVersion) -> Counter[str]:
    """What a version says the listings' photos show."""
    rows = Prediction.objects.filter(
        photo__listing__in=listings, model_version=version, field="article_type"
    ).select_related("term")
    return Counter(row.term.key for row in rows)


def wait_until_tagged(workers: Workers) -> None:
    workers.wait_until(lambda: not TagRequest.objects.filter(state__in=TagRequest.OPEN_STATES).exists())


def retrain(data_dir: Path, *arguments: str) -> str:
    """The operator's command, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "manage.py", "retrain", *arguments],
        cwd=BASE_DIR,
        env=environment(data_dir),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_corrections_change_the_model(workers: Workers, seller: Seller) -> None:
    processes = [workers.start() for _ in range(2)]
    first = active_version()
    dresses, shirts = seller.upload("dress", range(20)), seller.upload("shirt", range(20, 24))
    wait_until_tagged(workers)
    assert said(dresses, first)["Dresses"] == 0  # the systematic mistake
    for number, listing in enumerate(dresses):
        seller.confirm(listing, DRESS, COLOURS[number % 3].title())
    for number, listing in enumerate(shirts):
        seller.confirm(listing, PATHS["shirt"], COLOURS[number % 3].title())
    reviewed = list(Listing.objects.order_by("pk").values())
    draft = seller.upload("dress", [50])
    wait_until_tagged(workers)

    report = retrain(workers.data_dir, "--retag")

    second = active_version()
    assert "Promoted: it is not worse than the model before." in report
    assert RetrainRun.objects.get().state == RetrainRun.State.PROMOTED
    assert (second.pk != first.pk, ModelVersion.objects.get(pk=first.pk).state) == (True, ModelVersion.State.RETIRED)
    new_dresses, new_bags = seller.upload("dress", range(60, 64)), seller.upload("bag", range(60, 64))
    wait_until_tagged(workers)
    assert said(new_dresses, second)["Dresses"] >= 11  # of 12, which nobody has ever corrected
    assert said(new_bags, second)["Handbags"] >= 11  # what it knew it still knows
    assert Prediction.objects.filter(photo__listing__in=new_dresses, model_version=first).count() == 0
    assert said(draft, second)["Dresses"] >= 2  # the unreviewed ones were looked at again
    assert list(Listing.objects.filter(pk__in=[each["id"] for each in reviewed]).order_by("pk").values()) == reviewed
    assert [process.poll() for process in processes] == [None, None]  # never restarted
    assert workers.log.read_text().count("tagging with") == 4  # two workers, two versions
    before, after = (
        Evaluation.objects.get(model_version=version, pictures=Evaluation.Pictures.HELD_OUT).figures["article_type"]
        for version in (first, second)
    )
    assert (before["n"], before["accuracy"] < 0.4, after["accuracy"] > 0.8) == (after["n"], True, True)


def test_going_back_reaches_running_workers_too(workers: Workers, seller: Seller, tmp_path: Path) -> None:
    from tests.artifacts import renamed_artifact, tiny_artifact

    process = workers.start()
    first = active_version()
    call_command("register_model", str(renamed_artifact(tiny_artifact(), tmp_path / "other", "lapel-other")))
    second = active_version()
    listings = seller.upload("shoe", [1])
    wait_until_tagged(workers)
    call_command("models", "rollback")
    later = seller.upload("shoe", [2])
    wait_until_tagged(workers)
    versions: dict[str, Any] = {
        name: set(Prediction.objects.filter(photo__listing__in=each).values_list("model_version", flat=True))
        for name, each in (("before", listings), ("after", later))
    }
    assert versions == {"before": {second.pk}, "after": {first.pk}}
    assert process.poll() is None
