"""Many decisions by one press of a button: exact, repeatable, and undone as a whole."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Listing, ListingTag, Shop, TagField
from catalog.selectors import list_counts
from catalog.vocabulary import Vocabulary
from onboarding.models import Confirmation, DoubtfulTag, Label, ModelVersion, Prediction
from onboarding.services import batches
from onboarding.services.batches import SureOnes, confirm_sure_ones, counted_along, set_value, sure_ones, undo_batch
from onboarding.services.confirming import Decision, confirm_listing
from onboarding.services.prefilling import prefill_listings
from tests.conftest import Cast, make_listing, make_version, predict, term

BATCH = uuid.UUID(int=1)
Band = Prediction.Band


@pytest.fixture
def version(db: None) -> ModelVersion:
    return make_version()


def draft(cast: Cast, version: ModelVersion, *, is_sure: bool = True, **fields: Any) -> Listing:
    """A red one for the summer; about the summer the network may be in doubt."""
    listing = make_listing(fields.pop("shop", cast.shop), **fields)
    photo = listing.photos.get()
    predict(photo, version, "colour", term("colour", "Red"), confidence=0.9)
    band = Band.SURE if is_sure else Band.CHECK
    predict(photo, version, "season", term("season", "Summer"), confidence=0.8, band=band)
    prefill_listings([listing.pk])
    return Listing.objects.get(pk=listing.pk)


def tags(listing: Listing) -> dict[str, tuple[str | None, str, int | None]]:
    rows = ListingTag.objects.filter(listing=listing).select_related("term")
    return {tag.field: (tag.term.key if tag.term else None, tag.source, tag.set_by_id) for tag in rows}


def state(*listings: Listing) -> list[Any]:
    """All that can be seen of listings, but how often they changed."""
    rows = Listing.objects.in_bulk([each.pk for each in listings])
    return [(rows[each.pk].state, rows[each.pk].is_sure, rows[each.pk].title, tags(each)) for each in listings]


def confirm_all(cast: Cast) -> int:
    return confirm_sure_ones(shop=cast.shop, actor=cast.seller, batch=BATCH, up_to=sure_now(cast.shop).last)


def sure_now(shop: Shop) -> SureOnes:
    """As the grid counts them."""
    counted = counted_along(shop=shop, actor=shop.members.earliest("pk"))
    return sure_ones(list_counts(shop, Listing.objects.filter(shop=shop), Vocabulary(), *counted))


def test_the_sure_ones_are_counted_with_the_mistakes_to_expect(cast: Cast, version: ModelVersion) -> None:
    listings = [draft(cast, version) for _ in range(3)]
    draft(cast, version, is_sure=False)
    draft(cast, version, shop=cast.strangers_shop)
    make_listing(cast.shop)  # without a suggestion
    found = sure_now(cast.shop)
    assert (found.count, found.last) == (3, listings[-1].pk)
    assert found.expected_mistakes == pytest.approx(3 * 0.3)
    assert sure_now(cast.strangers_shop).count == 1


def test_sure_ones_are_confirmed_as_one_by_one_but_marked_as_many_at_once(cast: Cast, version: ModelVersion) -> None:
    sure, doubtful, single = draft(cast, version), draft(cast, version, is_sure=False), draft(cast, version)
    before = state(doubtful)
    choices = dict.fromkeys(TagField) | {
        TagField.COLOUR: term("colour", "Red"),
        TagField.SEASON: term("season", "Summer"),
    }
    decision = Decision(choices=choices, seen_revision=single.revision, idempotency_key="1", how=Confirmation.How.BULK)
    confirm_listing(listing=single, actor=cast.seller, decision=decision)
    assert confirm_all(cast) == 1
    assert state(sure) == state(single)
    assert state(doubtful) == before
    one, many = (Confirmation.objects.get(listing=each) for each in (single, sure))
    assert (many.how, many.is_whole, many.batch, one.batch) == ("bulk", True, BATCH, None)
    assert sorted(many.fields) == sorted(one.fields)
    columns = ("field", "term", "suggested", "suggested_confidence", "model_version")
    assert list(many.labels.order_by("field").values(*columns)) == list(one.labels.order_by("field").values(*columns))
    assert [each.person_revision - each.revision for each in Listing.objects.filter(pk__in=(sure.pk, single.pk))] == [
        0,
        0,
    ]
    assert not DoubtfulTag.objects.filter(listing=sure).exists()


def test_what_came_after_the_count_is_left(cast: Cast, version: ModelVersion) -> None:
    draft(cast, version)
    counted = sure_now(cast.shop)
    late = draft(cast, version)
    assert confirm_sure_ones(shop=cast.shop, actor=cast.seller, batch=BATCH, up_to=counted.last) == counted.count
    assert Listing.objects.get(pk=late.pk).state == "draft"


def test_repeating_it_confirms_nothing_twice(cast: Cast, version: ModelVersion) -> None:
    listings = [draft(cast, version) for _ in range(2)]
    last = listings[-1].pk
    counts = [confirm_sure_ones(shop=cast.shop, actor=cast.seller, batch=BATCH, up_to=last) for _ in range(2)]
    assert (counts, Confirmation.objects.count()) == ([2, 0], 2)


def test_lots_follow_each_other_until_all_are_done(
    cast: Cast, version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "AT_ONCE", 2)
    listings = [draft(cast, version) for _ in range(5)]
    before = state(*listings)
    assert confirm_all(cast) == 5
    assert undo_batch(batch=BATCH, shop=cast.shop, actor=cast.seller) == 5
    assert state(*listings) == before


def test_many_cost_as_many_queries_as_few(cast: Cast, version: ModelVersion) -> None:
    counts = []
    for size in (2, 12):
        for _ in range(size):
            draft(cast, version)
        batch = uuid.uuid4()
        with CaptureQueriesContext(
            connection,
        ) as confirming:
            confirm_sure_ones(shop=cast.shop, actor=cast.seller, batch=batch, up_to=10**9)
        with CaptureQueriesContext(connection) as undoing:
            undo_batch(batch=batch, shop=cast.shop, actor=cast.seller)
        counts.append((len(confirming), len(undoing)))
        Listing.objects.all().delete()
    assert counts[0] == counts[1]


def test_undoing_restores_exactly_and_repeats_harmlessly(cast: Cast, version: ModelVersion) -> None:
    listings = [draft(cast, version, title=title) for title in ("A", "B")]
    before = state(*listings)
    confirm_all(cast)
    counts = [undo_batch(batch=BATCH, shop=cast.shop, actor=cast.teammate) for _ in range(2)]
    assert counts == [2, 0]
    assert state(*listings) == before
    assert Confirmation.objects.filter(how="undo", actor=cast.teammate).count() == 2
    assert Label.objects.filter(confirmation__withdrawn_by=None).count() == 0


def test_what_somebody_decided_since_stands(cast: Cast, version: ModelVersion) -> None:
    changed, other = draft(cast, version), draft(cast, version)
    before = state(other)
    confirm_all(cast)
    seen = Listing.objects.get(pk=changed.pk).revision
    decision = Decision(choices=dict.fromkeys(TagField), seen_revision=seen, idempotency_key="later")
    confirm_listing(listing=changed, actor=cast.teammate, decision=decision)
    after = state(changed)
    assert undo_batch(batch=BATCH, shop=cast.shop, actor=cast.seller) == 1
    assert (state(changed), state(other)) == (after, before)


def test_nobody_undoes_the_batch_of_another_shop(cast: Cast, version: ModelVersion) -> None:
    listing = draft(cast, version)
    confirm_all(cast)
    after = state(listing)
    assert undo_batch(batch=BATCH, shop=cast.strangers_shop, actor=cast.stranger) == 0
    assert state(listing) == after


def test_many_get_one_value_and_lose_it_again(cast: Cast, version: ModelVersion) -> None:
    listings = [draft(cast, version) for _ in range(2)]
    before = state(*listings)
    blue = term("colour", "Blue")
    given = {"listings": listings, "field": TagField.COLOUR, "term": blue, "actor": cast.seller, "batch": BATCH}
    assert set_value(**given) == 2  # type: ignore[arg-type]
    assert [tags(each)["colour"][0] for each in listings] == ["Blue", "Blue"]
    assert [row[0] for row in state(*listings)] == ["draft", "draft"]
    assert set(Confirmation.objects.values_list("how", "is_whole", "batch")) == {("bulk", False, BATCH)}
    assert undo_batch(batch=BATCH, shop=cast.shop, actor=cast.seller) == 2
    assert state(*listings) == before


def test_a_decided_field_makes_the_rest_no_less_sure(cast: Cast, version: ModelVersion) -> None:
    listing = draft(cast, version, is_sure=False)
    assert sure_now(cast.shop).count == 0
    set_value(
        listings=[listing], field=TagField.SEASON, term=term("season", "Winter"), actor=cast.seller, batch=uuid.uuid4()
    )
    assert sure_now(cast.shop).count == 1
    assert confirm_all(cast) == 1
    assert tags(listing)["season"] == ("Winter", "person", cast.seller.pk)
