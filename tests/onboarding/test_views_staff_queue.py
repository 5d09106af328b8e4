"""Deciding what the network is unsure of: one field after the other, by people with the right."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from catalog.models import Listing, ListingTag, TagField
from onboarding.models import Confirmation, DoubtfulTag, Label, ModelVersion
from onboarding.services.confirming import Decision, confirm_listing
from onboarding.services.prefilling import prefill_listings
from tests.conftest import Cast, make_listing, make_user, make_version, predict, term

NEXT, UNDO = "/staff/queue/next/", "/staff/queue/undo/"


@pytest.fixture
def version(db: None) -> ModelVersion:
    return make_version()


@pytest.fixture
def admin(cast: Cast) -> Client:
    """Staff with just the right to decide."""
    person = make_user("reviewer@example.com", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="review_predictions"))
    return cast.browser(person)


def doubtful(cast: Cast, version: ModelVersion, confidence: float = 0.3, colour: str = "Red") -> DoubtfulTag:
    listing = make_listing(cast.shop)
    others = [[term("colour", "Blue").pk, 0.25], [term("colour", "Green").pk, 0.2]]
    predict(
        listing.photos.get(), version, "colour", term("colour", colour), confidence=confidence, band="unsure",
        alternatives=others,
    )  # fmt: skip
    prefill_listings([listing.pk])
    return DoubtfulTag.objects.get(listing=listing)


def path_of(doubt: DoubtfulTag, query: str = "") -> str:
    return reverse("onboarding:staff_queue_item", args=[doubt.pk]) + query


def hidden(page: HttpResponse) -> dict[str, str]:
    """What the form in view sends along."""
    text = page.content.decode()
    names = ("seen_revision", "idempotency_key")
    return {name: re.search(f'name="{name}" value="([^"]*)"', text)[1] for name in names}  # type: ignore[index]


def decide(browser: Client, doubt: DoubtfulTag, value: str, query: str = "", **fields: Any) -> HttpResponse:
    sent = {**hidden(browser.get(path_of(doubt, query))), "colour": value, **fields}
    return browser.post(path_of(doubt, query), sent)


def colour_of(listing: Listing) -> tuple[str | None, str]:
    tag = listing.tags.select_related("term").get(field="colour")
    return (tag.term.key if tag.term else None, tag.source)


def test_the_next_one_is_the_least_confident(cast: Cast, version: ModelVersion, admin: Client) -> None:
    doubtful(cast, version, 0.4)
    least = doubtful(cast, version, 0.1)
    assert admin.get(NEXT)["Location"] == path_of(least)
    page = admin.get(path_of(least)).content.decode()
    assert "2 left" in page
    photo = least.listing.photos.get()
    assert reverse("onboarding:staff_photo", args=[photo.pk, "display"]) in page


def test_the_guess_is_chosen_so_that_one_key_agrees(cast: Cast, version: ModelVersion, admin: Client) -> None:
    page = admin.get(path_of(doubtful(cast, version))).content.decode()
    chosen = [tag for tag in re.findall(r"<input[^>]*>", page) if 'name="colour"' in tag and " checked" in tag]
    assert [re.findall('value="([^"]*)"', tag) for tag in chosen] == [[str(term("colour", "Red").pk)]]


def test_a_decision_goes_through_confirming_and_leads_to_the_next(
    cast: Cast, version: ModelVersion, admin: Client
) -> None:
    first, second = doubtful(cast, version, 0.1), doubtful(cast, version, 0.2)
    assert decide(admin, first, str(term("colour", "Blue").pk))["Location"] == path_of(second)
    confirmation = Confirmation.objects.get()
    assert (confirmation.how, confirmation.is_whole, confirmation.fields) == ("admin", False, ["colour"])
    assert (confirmation.listing, confirmation.actor.email) == (first.listing, "reviewer@example.com")
    label = Label.objects.get()
    assert (label.term, label.suggested, label.suggested_confidence) == (
        term("colour", "Blue"), term("colour", "Red"), 0.1,
    )  # fmt: skip
    assert colour_of(first.listing) == ("Blue", ListingTag.Source.PERSON)
    first.listing.refresh_from_db()
    assert first.listing.state == Listing.State.DRAFT


def test_any_other_value_and_the_empty_one_can_be_decided_too(cast: Cast, version: ModelVersion, admin: Client) -> None:
    first, second = doubtful(cast, version, 0.1), doubtful(cast, version, 0.2)
    decide(admin, first, "", colour_other=str(term("colour", "Olive").pk))
    decide(admin, second, "")
    assert colour_of(first.listing) == ("Olive", ListingTag.Source.PERSON)
    assert colour_of(second.listing) == (None, ListingTag.Source.PERSON)
    assert Label.objects.count() == 1


def test_the_empty_value_is_called_what_it_means_here(cast: Cast, version: ModelVersion, admin: Client) -> None:
    page = admin.get(path_of(doubtful(cast, version))).content.decode()
    assert ("Cannot tell" in page, "Leave empty" in page) == (True, False)


def test_a_listing_whose_photos_went_away_under_ones_hands_can_still_be_decided(
    cast: Cast, version: ModelVersion, admin: Client
) -> None:
    doubt = doubtful(cast, version)
    doubt.listing.photos.all().delete()
    assert admin.get(path_of(doubt)).status_code == 200


def test_skipping_leaves_a_tag_where_it_is_and_goes_on(cast: Cast, version: ModelVersion, admin: Client) -> None:
    first, second = doubtful(cast, version, 0.1), doubtful(cast, version, 0.2)
    assert admin.get(f"{NEXT}?after={first.pk}")["Location"] == path_of(second)
    assert admin.get(f"{NEXT}?after={second.pk}")["Location"] == path_of(first)
    assert DoubtfulTag.objects.count() == 2


def test_a_part_of_the_queue_is_kept_to_until_it_is_done(cast: Cast, version: ModelVersion, admin: Client) -> None:
    red, blue = doubtful(cast, version, 0.2), doubtful(cast, version, 0.1, "Blue")
    query = f"?value={term('colour', 'Red').pk}"
    assert admin.get(NEXT + query)["Location"] == path_of(red, query)
    after = decide(admin, red, str(term("colour", "Red").pk), query)
    assert after["Location"] == NEXT + query
    done = admin.get(after["Location"])
    assert (done.status_code, "1 other tag is waiting." in done.content.decode()) == (200, True)
    assert DoubtfulTag.objects.get() == blue


def test_when_nothing_is_left_the_page_says_so(cast: Cast, admin: Client) -> None:
    for path in (NEXT, "/staff/queue/"):
        assert "Nothing is waiting" in admin.get(path).content.decode()


@pytest.mark.parametrize("value", ["987654321", "x", None])
def test_what_is_no_value_of_the_field_is_asked_again_and_changes_nothing(
    cast: Cast, version: ModelVersion, admin: Client, value: str | None
) -> None:
    doubt = doubtful(cast, version)
    sent = {**hidden(admin.get(path_of(doubt))), **({} if value is None else {"colour": value})}
    answer = admin.post(path_of(doubt), sent)
    assert (answer.status_code, "Choose one of the values." in answer.content.decode()) == (400, True)
    assert (Confirmation.objects.count(), DoubtfulTag.objects.count()) == (0, 1)


def test_a_listing_that_somebody_changed_meanwhile_is_left_and_said(
    cast: Cast, version: ModelVersion, admin: Client
) -> None:
    first, second = doubtful(cast, version, 0.1), doubtful(cast, version, 0.2)
    seen = hidden(admin.get(path_of(first)))
    listing = Listing.objects.get(pk=first.listing_id)
    season = {TagField.SEASON: term("season", "Fall")}
    decision = Decision(choices=season, seen_revision=listing.revision, idempotency_key="k", is_whole=False)
    confirm_listing(listing=listing, actor=cast.seller, decision=decision)
    answer = admin.post(path_of(first), {**seen, "colour": str(term("colour", "Blue").pk)}, follow=True)
    assert answer.redirect_chain == [(path_of(second), 302)]
    assert "nothing was saved" in answer.content.decode()
    assert Confirmation.objects.count() == 1


def test_a_tag_that_was_decided_meanwhile_gives_way_to_the_next(
    cast: Cast, version: ModelVersion, admin: Client
) -> None:
    first, second = doubtful(cast, version, 0.1), doubtful(cast, version, 0.2)
    path = path_of(first)
    first.delete()
    answer = admin.get(path, follow=True)
    assert [address for address, _status in answer.redirect_chain] == [f"{NEXT}?", path_of(second)]
    assert "decided meanwhile" in answer.content.decode()


def test_sending_a_decision_twice_is_deciding_once(cast: Cast, version: ModelVersion, admin: Client) -> None:
    doubt = doubtful(cast, version)
    sent = {**hidden(admin.get(path_of(doubt))), "colour": str(term("colour", "Blue").pk)}
    for _ in range(2):
        assert admin.post(path_of(doubt), sent).status_code == 302
    assert Confirmation.objects.count() == 1


def test_the_last_decision_can_be_undone_and_comes_back(cast: Cast, version: ModelVersion, admin: Client) -> None:
    first, second = doubtful(cast, version, 0.1), doubtful(cast, version, 0.2)
    decide(admin, first, str(term("colour", "Blue").pk))
    assert "Undo the last" in admin.get(path_of(second)).content.decode()
    again = DoubtfulTag.objects.filter(listing=first.listing)
    assert admin.post(UNDO)["Location"] == path_of(again.get())
    assert first.listing.tags.count() == 0
    before = list(Confirmation.objects.values())
    assert admin.post(UNDO)["Location"] == f"{NEXT}?"  # once only
    assert list(Confirmation.objects.values()) == before


def test_nobody_undoes_what_somebody_else_decided(cast: Cast, version: ModelVersion, admin: Client) -> None:
    decide(admin, doubtful(cast, version), str(term("colour", "Blue").pk))
    other = make_user("other@example.com", is_staff=True, is_superuser=True)
    browser = cast.browser(other)
    session = browser.session
    session["queue_undo"] = Confirmation.objects.get().pk
    session.save()
    browser.post(UNDO)
    assert Confirmation.objects.count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_costs_as_many_queries_however_much_waits(
    cast: Cast, version: ModelVersion, admin: Client, django_assert_num_queries: Any, count: int
) -> None:
    doubts = [doubtful(cast, version) for _ in range(count)]
    admin.get(path_of(doubts[0]))
    with django_assert_num_queries(11):
        admin.get(path_of(doubts[0]))
    with django_assert_num_queries(7):
        admin.get("/staff/queue/")


def test_a_key_of_ones_own_is_in_every_form(cast: Cast, version: ModelVersion, admin: Client) -> None:
    doubt = doubtful(cast, version)
    keys = {hidden(admin.get(path_of(doubt)))["idempotency_key"] for _ in range(2)}
    assert (len(keys), str(uuid4()) in keys) == (2, False)
