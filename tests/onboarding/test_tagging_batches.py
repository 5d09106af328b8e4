"""Tagging one batch with a real network: what is stored, what fails alone, and what a lost lease may not write."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage, storages
from django.db import OperationalError, ProgrammingError, connection
from django.utils import timezone

from catalog.models import Listing, ListingTag, Photo, PhotoEmbedding, Shop, TagField, Term
from catalog.services.photos import split_photo
from onboarding.lessons import Embedding
from onboarding.models import ModelVersion, Prediction, TagRequest
from onboarding.services import queue, tagging_batches
from onboarding.services.artifacts import local_copy
from onboarding.services.confirming import Decision, confirm_listing
from onboarding.services.model_versions import register_artifact
from onboarding.services.tagging_batches import complete_batch, tag_batch
from onboarding.tagging import Guess, Outcome, Tagged, Tagger
from tests.artifacts import COLOURS, PATHS, drawn, renamed_artifact, tiny_artifact
from tests.conftest import Cast, make_listing, make_photo, make_shop, make_user, make_version, term
from tests.drawing import Kind, as_jpeg, product

State, Reason, Source = TagRequest.State, TagRequest.Reason, ListingTag.Source


def load_tagger(folder: Path | None = None) -> Tagger:
    version = register_artifact(folder or tiny_artifact(), activate=True)
    return Tagger.load(version, local_copy(version))


def queue_photo(shop: Shop, kind: Kind = "shirt", colour: str = "red", seed: int = 0) -> Photo:
    photo = make_photo(Listing.objects.create(shop=shop), as_jpeg(product(kind, colour, (192, 256), seed=seed)))
    queue.enqueue_photo(photo=photo)
    return photo


def claim() -> queue.Lease:
    lease = queue.claim_batch(limit=32, lease_seconds=60, leased_by="here:1")
    assert lease is not None
    return lease


def tags_of(listing: Listing) -> dict[str, tuple[str | None, str]]:
    rows = listing.tags.select_related("term")
    return {tag.field: (tag.term.key if tag.term else None, tag.source) for tag in rows}


def states() -> list[tuple[str, str]]:
    return list(TagRequest.objects.order_by("pk").values_list("state", "reason"))


def overwrite(photo: Photo, content: bytes) -> None:
    default_storage.delete(photo.derivative.name)
    default_storage.save(photo.derivative.name, ContentFile(content))


# --- What is stored -----------------------------------------------------------------------------------------------


def test_a_batch_of_several_shops_is_tagged_in_one_forward_pass(cast: Cast) -> None:
    tagger, passes = load_tagger(), []
    embed = tagger._predictor._network.embed

    def counted(pictures: Any) -> Any:
        passes.append(len(pictures))
        return embed(pictures)

    tagger._predictor._network.embed = counted
    photos = [
        queue_photo(shop, each.kind, each.colour) for shop in (cast.shop, cast.strangers_shop) for each in drawn([0])
    ]
    assert tag_batch(tagger, claim()) == len(photos) == 24
    assert passes == [24]
    for photo, each in zip(photos, drawn([0]) * 2, strict=True):
        assert tags_of(photo.listing) == {
            "category": (PATHS[each.kind][2], Source.MODEL),
            "colour": (COLOURS[each.colour], Source.MODEL),
        }
    assert states() == [(State.DONE, "")] * 24


def test_each_output_is_one_prediction_with_version_confidence_and_runners_up(cast: Cast) -> None:
    tagger, photo = load_tagger(), queue_photo(cast.shop, "shoe", "blue")
    tag_batch(tagger, claim())
    rows = {row.field: row for row in Prediction.objects.filter(photo=photo).select_related("term")}
    assert {field: row.term.key for field, row in rows.items() if field != "season"} == {
        "master_category": "Footwear",
        "sub_category": "Shoes",
        "article_type": "Casual Shoes",
        "colour": "Blue",
    }
    assert {row.model_version for row in rows.values()} == {tagger.version}
    assert rows["season"].band == "unsure"
    others = {term("colour", name).pk for name in ("Red", "Green")}
    assert {term_id for term_id, _ in rows["colour"].alternatives} == others
    assert sum(share for _, share in rows["colour"].alternatives) + rows["colour"].confidence == pytest.approx(
        1, abs=1e-3
    )
    assert rows["article_type"].term == term("category", "Footwear", "Shoes", "Casual Shoes")


def test_a_colour_that_the_pixels_contradict_is_stored_so_and_prefilled_only_where_its_band_still_allows(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ml.colour_check import ColourReference

    monkeypatch.setattr(
        ColourReference, "contradicts", lambda self, values, canvases: [each == "Red" for each in values]
    )
    tagger = load_tagger()
    red, blue = queue_photo(cast.shop, "shoe", "red"), queue_photo(cast.shop, "shoe", "blue")
    tag_batch(tagger, claim())
    rows = {row.photo: row for row in Prediction.objects.filter(field="colour").select_related("term", "photo")}
    assert {(photo, row.term.key, row.contradicted) for photo, row in rows.items()} == {
        (red, "Red", True),
        (blue, "Blue", False),
    }
    assert (rows[red].band, rows[blue].band) == ("check", "sure")
    assert not Prediction.objects.exclude(field="colour").filter(contradicted=True).exists()
    assert tags_of(red.listing)["colour"] == ("Red", Source.MODEL)


def test_a_photo_gets_the_same_values_alone_and_in_company(cast: Cast) -> None:
    tagger = load_tagger()
    alone = queue_photo(cast.shop, "bag", "green")
    tag_batch(tagger, claim())
    together = queue_photo(cast.shop, "bag", "green")
    for each in drawn([1]):
        queue_photo(cast.shop, each.kind, each.colour)
    tag_batch(tagger, claim())
    first, second = (
        {row.field: (row.term_id, pytest.approx(row.confidence, abs=1e-3)) for row in photo.predictions.all()}
        for photo in (alone, together)
    )
    assert first == second


def test_a_value_that_is_no_term_any_more_is_left_out_and_reported_once(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    tagger = load_tagger()
    tagging_batches._report_unknown.cache_clear()
    Term.objects.filter(pk__in=[term("colour", "Red").pk, term("category", *PATHS["shirt"]).pk]).update(
        retired_at=timezone.now()
    )
    photos = [queue_photo(cast.shop, "shirt", "red", seed) for seed in range(2)]
    with caplog.at_level(logging.WARNING, "onboarding.services.tagging_batches"):
        assert tag_batch(tagger, claim()) == 2
    assert [tags_of(photo.listing) for photo in photos] == [{"category": ("Topwear", Source.MODEL)}] * 2
    assert len([each for each in caplog.messages if "colour" in each]) == 1


def test_a_second_version_adds_its_own_predictions_and_the_first_are_kept(cast: Cast, tmp_path: Path) -> None:
    first = load_tagger()
    photo = queue_photo(cast.shop)
    tag_batch(first, claim())
    kept = list(photo.predictions.order_by("pk").values())
    second = load_tagger(renamed_artifact(tiny_artifact(), tmp_path / "second", "lapel-second"))
    queue.enqueue_photo(photo=photo)
    tag_batch(second, claim())
    assert list(photo.predictions.filter(model_version=first.version).order_by("pk").values()) == kept
    assert photo.predictions.filter(model_version=second.version).count() == len(kept) == 5


def test_tagging_anew_by_the_same_version_changes_nothing(cast: Cast) -> None:
    tagger, photo = load_tagger(), queue_photo(cast.shop)
    tag_batch(tagger, claim())
    before = list(Prediction.objects.order_by("pk").values())
    queue.enqueue_photo(photo=photo)
    assert tag_batch(tagger, claim()) == 1
    assert (list(Prediction.objects.order_by("pk").values()), states()) == (before, [(State.DONE, "")] * 2)


# --- What fails alone ---------------------------------------------------------------------------------------------


def test_a_photo_that_cannot_be_read_fails_with_a_reason_and_the_others_are_tagged(cast: Cast) -> None:
    tagger = load_tagger()
    photos = [queue_photo(cast.shop, seed=seed) for seed in range(4)]
    overwrite(photos[0], b"no picture")
    overwrite(photos[2], b"")
    default_storage.delete(photos[3].derivative.name or "")
    assert tag_batch(tagger, claim()) == 1
    assert states() == [
        (State.FAILED, Reason.UNREADABLE),
        (State.DONE, ""),
        (State.FAILED, Reason.UNREADABLE),
        (State.FAILED, Reason.MISSING),
    ]
    assert [photo.predictions.count() for photo in photos] == [0, 5, 0, 0]


def test_a_batch_without_a_single_picture_is_completed_too(cast: Cast) -> None:
    tagger, photo = load_tagger(), queue_photo(cast.shop)
    overwrite(photo, b"no picture")
    assert tag_batch(tagger, claim()) == 0
    assert states() == [(State.FAILED, Reason.UNREADABLE)]


def test_storage_trouble_is_retried_and_not_held_against_the_photo(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    tagger, photo, other = load_tagger(), queue_photo(cast.shop), queue_photo(cast.shop, seed=1)
    backend: Any = type(storages["default"])
    open_file = backend._open

    def failing(self: Storage, name: str, mode: str) -> Any:
        if name == photo.derivative.name:
            raise OSError("out of reach")
        return open_file(self, name, mode)

    monkeypatch.setattr(backend, "_open", failing)
    assert tag_batch(tagger, claim()) == 1
    request = TagRequest.objects.get(photo=photo)
    assert (request.state, request.attempts, request.fetch_failures) == (State.PENDING, 0, 1)
    monkeypatch.undo()
    TagRequest.objects.update(due_at=timezone.now())
    assert tag_batch(tagger, claim()) == 1
    assert [photo.predictions.count(), other.predictions.count()] == [5, 5]


def test_what_the_trunk_saw_is_stored_once_however_often_a_photo_is_tagged(cast: Cast, tmp_path: Path) -> None:
    tagger, photos = load_tagger(), [queue_photo(cast.shop, seed=seed) for seed in range(2)]
    tag_batch(tagger, claim())
    first = {row.photo_id: bytes(row.vector) for row in PhotoEmbedding.objects.all()}
    assert set(first) == {photo.pk for photo in photos}
    other = load_tagger(renamed_artifact(tiny_artifact(), tmp_path / "other", "lapel-other"))
    queue.enqueue_photo(photo=photos[0])
    assert tag_batch(other, claim()) == 1
    assert {row.photo_id: bytes(row.vector) for row in PhotoEmbedding.objects.all()} == first  # the same trunk
    assert set(PhotoEmbedding.objects.values_list("trunk_hash", flat=True)) == {tagger.trunk_hash}


# --- What changes in mid-batch ------------------------------------------------------------------------------------


def guesses(colour: str = "Red") -> Outcome:
    return Tagged({"colour": Guess("colour", (colour,), 0.9, "sure", ())}, Embedding("a" * 64, "f" * 64, b"\0\0"))


def complete(lease: queue.Lease, version: ModelVersion) -> int:
    return complete_batch(lease=lease, version=version, outcomes={each.pk: guesses() for each in lease.requests})


def test_a_lease_lost_between_computing_and_completing_writes_nothing(cast: Cast) -> None:
    version, photo = make_version(), queue_photo(cast.shop)
    slow = claim()
    TagRequest.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    second = claim()
    assert complete(slow, version) == 0
    assert (Prediction.objects.count(), tags_of(photo.listing), states()) == (0, {}, [(State.LEASED, "")])
    assert complete(second, version) == 1
    assert complete(second, version) == 0
    assert (Prediction.objects.count(), tags_of(photo.listing)) == (1, {"colour": ("Red", Source.MODEL)})


def test_a_lease_lost_in_part_completes_the_rest(cast: Cast) -> None:
    version, photos = make_version(), [queue_photo(cast.shop, seed=seed) for seed in range(2)]
    lease = claim()
    TagRequest.objects.filter(photo=photos[0]).update(state=State.PENDING, lease_token=None, lease_until=None)
    assert complete(lease, version) == 1
    assert [photo.predictions.count() for photo in photos] == [0, 1]


def test_listings_and_photos_deleted_in_mid_batch_are_passed_over(cast: Cast) -> None:
    version, listing = make_version(), make_listing(cast.shop, photos=2)
    kept, removed = listing.photos.all()
    for photo in (kept, removed):
        queue.enqueue_photo(photo=photo)
    deleted = queue_photo(cast.shop)
    lease = claim()
    removed.delete()
    deleted.listing.delete()
    assert complete(lease, version) == 1
    assert list(Prediction.objects.values_list("photo", flat=True)) == [kept.pk]


def test_a_photo_moved_in_mid_batch_prefills_the_listing_where_it_is_now(cast: Cast) -> None:
    version, listing = make_version(), make_listing(cast.shop, photos=2)
    for photo in listing.photos.all():
        queue.enqueue_photo(photo=photo)
    lease = claim()
    moved = split_photo(photo=listing.photos.all()[1])
    assert complete(lease, version) == 2
    assert [tags_of(each) for each in (listing, moved)] == [{"colour": ("Red", Source.MODEL)}] * 2


def test_a_listing_confirmed_in_mid_batch_keeps_what_the_person_chose(cast: Cast) -> None:
    version, photo = make_version(), queue_photo(cast.shop)
    lease = claim()
    decision = Decision(choices=dict.fromkeys(TagField), seen_revision=0, idempotency_key="k")
    confirm_listing(listing=photo.listing, actor=cast.seller, decision=decision)
    before = tags_of(photo.listing)
    assert complete(lease, version) == 1
    assert (tags_of(photo.listing), Prediction.objects.count()) == (before, 1)


def confirmed(photo: Photo, cast: Cast) -> None:
    decision = Decision(choices=dict.fromkeys(TagField), seen_revision=0, idempotency_key="k")
    confirm_listing(listing=photo.listing, actor=cast.seller, decision=decision)


def test_another_look_at_a_listing_that_was_confirmed_meanwhile_leaves_everything_as_it_is(cast: Cast) -> None:
    version, photos = make_version(), [make_photo(Listing.objects.create(shop=cast.shop)) for _ in range(2)]
    queue.enqueue_again(photos)
    lease = claim()
    confirmed(photos[0], cast)
    before = Listing.objects.filter(pk=photos[0].listing_id).values().get()
    assert complete(lease, version) == 1
    assert Listing.objects.filter(pk=photos[0].listing_id).values().get() == before
    assert [photo.predictions.count() for photo in photos] == [0, 1]
    assert states() == [(State.DONE, "")] * 2


class WatchedTagger(Tagger):
    """Notes whether a transaction was open while it computed."""

    was_in_transaction: bool | None = None

    def tag(self, files: Sequence[bytes]) -> list[Outcome]:
        self.was_in_transaction = connection.in_atomic_block
        return super().tag(files)


def test_no_transaction_is_open_while_the_network_computes(live_database: Path) -> None:
    version = register_artifact(tiny_artifact(), activate=True)
    queue_photo(make_shop(make_user("seller@example.com")))
    tagger = WatchedTagger.load(version, local_copy(version))
    assert isinstance(tagger, WatchedTagger)
    assert (tag_batch(tagger, claim()), tagger.was_in_transaction) == (1, False)


def test_a_batch_that_cannot_be_completed_whole_leaves_nothing(live_database: Path) -> None:
    version, photo = make_version(), queue_photo(make_shop(make_user("seller@example.com")))
    lease = claim()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE catalog_listingtag RENAME TO away")
    with pytest.raises((OperationalError, ProgrammingError)):
        complete(lease, version)
    assert (photo.predictions.count(), states()) == (0, [(State.LEASED, "")])


def test_a_batch_of_many_costs_as_many_queries_as_one_of_few(cast: Cast, django_assert_num_queries: Any) -> None:
    version = make_version()
    for count in (1, 3):
        for seed in range(count):
            queue_photo(cast.shop, seed=seed)
        lease = claim()
        with django_assert_num_queries(19):
            assert complete(lease, version) == count
