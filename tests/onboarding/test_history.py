"""What happened to a listing is told, and any state of it can be brought back."""

import uuid
from itertools import cycle
from typing import Any

import pytest
from django.http import HttpResponse

from catalog.models import Listing, TagField
from catalog.vocabulary import Vocabulary
from onboarding.history import HistoryEntry, history_of
from onboarding.models import Confirmation, ModelVersion, User
from onboarding.services.confirming import Decision, confirm_listing, undo_confirmation
from onboarding.services.prefilling import prefill_listings
from tests.conftest import Cast, make_listing, make_version, predict, term


@pytest.fixture
def listing(cast: Cast) -> Listing:
    """Suggested as red; then blue by the seller, green by the teammate."""
    found = make_listing(cast.shop)
    predict(found.photos.get(), make_version(), "colour", term("colour", "Red"))
    prefill_listings([found.pk])
    decide(found, cast.seller, colour="Blue")
    decide(found, cast.teammate, colour="Green", season="Summer")
    return Listing.objects.get(pk=found.pk)


def decide(listing: Listing, actor: User, **values: str) -> Confirmation:
    choices = {field: term(field, values[field]) if field in values else None for field in TagField}
    seen = Listing.objects.get(pk=listing.pk).revision
    decision = Decision(choices=choices, seen_revision=seen, idempotency_key=str(uuid.uuid4()))
    confirmation = confirm_listing(listing=listing, actor=actor, decision=decision)
    assert confirmation
    return confirmation


def entries(listing: Listing) -> list[HistoryEntry]:
    return history_of(listing, Vocabulary())


def told(entry: HistoryEntry) -> dict[str, str]:
    return {value.label: value.name for value in entry.values if value.name}


def tags(listing: Listing) -> dict[str, str]:
    return {tag.field: tag.term.key for tag in listing.tags.select_related("term") if tag.term}


def restore(cast: Cast, confirmation: Confirmation, **data: Any) -> HttpResponse:
    data = {"idempotency_key": str(uuid.uuid4()), **data}
    return cast.browser(cast.seller).post(f"/confirmations/{confirmation.pk}/restore/", data)


def test_people_and_models_are_told_with_their_values_the_newest_first(cast: Cast, listing: Listing) -> None:
    newest, middle, oldest = entries(listing)
    assert [entry.who for entry in (newest, middle)] == [str(cast.teammate), str(cast.seller)]
    assert (told(newest), told(middle), told(oldest)) == (
        {"Colour": "Green", "Season": "Summer"},
        {"Colour": "Blue"},
        {"Colour": "Red"},
    )
    assert (oldest.who, oldest.is_model, oldest.is_restorable) == (ModelVersion.objects.get().name, True, False)
    assert len(newest.values) == len(TagField)  # what was left empty on purpose is told too


def test_what_was_undone_is_told_as_such(cast: Cast, listing: Listing) -> None:
    undo_confirmation(confirmation=Confirmation.objects.latest("pk"), actor=cast.seller)
    undo, undone, *_rest = entries(listing)
    assert (undo.how, undo.is_restorable, undone.is_undone, undone.is_restorable) == ("undone", False, True, True)


def test_an_earlier_state_is_restored_exactly_and_the_history_grows(cast: Cast, listing: Listing) -> None:
    blue = Confirmation.objects.earliest("pk")
    response = restore(cast, blue)
    assert response["Location"] == f"/listings/{listing.pk}/history/"
    assert tags(listing) == {"colour": "Blue"}
    assert [told(entry).get("Colour") for entry in entries(listing)] == ["Blue", "Green", "Blue", "Red"]
    restored = Confirmation.objects.latest("pk")
    assert (restored.how, restored.actor, restored.labels.get().suggested) == ("restored", cast.seller, None)


def test_an_undone_state_can_be_restored(cast: Cast, listing: Listing) -> None:
    green = Confirmation.objects.latest("pk")
    undo_confirmation(confirmation=green, actor=cast.seller)
    assert tags(listing) == {"colour": "Blue"}
    restore(cast, green)
    assert tags(listing) == {"colour": "Green", "season": "Summer"}


def test_a_double_click_restores_once(cast: Cast, listing: Listing) -> None:
    key = str(uuid.uuid4())
    blue = Confirmation.objects.earliest("pk")
    for _ in range(2):
        restore(cast, blue, idempotency_key=key)
    assert Confirmation.objects.filter(how="restored").count() == 1


@pytest.mark.parametrize("key", ["", "x"])
def test_without_a_key_nothing_is_restored(cast: Cast, listing: Listing, key: str) -> None:
    assert restore(cast, Confirmation.objects.earliest("pk"), idempotency_key=key).status_code == 404
    assert tags(listing) == {"colour": "Green", "season": "Summer"}


def test_an_undoing_is_no_state(cast: Cast, listing: Listing) -> None:
    undo = undo_confirmation(confirmation=Confirmation.objects.latest("pk"), actor=cast.seller)
    assert restore(cast, undo).status_code == 404
    assert tags(listing) == {"colour": "Blue"}


def test_the_page_shows_it_in_the_same_queries_for_few_and_many(
    cast: Cast, listing: Listing, django_assert_max_num_queries: Any
) -> None:
    browser = cast.browser(cast.seller)
    browser.get(f"/listings/{listing.pk}/history/")
    colours = cycle(["Red", "Blue"])
    for count in (1, 6):
        for _ in range(count):
            decide(listing, cast.seller, colour=next(colours))
        with django_assert_max_num_queries(13):
            page = browser.get(f"/listings/{listing.pk}/history/").content.decode()
    assert page.count("Restore these values") == 9
    assert "Suggested by model-" in page


def test_a_listing_to_which_nothing_happened_says_so(cast: Cast) -> None:
    bare = make_listing(cast.shop)
    page = cast.browser(cast.seller).get(f"/listings/{bare.pk}/history/").content.decode()
    assert "Nothing has happened to this listing yet." in page
