"""Killed with -9 at any of its steps, a retraining leaves the active model whole, and the next run works."""

import re
import signal
from pathlib import Path

import pytest
from django.core.management import call_command

from catalog.models import Listing, TagField
from onboarding.models import ModelVersion, RetrainRun
from onboarding.services.confirming import Decision, confirm_listing
from onboarding.services.loading import load_tagger
from onboarding.services.model_versions import active_version, register_artifact
from tests.artifacts import tiny_artifact
from tests.conftest import make_photo, make_shop, make_user, term
from tests.drawing import as_jpeg, product
from tests.live import environment
from tests.preloaded import preloaded

STEPS = (
    "  read",
    "  train",
    "  save",
    "Step 3 of 5: storing the candidate.",
    "Step 4 of 5: recording the evidence.",
    "Step 5 of 5: deciding.",
)
"""Lines that the command prints as a step begins; those between differ in what is computed, not in what is stored."""


@pytest.fixture
def labelled(live_database: Path) -> Path:
    """A site on which forty dresses are confirmed, which the active model does not know."""
    register_artifact(tiny_artifact(), activate=True)
    seller = make_user("asha@example.com")
    shop = make_shop(seller)
    for seed in range(60):
        listing = Listing.objects.create(shop=shop)
        make_photo(listing, as_jpeg(product("dress", ("red", "blue", "green")[seed % 3], (48, 64), seed=seed)))
        choices = {**dict.fromkeys(TagField), TagField.CATEGORY: term("category", "Apparel", "Dress", "Dresses")}
        decision = Decision(choices=choices, seen_revision=0, idempotency_key="k")
        confirm_listing(listing=listing, actor=seller, decision=decision)
    return live_database


def kill_at(line: str, data_dir: Path) -> None:
    """Runs the command until it prints the line, where it is killed."""
    command, log = ("-m", "tests.flows.killed_command", line, "retrain"), data_dir / "retrain.log"
    process = preloaded().start(command, env=environment(data_dir), log=log)
    assert process.wait(60) == -signal.SIGKILL, log.read_text()


def test_killed_at_any_step_the_active_model_stays_and_loads_and_the_next_run_promotes(labelled: Path) -> None:
    first = active_version()
    for number, line in enumerate(STEPS, 1):
        kill_at(line, labelled)
        assert active_version() == first, line
        assert load_tagger(first).works(), line
        assert RetrainRun.objects.filter(state=RetrainRun.State.RUNNING).count() == 1
        assert RetrainRun.objects.filter(state=RetrainRun.State.DIED).count() == number - 1
    call_command("retrain")
    states = list(RetrainRun.objects.order_by("pk").values_list("state", flat=True))
    assert states == [RetrainRun.State.DIED] * len(STEPS) + [RetrainRun.State.PROMOTED]
    second = active_version()
    assert second != first
    assert load_tagger(second).works()
    whole = [version for version in ModelVersion.objects.all() if re.fullmatch("[0-9a-f]{64}", version.sha256)]
    assert all(load_tagger(version).works() for version in whole)  # candidates of killed runs are whole or not there
