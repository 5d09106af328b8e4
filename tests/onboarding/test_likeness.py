"""Photos that may show one item are noted while tagging, with a real network."""

from collections.abc import Sequence

import pytest
from PIL import Image

from catalog.models import Listing, LookAlike, Photo, Shop
from catalog.services.look_alikes import answer_look_alikes
from catalog.services.photos import transfer_photo
from catalog.services.variants import group_as_variants
from onboarding import worker
from onboarding.models import TagRequest
from onboarding.services import queue
from onboarding.services.model_versions import register_artifact
from onboarding.worker import TaggerCache, tag_next_batch
from tests.artifacts import tiny_artifact
from tests.conftest import Cast, make_photo
from tests.drawing import as_jpeg, product

SHIRT = product("shirt", "red", (96, 128), seed=1)
ANGLE = SHIRT.resize((90, 120))
SHOE = product("shoe", "blue", (96, 128), seed=2)


@pytest.fixture
def taggers(db: None) -> TaggerCache:
    register_artifact(tiny_artifact(), activate=True)
    return TaggerCache()


def queued(shop: Shop, *pictures: Image.Image) -> list[Photo]:
    photos = []
    for picture in pictures:
        photo = make_photo(Listing.objects.create(shop=shop), as_jpeg(picture))
        queue.enqueue_photo(photo=photo)
        photos.append(photo)
    return photos


def tag(taggers: TaggerCache) -> int:
    """All that is due, as a worker does."""
    counts = list(iter(lambda: tag_next_batch(taggers), 0))
    return sum(counts)


def pairs() -> list[tuple[int, int, str]]:
    return list(LookAlike.objects.order_by("photo").values_list("photo", "other", "kind"))


def ids(photos: Sequence[Photo]) -> list[int]:
    return [photo.pk for photo in photos]


def test_photos_of_one_item_are_noted_across_batches_and_other_goods_are_not(cast: Cast, taggers: TaggerCache) -> None:
    shirt, _shoe = ids(queued(cast.shop, SHIRT, SHOE))
    tag(taggers)
    assert pairs() == []
    (angle,) = ids(queued(cast.shop, ANGLE))
    tag(taggers)
    assert pairs() == [(angle, shirt, "similar")]


def test_photos_of_one_batch_are_compared_with_each_other(cast: Cast, taggers: TaggerCache) -> None:
    shirt, angle, _shoe = ids(queued(cast.shop, SHIRT, ANGLE, SHOE))
    tag(taggers)
    assert pairs() == [(angle, shirt, "similar")]


def test_shops_know_nothing_of_each_other(cast: Cast, taggers: TaggerCache) -> None:
    queued(cast.shop, SHIRT)
    queued(cast.strangers_shop, ANGLE)
    assert tag(taggers) == 2
    assert pairs() == []


def test_photos_of_one_listing_are_no_question(cast: Cast, taggers: TaggerCache) -> None:
    shirt, angle = queued(cast.shop, SHIRT, ANGLE)
    transfer_photo(photo=angle, listing=shirt.listing)
    tag(taggers)
    assert pairs() == []


@pytest.mark.parametrize("are_variants", [True, False])
def test_what_somebody_has_answered_is_not_asked_again(cast: Cast, taggers: TaggerCache, are_variants: bool) -> None:
    shirt, angle = queued(cast.shop, SHIRT, ANGLE)
    tag(taggers)
    listings = [shirt.listing, angle.listing]
    if are_variants:
        group_as_variants(listings=listings)
    else:
        answer_look_alikes(listings=listings, answer=LookAlike.Answer.APART, actor=cast.seller)
    before = pairs()
    (more,) = queued(cast.shop, SHIRT.resize((84, 112)))
    transfer_photo(photo=more, listing=angle.listing)
    tag(taggers)
    assert pairs() == before


def test_another_look_by_a_new_model_asks_nothing(cast: Cast, taggers: TaggerCache) -> None:
    photos = queued(cast.shop, SHIRT, ANGLE)
    TagRequest.objects.update(priority=TagRequest.Priority.RETAG)
    assert tag(taggers) == len(photos)
    assert pairs() == []


def test_tags_are_kept_where_looking_for_look_alikes_fails(
    cast: Cast, taggers: TaggerCache, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_off(**_options: object) -> None:
        raise RuntimeError("no memory")

    monkeypatch.setattr(worker, "note_same_items", break_off)
    queued(cast.shop, SHIRT, ANGLE)
    assert tag(taggers) == 2
    assert set(TagRequest.objects.values_list("state", flat=True)) == {"done"}
    assert "could not look for photos of the same item" in caplog.text
