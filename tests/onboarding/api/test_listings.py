"""Listings over the API: finding, reading, making, confirming, undoing."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from catalog.models import Listing, ListingTag
from catalog.services.revisions import count_change_by_model
from onboarding.models import Confirmation, Label
from onboarding.services.prefilling import prefill_listings
from tests.conftest import Cast, make_listing, make_version, predict, term
from tests.onboarding.api.conftest import API

VALUES = {"category": ["Apparel", "Topwear", "Tshirts"], "colour": ["Red"], "usage": None}


def confirm(api: APIClient, listing: Listing, values: Any = VALUES, **more: Any) -> Any:
    listing.refresh_from_db()
    body = {"values": values, "seen_revision": listing.revision, **more}
    return api.post(f"{API}/listings/{listing.pk}/confirm/", body)


def tags_of(answer: dict[str, Any]) -> dict[str, tuple[list[str], str | None]]:
    return {tag["field"]: (tag["path"], tag["source"]) for tag in answer["tags"]}


def test_a_listing_shows_tags_photos_and_what_is_suggested(cast: Cast, api: APIClient) -> None:
    listing, version = make_listing(cast.shop, title="Tee"), make_version()
    photo = listing.photos.get()
    others = [[term("colour", "Blue").pk, 0.02]]
    predict(photo, version, "colour", term("colour", "Red"), alternatives=others)
    prefill_listings([listing.pk])
    answer = api.get(f"{API}/listings/{listing.pk}/").json()
    assert (answer["title"], answer["state"], answer["currency"], answer["confirmation"]) == (
        "Tee",
        "draft",
        "INR",
        None,
    )
    assert tags_of(answer) == {
        "category": ([], None),
        "colour": (["Red"], "model"),
        "season": ([], None),
        "gender": ([], None),
        "usage": ([], None),
    }
    assert answer["suggestions"] == [
        {
            "field": "colour",
            "path": ["Red"],
            "name": "Red",
            "confidence": 0.97,
            "band": "sure",
            "alternatives": [{"path": ["Blue"], "name": "Blue", "confidence": 0.02}],
        }
    ]
    assert [each["id"] for each in answer["photos"]] == [photo.pk]


def test_confirming_writes_values_details_and_labels(cast: Cast, api: APIClient) -> None:
    listing = make_listing(cast.shop, title="Old", sku="S1")
    answer = confirm(api, listing, details={"title": "New", "price": "9.50"})
    assert answer.status_code == 200
    assert tags_of(answer.json()) == {
        "category": (["Apparel", "Topwear", "Tshirts"], "person"),
        "colour": (["Red"], "person"),
        "season": ([], "person"),
        "gender": ([], "person"),
        "usage": ([], "person"),
    }
    listing.refresh_from_db()
    assert (listing.title, listing.sku, str(listing.price), listing.state) == ("New", "S1", "9.50", "confirmed")
    confirmation = Confirmation.objects.get()
    assert (confirmation.actor, confirmation.how) == (cast.seller, "shown")
    assert answer.json()["confirmation"]["id"] == confirmation.pk
    assert sorted(Label.objects.values_list("field", "term__key")) == [("category", "Tshirts"), ("colour", "Red")]


def test_without_details_they_stay_as_they_are(cast: Cast, api: APIClient) -> None:
    listing = make_listing(cast.shop, title="Old", sku="S1")
    assert confirm(api, listing).json()["title"] == "Old"


def test_a_change_by_somebody_else_is_a_conflict_that_shows_the_listing(cast: Cast, api: APIClient) -> None:
    listing = make_listing(cast.shop)
    assert confirm(api, listing).status_code == 200
    before = list(ListingTag.objects.values())
    stale = {"values": {"colour": ["Blue"]}, "seen_revision": 0}
    answer = api.post(f"{API}/listings/{listing.pk}/confirm/", stale)
    assert (answer.status_code, answer.json()["code"]) == (409, "listing_changed")
    assert answer.json()["listing"] == api.get(f"{API}/listings/{listing.pk}/").json()
    assert (list(ListingTag.objects.values()), Confirmation.objects.count()) == (before, 1)


def test_a_late_suggestion_is_no_conflict(cast: Cast, api: APIClient) -> None:
    listing = make_listing(cast.shop)
    count_change_by_model([listing.pk])
    body = {"values": VALUES, "seen_revision": 0}
    assert api.post(f"{API}/listings/{listing.pk}/confirm/", body).status_code == 200


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"values": {"colour": ["Rainbow"]}, "seen_revision": 0}, {"colour": ["There is no value Rainbow."]}),
        (
            {"values": {"category": ["Topwear", "Apparel"]}, "seen_revision": 0},
            {"category": ["There is no value Topwear › Apparel."]},
        ),
        (
            {"values": {"colour": "Red"}, "seen_revision": 0},
            {"values.colour": ['Expected a list of items but got type "str".']},
        ),
        ({"values": {}}, {"seen_revision": ["This field is required."]}),
        ({"values": {}, "seen_revision": -1}, {"seen_revision": ["Ensure this value is greater than or equal to 0."]}),
        (
            {"values": {}, "seen_revision": 0, "details": {"price": "-1"}},
            {"details.price": ["Ensure this value is greater than or equal to 0."]},
        ),
        ({"seen_revision": 0}, {"values": ["This field is required."]}),
        # A misspelt field must not read as one that was left empty.
        ({"values": {"color": ["Red"]}, "seen_revision": 0}, {"values.color": ["There is no such field."]}),
        ({"values": {}, "detail": {}, "seen_revision": 0}, {"detail": ["There is no such field."]}),
    ],
)
def test_what_cannot_be_used_is_named_and_changes_nothing(
    cast: Cast, api: APIClient, body: dict[str, Any], fields: dict[str, list[str]]
) -> None:
    listing = make_listing(cast.shop)
    answer = api.post(f"{API}/listings/{listing.pk}/confirm/", body)
    assert (answer.status_code, answer.json()["code"], answer.json()["fields"]) == (400, "invalid", fields)
    listing.refresh_from_db()
    assert (listing.revision, listing.state, Confirmation.objects.count()) == (0, "draft", 0)


def test_undoing_restores_the_draft_and_cannot_be_done_twice(cast: Cast, api: APIClient) -> None:
    listing = make_listing(cast.shop)
    confirm(api, listing)
    answer = api.post(f"{API}/listings/{listing.pk}/undo/", {})
    assert (answer.status_code, answer.json()["state"], answer.json()["confirmation"]) == (200, "draft", None)
    again = api.post(f"{API}/listings/{listing.pk}/undo/", {})
    assert (again.status_code, again.json()["code"]) == (409, "cannot_undo")
    assert Confirmation.objects.count() == 2


def test_an_older_decision_cannot_be_undone(cast: Cast, api: APIClient) -> None:
    listing = make_listing(cast.shop)
    first = confirm(api, listing).json()["confirmation"]["id"]
    confirm(api, listing, {"colour": ["Blue"]})
    answer = api.post(f"{API}/listings/{listing.pk}/undo/", {"confirmation": first})
    assert (answer.status_code, answer.json()["code"]) == (409, "cannot_undo")
    assert Confirmation.objects.count() == 2


def test_a_decision_about_another_listing_cannot_be_undone_here(cast: Cast, api: APIClient) -> None:
    listing, other = make_listing(cast.shop), make_listing(cast.shop)
    decision = confirm(api, other).json()["confirmation"]["id"]
    assert api.post(f"{API}/listings/{listing.pk}/undo/", {"confirmation": decision}).status_code == 409
    assert Confirmation.objects.count() == 1


def test_a_listing_is_made_by_hand_and_confirmed(cast: Cast, api: APIClient) -> None:
    body = {"details": {"title": "Scarf", "price": "5"}, "values": {"colour": ["Blue"]}}
    answer = api.post(f"{API}/shops/{cast.shop.pk}/listings/", body)
    listing = Listing.objects.get()
    assert (answer.status_code, answer.json()["id"], answer.json()["state"]) == (201, listing.pk, "confirmed")
    assert (listing.shop, listing.title, Confirmation.objects.get().how) == (cast.shop, "Scarf", "hidden")


def test_an_unknown_value_makes_no_listing(cast: Cast, api: APIClient) -> None:
    answer = api.post(f"{API}/shops/{cast.shop.pk}/listings/", {"values": {"season": ["Monsoon"]}})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["season"])
    assert Listing.objects.count() == 0


def found(api: APIClient, cast: Cast, query: str) -> list[str]:
    answer = api.get(f"{API}/shops/{cast.shop.pk}/listings/?{query}")
    assert answer.status_code == 200, answer.content
    return [each["title"] for each in answer.json()["results"]]


def test_a_list_is_narrowed_by_text_state_and_values(cast: Cast, api: APIClient) -> None:
    tee, scarf = make_listing(cast.shop, photos=0, title="Tee"), make_listing(cast.shop, photos=0, title="Scarf")
    make_listing(cast.strangers_shop, photos=0, title="Tee of another shop")
    confirm(api, tee)
    assert found(api, cast, "") == ["Scarf", "Tee"]
    assert found(api, cast, "text=tee") == ["Tee"]
    assert found(api, cast, "state=draft") == ["Scarf"]
    assert found(api, cast, "category=Apparel&category=Topwear") == ["Tee"]
    assert found(api, cast, "colour=Red&state=confirmed") == ["Tee"]
    assert found(api, cast, "colour=Blue") == []
    assert scarf.shop == cast.shop


@pytest.mark.parametrize(
    ("query", "field"), [("colour=Rainbow", "colour"), ("state=gone", "state"), ("text=%00", "text")]
)
def test_an_unknown_filter_is_named(cast: Cast, api: APIClient, query: str, field: str) -> None:
    answer = api.get(f"{API}/shops/{cast.shop.pk}/listings/?{query}")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])


def test_lists_come_in_pages(cast: Cast, api: APIClient) -> None:
    for number in range(3):
        make_listing(cast.shop, photos=0, title=str(number))
    first = api.get(f"{API}/shops/{cast.shop.pk}/listings/?page_size=2").json()
    assert (first["count"], [each["title"] for each in first["results"]], first["previous"]) == (3, ["2", "1"], None)
    assert [each["title"] for each in api.get(first["next"]).json()["results"]] == ["0"]
    assert api.get(f"{API}/shops/{cast.shop.pk}/listings/?page=9").status_code == 404


@pytest.mark.parametrize("size", ["0", "201", "-1", "many", ""])
def test_a_size_of_pages_that_cannot_be_used_is_named(cast: Cast, api: APIClient, size: str) -> None:
    answer = api.get(f"{API}/shops/{cast.shop.pk}/listings/?page_size={size}")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["page_size"])


def test_a_list_takes_as_many_queries_for_thirty_rows_as_for_one(cast: Cast, api: APIClient) -> None:
    counts = []
    for missing in (1, 29):
        for _ in range(missing):
            confirm(api, make_listing(cast.shop, photos=2))
        with CaptureQueriesContext(
            connection,
        ) as captured:
            api.get(f"{API}/shops/{cast.shop.pk}/listings/")
        counts.append(len(captured))
    assert counts == [8, 8]
