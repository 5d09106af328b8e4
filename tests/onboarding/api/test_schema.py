"""The schema is valid, and the server keeps to it whatever it is sent."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.openapi import from_url
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from onboarding.models import ApiToken, Upload, User
from onboarding.services.prefilling import prefill_listings
from tests.conftest import Cast, make_listing, make_user, make_version, predict, term
from tests.onboarding.api.conftest import API

# `SCHEMATHESIS_EXAMPLES=500 pytest tests/onboarding/api/test_schema.py` is a longer run.
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "8"))
KEPT_TO = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
BODIES = {
    "confirm": {"values": {"colour": ["Red"], "category": ["Apparel"]}, "seen_revision": 1, "details": {"price": "1"}},
    "undo": {},
    "listings": {"details": {"title": "Scarf"}, "values": {"season": ["Summer"]}},
}


def test_the_schema_is_valid_and_says_everything(tmp_path: Path) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml"))


@pytest.fixture
def known(cast: Cast) -> dict[str, int]:
    """One of everything, by the noun of its address."""
    listing, version = make_listing(cast.shop, title="Blue tee"), make_version()
    photo = listing.photos.get()
    predict(photo, version, "colour", term("colour", "Red"), alternatives=[[term("colour", "Blue").pk, 0.02]])
    prefill_listings([listing.pk])
    upload = Upload.objects.create(shop=cast.shop, user=cast.seller)
    return {
        "shops": cast.shop.pk,
        "listings": listing.pk,
        "photos": photo.pk,
        "uploads": upload.pk,
        "models": version.pk,
    }


def staff_member() -> User:
    staff = make_user("staff@example.com", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_modelversion"))
    return staff


def aim(case: Case, known: dict[str, int], *, with_body: bool) -> None:
    """At something that is there, perhaps with a body that makes sense."""
    noun, verb = case.operation.path.removeprefix(f"{API}/").split("/")[0], case.operation.path.split("/")[-2]
    if case.path_parameters and "id" in case.path_parameters:
        case.path_parameters["id"] = known[noun]
    if with_body and case.operation.method == "post" and verb in BODIES:
        case.body = BODIES[verb]


def exercise(operation: Any, mode: GenerationMode, known: dict[str, int], token: str) -> None:
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), how=st.sampled_from(["wild", "aimed", "sensible"]))
    def run(case: Case, how: str) -> None:
        if how != "wild":
            aim(case, known, with_body=how == "sensible")
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=KEPT_TO)

    run()


@pytest.mark.parametrize(("who", "addresses", "count"), [("owner", "", 16), ("staff", "/models/", 2)])
def test_whatever_is_sent_the_server_keeps_to_its_schema(
    cast: Cast, known: dict[str, int], live_server: Any, who: str, addresses: str, count: int
) -> None:
    user = cast.seller if who == "owner" else staff_member()
    _row, token = ApiToken.objects.create(user=user, name="schemathesis")
    everything = [each.ok() for each in from_url(f"{live_server.url}{API}/schema/").get_all_operations()]
    operations = [each for each in everything if addresses in each.path]
    assert len(operations) == count
    for operation in operations:
        for mode in GenerationMode:
            exercise(operation, mode, known, token)
