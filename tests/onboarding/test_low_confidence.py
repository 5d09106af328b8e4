"""The queue of low-confidence tags: what is in it, in which order, and how it follows suggestions and decisions."""

from typing import Any

import pytest
from django.http import QueryDict

from catalog.models import Listing, TagField
from catalog.vocabulary import Vocabulary
from onboarding.low_confidence import QueueFilter, following, overview, waiting
from onboarding.models import Confirmation, DoubtfulTag, ModelVersion
from onboarding.services.confirming import Decision, confirm_listing, undo_confirmation
from onboarding.services.prefilling import prefill_listings
from tests.conftest import Cast, make_listing, make_version, predict, term

ALL = QueueFilter()


@pytest.fixture
def version(db: None) -> ModelVersion:
    return make_version()


def guess(
    listing: Listing, version: ModelVersion, confidence: float, *, output: str = "colour", key: str = "Red"
) -> None:
    band = "sure" if confidence >= 0.9 else "check" if confidence >= 0.5 else "unsure"
    predict(listing.photos.all()[0], version, output, term(output, key), confidence=confidence, band=band)
    prefill_listings([listing.pk])


def decide(cast: Cast, listing: Listing, *, is_whole: bool = True, **values: str | None) -> Confirmation:
    listing.refresh_from_db()
    choices = {TagField(field): term(field, key) if key else None for field, key in values.items()}
    how = Confirmation.How.SHOWN if is_whole else Confirmation.How.ADMIN
    decision = Decision(
        choices=choices, seen_revision=listing.revision, idempotency_key="k", how=how, is_whole=is_whole
    )
    confirmation = confirm_listing(listing=listing, actor=cast.seller, decision=decision)
    assert confirmation is not None
    return confirmation


def queue(chosen: QueueFilter = ALL) -> list[tuple[int, str, str, float]]:
    return [(row.listing_id, row.field, row.term.key, row.confidence) for row in waiting(chosen)]


# --- What is in it ------------------------------------------------------------------------------------------------


def test_what_the_network_is_sure_of_does_not_wait_and_the_rest_waits_least_confident_first(
    cast: Cast, version: ModelVersion
) -> None:
    sure, check, unsure = (make_listing(cast.shop) for _ in range(3))
    for listing, confidence in ((sure, 0.95), (check, 0.7), (unsure, 0.3)):
        guess(listing, version, confidence)
    assert queue() == [(unsure.pk, "colour", "Red", 0.3), (check.pk, "colour", "Red", 0.7)]


def test_a_category_waits_at_the_level_that_the_network_dares_to_suggest(cast: Cast, version: ModelVersion) -> None:
    listing = make_listing(cast.shop)
    photo = listing.photos.get()
    predict(photo, version, "master_category", term("category", "Apparel"), confidence=0.99)
    predict(photo, version, "sub_category", term("category", "Apparel", "Topwear"), confidence=0.6, band="check")
    tee = term("category", "Apparel", "Topwear", "Tshirts")
    predict(photo, version, "article_type", tee, confidence=0.2, band="unsure")
    prefill_listings([listing.pk])
    assert queue() == [(listing.pk, "category", "Topwear", 0.6)]


def test_a_newer_guess_takes_the_place_of_the_older_one(cast: Cast, version: ModelVersion) -> None:
    listing = make_listing(cast.shop)
    guess(listing, version, 0.3)
    ModelVersion.objects.update(state="retired")
    newer = make_version("b" * 64)
    guess(listing, newer, 0.6, key="Blue")
    assert queue() == [(listing.pk, "colour", "Blue", 0.6)]
    ModelVersion.objects.filter(pk=newer.pk).update(state="retired")
    guess(listing, make_version("c" * 64), 0.95, key="Green")
    assert queue() == []


def test_what_an_admin_decides_leaves_the_queue_and_the_listings_other_fields_stay(
    cast: Cast, version: ModelVersion
) -> None:
    listing = make_listing(cast.shop)
    guess(listing, version, 0.3)
    guess(listing, version, 0.4, output="season", key="Summer")
    decide(cast, listing, is_whole=False, colour=None)
    assert queue() == [(listing.pk, "season", "Summer", 0.4)]
    guess(listing, make_version("b" * 64, state="candidate"), 0.2, key="Blue")  # a later guess does not bring it back
    assert queue() == [(listing.pk, "season", "Summer", 0.4)]


def test_a_confirmed_listing_leaves_the_queue_whole_and_comes_back_with_the_undo(
    cast: Cast, version: ModelVersion
) -> None:
    listing = make_listing(cast.shop)
    guess(listing, version, 0.3)
    guess(listing, version, 0.4, output="season", key="Summer")
    before = queue()
    confirmation = decide(cast, listing, colour="Blue")
    assert queue() == []
    undo_confirmation(confirmation=confirmation, actor=cast.seller)
    assert queue() == before


def test_a_deleted_listing_leaves_nothing_behind(cast: Cast, version: ModelVersion) -> None:
    listing = make_listing(cast.shop)
    guess(listing, version, 0.3)
    listing.delete()
    assert DoubtfulTag.objects.count() == 0


# --- Working on a part of it --------------------------------------------------------------------------------------


@pytest.fixture
def mixed(cast: Cast, version: ModelVersion) -> Listing:
    """One listing of which the network doubts everything."""
    listing = make_listing(cast.shop)
    photo = listing.photos.get()
    tee = ("Apparel", "Topwear", "Tshirts")
    for depth, output in enumerate(("master_category", "sub_category", "article_type"), 1):
        predict(photo, version, output, term("category", *tee[:depth]), confidence=0.8, band="check")
    guess(listing, version, 0.3)
    guess(listing, version, 0.4, output="season", key="Summer")
    return listing


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("colour", "Red"), ["colour"]),
        (("colour", "Blue"), []),
        (("category", "Apparel"), ["category"]),
        (("category", "Apparel", "Topwear"), ["category"]),
        (("category", "Apparel", "Topwear", "Tshirts"), ["category"]),
        (("category", "Footwear"), []),
    ],
)
def test_a_value_stands_for_itself_and_everything_below_it(
    mixed: Listing, path: tuple[str, ...], expected: list[str]
) -> None:
    chosen = QueueFilter.from_query({"value": str(term(*path).pk)}, Vocabulary())
    assert [field for _, field, _, _ in queue(chosen)] == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["colour", "season", "category"]),
        ("field=season", ["season"]),
        ("field=gender", []),
        ("field=nonsense", ["colour", "season", "category"]),
        ("value=987654321", ["colour", "season", "category"]),
        ("value=%C2%B2", ["colour", "season", "category"]),
        (f"value={'9' * 5000}", ["colour", "season", "category"]),
    ],
)
def test_the_address_says_which_part_and_what_is_unknown_does_not_filter(
    mixed: Listing, query: str, expected: list[str]
) -> None:
    chosen = QueueFilter.from_query(QueryDict(query), Vocabulary())
    assert [field for _, field, _, _ in queue(chosen)] == expected
    assert QueueFilter.from_query(QueryDict(chosen.query), Vocabulary()) == chosen


def test_after_the_last_the_first_comes_again_and_after_the_only_one_nothing(cast: Cast, version: ModelVersion) -> None:
    for confidence in (0.3, 0.3, 0.4):
        guess(make_listing(cast.shop), version, confidence)
    first, second, third = waiting(ALL)
    assert [following(ALL, each) for each in (None, first, second, third)] == [first, second, third, first]
    DoubtfulTag.objects.exclude(pk=first.pk).delete()
    assert following(ALL, first) is None


# --- What is left -------------------------------------------------------------------------------------------------


def test_what_waits_is_counted_by_field_and_value_and_categories_by_subcategory(
    cast: Cast, version: ModelVersion, mixed: Listing
) -> None:
    for key in ("Blue", "Red"):
        guess(make_listing(cast.shop), version, 0.2, key=key)
    found = {each.field: each for each in overview(Vocabulary())}
    assert {field.value: each.count for field, each in found.items()} == {
        "category": 1, "colour": 3, "season": 1, "gender": 0, "usage": 0,
    }  # fmt: skip
    assert [(each.name, each.count, each.lowest_percent) for each in found[TagField.COLOUR].values] == [
        ("Red", 2, 20), ("Blue", 1, 20),
    ]  # fmt: skip
    assert [each.term for each in found[TagField.CATEGORY].values] == [term("category", "Apparel", "Topwear")]


@pytest.mark.parametrize("count", [1, 3])
def test_the_overview_costs_one_query_however_much_waits(
    cast: Cast, version: ModelVersion, django_assert_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        guess(make_listing(cast.shop), version, 0.3)
    vocabulary = Vocabulary()
    with django_assert_num_queries(1):
        assert sum(each.count for each in overview(vocabulary)) == count
