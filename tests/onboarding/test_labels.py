"""The label snapshot: for each field the newest decision speaks; bulk and undone ones only when asked."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from catalog.models import Listing, TagField, Term
from onboarding.labels import count_values, fingerprint, labelled_photos
from onboarding.models import Confirmation
from onboarding.services.confirming import Decision, confirm_listing, undo_confirmation
from tests.conftest import Cast, make_listing, make_shop, make_user, term

How = Confirmation.How

SHIRT = {"master_category": "Apparel", "sub_category": "Topwear", "article_type": "Shirts"}


def decide(cast: Cast, listing: Listing, how: Confirmation.How = How.SHOWN, **values: str | None) -> Confirmation:
    """A whole decision: decide(cast, listing, colour="Red") leaves all other fields empty."""
    choices: dict[TagField, Term | None] = dict.fromkeys(TagField)
    choices.update((TagField(field), term(field, value) if value else None) for field, value in values.items())
    return confirm(cast, listing, choices, how)


def confirm(
    cast: Cast, listing: Listing, choices: Mapping[TagField, Term | None], how: Confirmation.How = How.SHOWN
) -> Confirmation:
    listing.refresh_from_db()
    decision = Decision(choices=choices, seen_revision=listing.revision, idempotency_key=str(uuid4()), how=how)
    confirmation = confirm_listing(listing=listing, actor=cast.seller, decision=decision)
    assert confirmation is not None
    return confirmation


def labels(**options: Any) -> dict[int, Mapping[str, str]]:
    return {row.photo.pk: row.labels for row in labelled_photos(**options)}


def test_every_photo_of_a_decided_listing_has_its_labels_and_empty_fields_have_none(cast: Cast) -> None:
    listing, undecided = make_listing(cast.shop, photos=2), make_listing(cast.shop)
    decide(cast, listing, colour="Red", season=None)
    photos = listing.photos.all()
    assert labels() == {photo.pk: {"colour": "Red"} for photo in photos}
    assert undecided.photos.get().pk not in labels()


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_category_labels_as_many_levels_as_were_decided(cast: Cast, depth: int) -> None:
    listing = make_listing(cast.shop)
    path = tuple(SHIRT.values())[:depth]
    confirm(cast, listing, {**dict.fromkeys(TagField), TagField.CATEGORY: term("category", *path)})
    assert labels() == {listing.photos.get().pk: dict(list(SHIRT.items())[:depth])}


def test_the_newest_decision_speaks_and_what_it_left_empty_is_no_label_any_more(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    decide(cast, listing, colour="Red", season="Summer")
    decide(cast, listing, colour="Blue")
    assert labels() == {listing.photos.get().pk: {"colour": "Blue"}}


def test_an_undone_decision_gives_way_to_the_one_before_unless_asked_for(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    decide(cast, listing, colour="Red")
    undo_confirmation(confirmation=decide(cast, listing, colour="Blue"), actor=cast.seller)
    photo = listing.photos.get().pk
    assert labels() == {photo: {"colour": "Red"}}
    assert labels(include_undone=True) == {photo: {"colour": "Blue"}}


def test_a_listing_whose_only_decision_was_undone_has_no_labels(cast: Cast) -> None:
    undo_confirmation(confirmation=decide(cast, make_listing(cast.shop), colour="Red"), actor=cast.seller)
    assert labels() == {}


def test_bulk_decisions_speak_only_when_asked_and_nothing_older_in_their_stead(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    decide(cast, listing, colour="Red")
    decide(cast, listing, How.BULK, colour="Blue")
    assert labels() == {}
    assert labels(include_bulk=True) == {listing.photos.get().pk: {"colour": "Blue"}}


def test_imported_and_hidden_decisions_are_labels_too(cast: Cast) -> None:
    listings = [make_listing(cast.shop) for _ in range(2)]
    decide(cast, listings[0], How.IMPORT, colour="Red")
    decide(cast, listings[1], How.HIDDEN, colour="Blue")
    assert sorted(each["colour"] for each in labels().values()) == ["Blue", "Red"]


def test_a_value_that_was_merged_into_another_counts_as_the_other(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    decide(cast, listing, colour="Navy Blue")
    navy = term("colour", "Navy Blue")
    Term.objects.filter(pk=navy.pk).update(merged_into=term("colour", "Blue"), retired_at=timezone.now())
    assert labels() == {listing.photos.get().pk: {"colour": "Blue"}}


def test_values_merged_in_a_circle_end_somewhere(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    decide(cast, listing, colour="Navy Blue")
    navy, blue = term("colour", "Navy Blue"), term("colour", "Blue")
    Term.objects.filter(pk=navy.pk).update(merged_into=blue)
    Term.objects.filter(pk=blue.pk).update(merged_into=navy)
    assert labels()[listing.photos.get().pk]["colour"] in ("Blue", "Navy Blue")


def test_a_shop_exports_only_its_own_labels(cast: Cast) -> None:
    own, other = make_listing(cast.shop), make_listing(cast.strangers_shop)
    for listing in (own, other):
        decide(cast, listing, colour="Red")
    shops = type(cast.shop).objects.filter(pk=cast.shop.pk)
    assert set(labels(shops=shops)) == {own.photos.get().pk}
    assert set(labels()) == {own.photos.get().pk, other.photos.get().pk}


def test_the_snapshots_fingerprint_changes_with_every_label_and_with_nothing_else(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    decide(cast, listing, colour="Red", season="Summer")
    first = fingerprint(labelled_photos())
    decide(cast, make_listing(make_shop(make_user("new@example.com"))), colour=None)  # no label
    assert fingerprint(labelled_photos()) == first
    decide(cast, listing, colour="Blue", season="Summer")
    assert fingerprint(labelled_photos()) != first


def test_labels_are_counted_by_output(cast: Cast) -> None:
    decide(cast, make_listing(cast.shop, photos=2), colour="Red", season="Summer")
    decide(cast, make_listing(cast.shop), colour="Blue")
    assert count_values(labelled_photos()) == {"colour": 3, "season": 2}


@pytest.mark.parametrize("count", [1, 3])
def test_however_many_labels_are_read_in_four_queries(cast: Cast, django_assert_num_queries: Any, count: int) -> None:
    for _ in range(count):
        decide(cast, make_listing(cast.shop), colour="Red")
    with django_assert_num_queries(4):
        assert len(labelled_photos()) == count
