"""What people decided beside what their listings say."""

from uuid import uuid4

import pytest

from catalog.models import Listing, ListingTag, TagField, Term
from onboarding.consistency import decisions
from onboarding.consistency.decisions import decision_findings
from onboarding.consistency.findings import Finding, Kind
from onboarding.models import Confirmation
from onboarding.services.confirming import Decision, confirm_listing, undo_confirmation
from tests.conftest import Cast, make_listing, term


def decide(cast: Cast, listing: Listing, *, is_whole: bool = True, **choices: Term | None) -> Confirmation:
    listing.refresh_from_db()
    decision = Decision(
        choices={TagField(field): value for field, value in choices.items()},
        seen_revision=listing.revision,
        idempotency_key=str(uuid4()),
        is_whole=is_whole,
    )
    confirmation = confirm_listing(listing=listing, actor=cast.seller, decision=decision)
    assert confirmation is not None
    return confirmation


@pytest.fixture
def listing(cast: Cast) -> Listing:
    """Decided twice, the second time in part; one field was left empty on purpose."""
    listing = make_listing(cast.shop)
    decide(cast, listing, colour=term("colour", "Red"), season=None)
    decide(cast, listing, is_whole=False, colour=term("colour", "Blue"))
    return listing


def test_listings_that_say_what_was_decided_are_clean(cast: Cast, listing: Listing) -> None:
    make_listing(cast.shop)
    undone = make_listing(cast.shop)
    undo_confirmation(confirmation=decide(cast, undone, colour=term("colour", "Red")), actor=cast.seller)
    decide(cast, make_listing(cast.shop))  # about no field at all
    assert list(decision_findings()) == []


def test_a_suggestion_beside_decided_fields_is_clean(listing: Listing) -> None:
    ListingTag.objects.create(listing=listing, field="gender", term=term("gender", "Men"), source="model")
    assert list(decision_findings()) == []


def test_another_value_than_the_latest_decision_is_found(listing: Listing) -> None:
    ListingTag.objects.filter(field="colour").update(term=term("colour", "Red"))
    assert list(decision_findings()) == [Finding(Kind.DECISION_OVERWRITTEN, listing)]


def test_a_decided_value_that_now_counts_as_a_suggestion_is_found(listing: Listing) -> None:
    ListingTag.objects.filter(field="colour").update(source="model")
    assert list(decision_findings()) == [Finding(Kind.DECISION_OVERWRITTEN, listing)]


def test_a_value_where_a_person_wanted_none_is_found(listing: Listing) -> None:
    ListingTag.objects.filter(field="season").update(term=term("season", "Summer"), source="model")
    assert list(decision_findings()) == [Finding(Kind.DECISION_OVERWRITTEN, listing)]


def test_a_tag_that_is_gone_is_found(listing: Listing) -> None:
    ListingTag.objects.filter(field="season").delete()
    assert list(decision_findings()) == [Finding(Kind.DECISION_OVERWRITTEN, listing)]


def test_a_decision_made_meanwhile_is_no_finding(cast: Cast, listing: Listing, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = decisions._shown

    def shown_later(listing_ids: list[int]) -> decisions.Values:
        """Between the two queries somebody decides."""
        monkeypatch.setattr(decisions, "_shown", shown)
        decide(cast, listing, colour=term("colour", "Green"))
        return shown(listing_ids)

    monkeypatch.setattr(decisions, "_shown", shown_later)
    assert list(decision_findings()) == []
