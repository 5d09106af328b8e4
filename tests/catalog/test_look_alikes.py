"""What looks alike: noted once a pair, asked about in groups, and settled by what a person says."""

from itertools import pairwise
from typing import Any

import pytest

from catalog.errors import NoCopyToDiscard
from catalog.look_alikes import MOST_IN_A_GROUP, look_alike_groups, open_questions
from catalog.models import Listing, LookAlike, Photo, Shop
from catalog.services.look_alikes import answer_look_alikes, discard_copies, note_copies, note_pairs
from catalog.services.photos import transfer_photo
from catalog.services.variants import group_as_variants
from catalog.vocabulary import Vocabulary
from tests.conftest import Cast, make_listing, stored_files

Kind, Answer = LookAlike.Kind, LookAlike.Answer
LOOK = "f" * 128
NEARLY = "f" * 120 + "0" * 8
OTHER = "0" * 64 + "f" * 64


def make_photo_of(shop: Shop, look: str = LOOK, sha256: str = "", **fields: Any) -> Photo:
    photo = make_listing(shop, **fields).photos.get()
    Photo.objects.filter(pk=photo.pk).update(perceptual_hash=look, sha256=sha256 or f"{photo.pk:064}")
    return Photo.objects.select_related("listing").get(pk=photo.pk)


def pairs() -> list[tuple[int, int, str]]:
    return list(LookAlike.objects.order_by("photo", "other").values_list("photo", "other", "kind"))


def questions(shop: Shop) -> list[tuple[list[int], bool]]:
    _total, groups = look_alike_groups(shop, Vocabulary(), limit=10)
    return [([card.listing.pk for card in group.cards], group.are_copies) for group in groups]


def test_a_copy_is_noted_with_the_oldest_photo_that_it_is_a_copy_of(cast: Cast) -> None:
    first, _second, other = make_photo_of(cast.shop), make_photo_of(cast.shop), make_photo_of(cast.shop, OTHER)
    copy = make_photo_of(cast.shop, NEARLY)
    make_photo_of(cast.strangers_shop)
    note_copies(shop=cast.shop, photos=[copy, other])
    assert pairs() == [(copy.pk, first.pk, Kind.COPY)]


def test_the_same_file_is_a_copy_whatever_it_looks_like(cast: Cast) -> None:
    first, copy = (make_photo_of(cast.shop, "", sha256="a" * 64) for _ in range(2))
    note_copies(shop=cast.shop, photos=[copy])
    assert pairs() == [(copy.pk, first.pk, Kind.COPY)]


def test_photos_of_one_listing_are_no_question(cast: Cast) -> None:
    first, second = make_photo_of(cast.shop), make_photo_of(cast.shop)
    transfer_photo(photo=second, listing=first.listing)
    note_copies(shop=cast.shop, photos=[Photo.objects.get(pk=second.pk)])
    assert pairs() == []


def test_a_pair_is_noted_once_whatever_the_order_and_keeps_its_first_kind(cast: Cast) -> None:
    first, second = make_photo_of(cast.shop), make_photo_of(cast.shop)
    note_pairs([(first.pk, second.pk)], Kind.COPY)
    note_pairs([(second.pk, first.pk)], Kind.SIMILAR)
    assert pairs() == [(second.pk, first.pk, Kind.COPY)]


def test_what_hangs_together_is_one_question_the_newest_first(cast: Cast) -> None:
    photos = [make_photo_of(cast.shop) for _ in range(5)]
    listings = [photo.listing_id for photo in photos]
    note_pairs([(photos[1].pk, photos[0].pk)], Kind.COPY)
    note_pairs([(photos[3].pk, photos[2].pk), (photos[4].pk, photos[3].pk)], Kind.SIMILAR)
    assert questions(cast.shop) == [(listings[2:], False), (listings[:2], True)]
    assert questions(cast.strangers_shop) == []


def test_a_long_chain_is_asked_about_in_pieces(cast: Cast) -> None:
    photos = [make_photo_of(cast.shop) for _ in range(MOST_IN_A_GROUP + 3)]
    note_pairs([(one.pk, other.pk) for one, other in pairwise(photos)], Kind.SIMILAR)
    ((shown, _are_copies),) = questions(cast.shop)
    assert shown == [photo.listing_id for photo in photos[:MOST_IN_A_GROUP]]


def test_questions_cost_as_many_queries_for_many_as_for_few(cast: Cast, django_assert_num_queries: Any) -> None:
    vocabulary = Vocabulary()
    for count in (1, 6):
        photos = [make_photo_of(cast.shop) for _ in range(2 * count)]
        note_pairs([(one.pk, other.pk) for one, other in zip(photos[::2], photos[1::2], strict=True)], Kind.COPY)
        with django_assert_num_queries(3):
            look_alike_groups(cast.shop, vocabulary, limit=10)


@pytest.mark.parametrize("answer", list(Answer))
def test_an_answer_settles_what_is_between_these_listings_alone(cast: Cast, answer: LookAlike.Answer) -> None:
    photos = [make_photo_of(cast.shop) for _ in range(3)]
    note_pairs([(photos[1].pk, photos[0].pk), (photos[2].pk, photos[1].pk)], Kind.SIMILAR)
    answer_look_alikes(listings=[photo.listing for photo in photos[:2]], answer=answer, actor=cast.seller)
    assert questions(cast.shop) == [([photos[1].listing_id, photos[2].listing_id], False)]
    assert list(LookAlike.objects.exclude(answer="").values_list("answer", "answered_by")) == [(answer, cast.seller.pk)]


def test_variants_are_no_question(cast: Cast) -> None:
    photos = [make_photo_of(cast.shop) for _ in range(2)]
    note_pairs([(photos[1].pk, photos[0].pk)], Kind.SIMILAR)
    assert open_questions().count() == 1
    group_as_variants(listings=[photo.listing for photo in photos])
    assert open_questions().count() == 0


def test_of_two_copies_the_newer_draft_goes_with_its_files(cast: Cast) -> None:
    first, copy = make_photo_of(cast.shop), make_photo_of(cast.shop)
    note_copies(shop=cast.shop, photos=[copy])
    files = len(stored_files("photos"))
    assert discard_copies(listings=[first.listing, copy.listing]) == 1
    assert list(Listing.objects.filter(shop=cast.shop)) == [first.listing]
    assert (files, first.listing.photos.count()) == (6, 1)


def test_a_confirmed_listing_keeps_its_photo_the_draft_gives_way(cast: Cast) -> None:
    draft, confirmed = make_photo_of(cast.shop), make_photo_of(cast.shop, state=Listing.State.CONFIRMED)
    note_copies(shop=cast.shop, photos=[confirmed])
    assert discard_copies(listings=[draft.listing, confirmed.listing]) == 1
    assert list(Photo.objects.all()) == [confirmed]


def test_where_both_are_confirmed_nothing_is_removed(cast: Cast) -> None:
    photos = [make_photo_of(cast.shop, state=Listing.State.CONFIRMED) for _ in range(2)]
    note_copies(shop=cast.shop, photos=[photos[1]])
    with pytest.raises(NoCopyToDiscard):
        discard_copies(listings=[photo.listing for photo in photos])
    assert Photo.objects.count() == 2


def test_a_listing_with_other_photos_loses_the_copy_alone(cast: Cast) -> None:
    first, copy, angle = (make_photo_of(cast.shop, look) for look in (LOOK, LOOK, OTHER))
    left = angle.listing
    transfer_photo(photo=angle, listing=copy.listing)
    left.delete()
    note_copies(shop=cast.shop, photos=[copy])
    assert discard_copies(listings=[first.listing, copy.listing]) == 1
    assert list(copy.listing.photos.all()) == [angle]
    assert Listing.objects.filter(shop=cast.shop).count() == 2
