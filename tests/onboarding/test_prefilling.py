"""Prefills: into drafts, where nobody has decided, and never over a person."""

from typing import Any

from catalog.models import Listing, ListingTag
from catalog.services.photos import remove_photo, split_photo
from onboarding.services.prefilling import prefill_listings
from tests.conftest import Cast, make_listing, make_version, predict, term

Source = ListingTag.Source


def tags_of(listing: Listing) -> dict[str, tuple[str | None, str]]:
    rows = listing.tags.select_related("term")
    return {tag.field: (tag.term.key if tag.term else None, tag.source) for tag in rows}


def revisions(listing: Listing) -> tuple[int, int, int | None]:
    listing.refresh_from_db()
    return listing.revision, listing.person_revision, listing.prefilled_revision


def guess(listing: Listing, **values: str) -> None:
    """Sure predictions on the listing's first photo: guess(listing, colour="Red")."""
    photo, version = listing.photos.all()[0], make_version(f"{len(values)}{listing.pk:063d}", state="candidate")
    for output, key in values.items():
        predict(photo, version, output, term(output, key))


def test_confident_suggestions_are_written_and_the_rest_stays_empty(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    guess(listing, colour="Red")
    predict(listing.photos.get(), make_version(), "season", term("season", "Fall"), band="unsure", confidence=0.3)
    assert prefill_listings([listing.pk]) == 1
    assert tags_of(listing) == {"colour": ("Red", Source.MODEL)}
    assert revisions(listing) == (1, 0, 1)


def test_what_a_person_or_an_import_decided_stays_also_where_it_is_empty(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    blue = term("colour", "Blue")
    ListingTag.objects.create(listing=listing, field="colour", term=blue, source=Source.PERSON, set_by=cast.seller)
    ListingTag.objects.create(listing=listing, field="season", term=None, source=Source.PERSON, set_by=cast.seller)
    ListingTag.objects.create(listing=listing, field="usage", term=None, source=Source.IMPORT)
    guess(listing, colour="Red", season="Fall", usage="Casual", gender="Men")
    prefill_listings([listing.pk])
    assert tags_of(listing) == {
        "colour": ("Blue", Source.PERSON),
        "season": (None, Source.PERSON),
        "usage": (None, Source.IMPORT),
        "gender": ("Men", Source.MODEL),
    }


def test_a_later_guess_replaces_an_earlier_one_and_takes_back_what_it_doubts(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    guess(listing, colour="Red", season="Fall")
    prefill_listings([listing.pk])
    newer = make_version("f" * 64)
    predict(listing.photos.get(), newer, "colour", term("colour", "Blue"))
    predict(listing.photos.get(), newer, "season", term("season", "Fall"), band="unsure", confidence=0.2)
    assert prefill_listings([listing.pk]) == 1
    assert tags_of(listing) == {"colour": ("Blue", Source.MODEL)}


def test_a_confirmed_listing_is_left_alone_but_knows_of_newer_suggestions(cast: Cast) -> None:
    listing = make_listing(cast.shop, state=Listing.State.CONFIRMED)
    before = listing.updated_at
    guess(listing, colour="Red")
    assert prefill_listings([listing.pk]) == 0
    assert (tags_of(listing), revisions(listing)) == ({}, (1, 0, 1))
    assert listing.updated_at == before


def test_doing_it_again_changes_no_tag(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    guess(listing, colour="Red")
    prefill_listings([listing.pk])
    rows = list(listing.tags.values_list("pk", flat=True))
    assert prefill_listings([listing.pk]) == 0
    assert list(listing.tags.values_list("pk", flat=True)) == rows


def test_a_listing_that_was_deleted_meanwhile_is_passed_over(cast: Cast) -> None:
    gone, stays = make_listing(cast.shop), make_listing(cast.shop)
    guess(stays, colour="Red")
    pk = gone.pk
    gone.delete()
    assert prefill_listings([pk, stays.pk]) == 1


def test_guesses_follow_a_photo_into_its_new_listing(cast: Cast) -> None:
    listing = make_listing(cast.shop, photos=2)
    guess(listing, colour="Red")
    prefill_listings([listing.pk])
    own = split_photo(photo=listing.photos.all()[0])
    assert (tags_of(listing), tags_of(own)) == ({}, {"colour": ("Red", Source.MODEL)})


def test_guesses_leave_with_a_photo_that_is_removed(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    guess(listing, colour="Red")
    prefill_listings([listing.pk])
    remove_photo(photo=listing.photos.get())
    assert tags_of(listing) == {}


def test_many_listings_cost_as_many_queries_as_one(cast: Cast, django_assert_num_queries: Any) -> None:
    for count in (1, 3):
        listings = [make_listing(cast.shop) for _ in range(count)]
        for listing in listings:
            guess(listing, colour="Red")
        with django_assert_num_queries(11):
            assert prefill_listings([listing.pk for listing in listings]) == count
