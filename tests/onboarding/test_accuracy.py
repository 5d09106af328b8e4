"""How often suggestions were right of late, told honestly."""

import uuid
from typing import Any

import pytest

from catalog.models import Listing, Shop, TagField, Term
from onboarding.accuracy import LATEST, LEAST, RecentAccuracy, recent_accuracy
from onboarding.models import Confirmation, ModelVersion
from onboarding.services.confirming import Decision, confirm_listing, undo_confirmation
from onboarding.services.prefilling import prefill_listings
from tests.conftest import Cast, make_listing, make_version, predict, term

How = Confirmation.How


@pytest.fixture
def version(db: None) -> ModelVersion:
    return make_version()


def decide(
    cast: Cast,
    version: ModelVersion,
    suggested: Term,
    chosen: Term | None,
    *,
    how: How = How.SHOWN,
    shop: Shop | None = None,
) -> Confirmation:
    """Somebody chooses a value with a suggestion in view."""
    listing = make_listing(shop or cast.shop)
    output = "article_type" if suggested.field == TagField.CATEGORY else suggested.field
    predict(listing.photos.get(), version, output, suggested)
    prefill_listings([listing.pk])
    seen = Listing.objects.get(pk=listing.pk).revision
    choices = {TagField(suggested.field): chosen}
    decision = Decision(choices=choices, seen_revision=seen, idempotency_key=str(uuid.uuid4()), how=how)
    confirmation = confirm_listing(listing=listing, actor=cast.seller, decision=decision)
    assert confirmation
    return confirmation


def test_agreements_and_corrections_are_counted_by_field(cast: Cast, version: ModelVersion) -> None:
    red, blue = term("colour", "Red"), term("colour", "Blue")
    for number in range(LEAST):
        decide(cast, version, red, blue if number < 3 else red)
    decide(cast, version, term("season", "Summer"), term("season", "Summer"))
    assert recent_accuracy(cast.shop) == {TagField.COLOUR: RecentAccuracy(LEAST - 3, LEAST)}
    assert recent_accuracy(cast.strangers_shop) == {}


def test_only_the_latest_count(cast: Cast, version: ModelVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onboarding.accuracy.LATEST", 12)
    assert LATEST > 12
    red, blue = term("colour", "Red"), term("colour", "Blue")
    for _ in range(8):
        decide(cast, version, red, blue)
    for _ in range(10):
        decide(cast, version, red, red)
    assert recent_accuracy(cast.shop) == {TagField.COLOUR: RecentAccuracy(10, 12)}


def test_what_nobody_looked_at_says_nothing(cast: Cast, version: ModelVersion) -> None:
    red = term("colour", "Red")
    for how in (How.BULK, How.HIDDEN, How.ADMIN):
        for _ in range(LEAST):
            decide(cast, version, red, red, how=how)
    for _ in range(LEAST):
        undo_confirmation(confirmation=decide(cast, version, red, red), actor=cast.seller)
        decide(cast, version, red, None)
    assert recent_accuracy(cast.shop) == {}


def test_a_suggestion_higher_up_was_right_where_the_choice_lies_below_it(cast: Cast, version: ModelVersion) -> None:
    above = term("category", "Apparel", "Topwear")
    below, elsewhere = term("category", "Apparel", "Topwear", "Tshirts"), term("category", "Footwear")
    for number in range(LEAST):
        decide(cast, version, above, below if number else elsewhere)
    assert recent_accuracy(cast.shop) == {TagField.CATEGORY: RecentAccuracy(LEAST - 1, LEAST)}


def test_it_costs_one_query(cast: Cast, version: ModelVersion, django_assert_num_queries: Any) -> None:
    decide(cast, version, term("colour", "Red"), term("colour", "Red"))
    with django_assert_num_queries(1):
        recent_accuracy(cast.shop)
