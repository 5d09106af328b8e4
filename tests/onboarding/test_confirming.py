"""Confirming listings, and undoing it: what is decided, recorded, refused, and given back."""

import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import connections

from catalog.models import Listing, ListingTag, TagField, Term
from catalog.services.listings import ListingDetails, describe_listing
from catalog.services.revisions import count_change_by_person
from onboarding.errors import CannotUndo, ListingChanged
from onboarding.models import Confirmation, Label
from onboarding.services.confirming import (
    Decision,
    confirm_listing,
    latest_confirmation,
    undo_confirmation,
)
from onboarding.services.prefilling import prefill_listings
from tests.conftest import Cast, make_listing, make_photo, make_shop, make_user, make_version, predict, term

How, Source = Confirmation.How, ListingTag.Source


def tags_of(listing: Listing) -> dict[str, tuple[str | None, str]]:
    rows = listing.tags.select_related("term")
    return {tag.field: (tag.term.key if tag.term else None, tag.source) for tag in rows}


def labels_of(confirmation: Confirmation) -> dict[str, tuple[str, str | None, float | None]]:
    rows = confirmation.labels.select_related("term", "suggested")
    return {
        each.field: (each.term.key, each.suggested.key if each.suggested else None, each.suggested_confidence)
        for each in rows
    }


def everything() -> dict[str, Any]:
    """All that confirming may touch."""
    return {
        "listings": list(Listing.objects.order_by("pk").values("pk", "state", "title", "revision", "person_revision")),
        "tags": list(ListingTag.objects.order_by("pk").values("listing", "field", "term", "source", "set_by")),
        "confirmations": list(Confirmation.objects.order_by("pk").values()),
        "labels": list(Label.objects.order_by("pk").values()),
    }


def prefilled(cast: Cast, **guesses: str) -> Listing:
    """A draft on which the network has guessed: red, and for fall, unless said otherwise."""
    listing = make_listing(cast.shop)
    guess(listing, **(guesses or {"colour": "Red", "season": "Fall"}))
    return fresh(listing)


def guess(listing: Listing, sha256: str = "a" * 64, **guesses: str) -> None:
    version = make_version(f"{listing.pk:04d}{sha256[4:]}", state="candidate")
    for output, key in guesses.items():
        predict(listing.photos.all()[0], version, output, term(output, key), confidence=0.9)
    prefill_listings([listing.pk])


def fresh(listing: Listing) -> Listing:
    return Listing.objects.get(pk=listing.pk)


def choices(**values: str | None) -> dict[TagField, Term | None]:
    """What a form sends: a term or nothing for every field."""
    return {field: term(field, values[field]) if values.get(field) else None for field in TagField}


def decide(listing: Listing, **values: Any) -> Decision:
    """What somebody decides who sees the listing as it is in `listing`."""
    options = {name: values.pop(name) for name in ("how", "details", "idempotency_key") if name in values}
    options.setdefault("idempotency_key", str(uuid.uuid4()))
    return Decision(choices=choices(**values), seen_revision=listing.revision, **options)


def confirm(cast: Cast, listing: Listing, **values: Any) -> Confirmation:
    confirmation = confirm_listing(listing=listing, actor=cast.seller, decision=decide(listing, **values))
    assert confirmation is not None
    return confirmation


# --- What is recorded ---------------------------------------------------------------------------------------------


def test_agreements_and_corrections_become_labels_with_what_was_suggested(cast: Cast) -> None:
    listing = prefilled(cast)
    confirmation = confirm(cast, listing, colour="Red", season="Summer", gender="Women")
    assert labels_of(confirmation) == {
        "colour": ("Red", "Red", 0.9),
        "season": ("Summer", "Fall", 0.9),
        "gender": ("Women", None, None),
    }
    version = listing.photos.get().predictions.all()[0].model_version
    assert {each.field: each.model_version for each in confirmation.labels.all()} == {
        "colour": version,
        "season": version,
        "gender": None,
    }
    assert (confirmation.actor, confirmation.how, confirmation.seen_revision, confirmation.withdraws) == (
        cast.seller,
        How.SHOWN,
        listing.revision,
        None,
    )


def test_suggestions_too_unsure_to_be_filled_in_are_recorded_as_well(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    predict(listing.photos.get(), make_version(), "colour", term("colour", "Red"), band="unsure", confidence=0.3)
    prefill_listings([listing.pk])
    assert tags_of(listing) == {}
    assert labels_of(confirm(cast, fresh(listing), colour="Blue")) == {"colour": ("Blue", "Red", 0.3)}


def test_every_field_becomes_the_persons_also_the_empty_ones(cast: Cast) -> None:
    listing = prefilled(cast)
    confirm(cast, listing, colour="Red")
    assert tags_of(listing) == {
        "colour": ("Red", Source.PERSON),
        **dict.fromkeys(("category", "season", "gender", "usage"), (None, Source.PERSON)),
    }
    assert set(listing.tags.values_list("set_by", flat=True)) == {cast.seller.pk}
    assert fresh(listing).state == Listing.State.CONFIRMED


def test_a_blank_field_makes_no_label(cast: Cast) -> None:
    assert labels_of(confirm(cast, prefilled(cast))) == {}


def test_details_are_written_with_the_decision(cast: Cast) -> None:
    listing = prefilled(cast)
    confirm(cast, listing, colour="Red", details=ListingDetails(title="Red tee"))
    assert fresh(listing).title == "Red tee"


@pytest.mark.parametrize(("how", "source"), [(How.HIDDEN, Source.PERSON), (How.IMPORT, Source.IMPORT)])
def test_who_did_not_see_the_suggestions_did_not_judge_them(cast: Cast, how: How, source: str) -> None:
    listing = prefilled(cast)
    confirmation = confirm(cast, listing, colour="Red", how=how)
    assert labels_of(confirmation) == {"colour": ("Red", None, None)}
    assert tags_of(listing)["colour"] == ("Red", source)


def test_a_suggestion_that_came_after_the_form_was_opened_was_not_in_view(cast: Cast) -> None:
    opened = make_listing(cast.shop)
    guess(opened, colour="Red")
    confirmation = confirm(cast, opened, colour="Blue")
    assert labels_of(confirmation) == {"colour": ("Blue", None, None)}
    assert tags_of(opened)["colour"] == ("Blue", Source.PERSON)


def test_a_newer_suggestion_is_not_taken_for_the_one_in_view(cast: Cast) -> None:
    opened = prefilled(cast, colour="Red")
    guess(opened, "b" * 64, colour="Green")
    assert labels_of(confirm(cast, opened, colour="Red")) == {"colour": ("Red", None, None)}


def test_a_suggestion_for_a_confirmed_listing_counts_only_for_forms_opened_after_it(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    confirm(cast, listing, colour="Red")
    opened = fresh(listing)
    guess(listing, colour="Blue")
    assert tags_of(listing)["colour"] == ("Red", Source.PERSON)
    assert labels_of(confirm(cast, opened, colour="Green")) == {"colour": ("Green", None, None)}
    assert labels_of(confirm(cast, fresh(listing), colour="Blue")) == {"colour": ("Blue", "Blue", 0.9)}


# --- Repeating, and two at once -----------------------------------------------------------------------------------


def test_the_same_key_twice_is_the_same_confirmation_and_changes_nothing(cast: Cast) -> None:
    listing = prefilled(cast)
    first = confirm(cast, listing, colour="Red", idempotency_key="k")
    before = everything()
    again = confirm(cast, listing, colour="Blue", idempotency_key="k", details=ListingDetails(title="Other"))
    assert (again, everything()) == (first, before)


def test_one_key_on_two_listings_is_two_confirmations(cast: Cast) -> None:
    first, second = prefilled(cast), prefilled(cast)
    made = [confirm(cast, listing, colour="Red", idempotency_key="k") for listing in (first, second)]
    assert [each.listing for each in made] == [first, second]


def test_of_two_tabs_on_one_listing_the_second_is_told_and_changes_nothing(cast: Cast) -> None:
    opened = prefilled(cast)
    confirm(cast, opened, colour="Red")
    before = everything()
    with pytest.raises(ListingChanged):
        confirm_listing(listing=opened, actor=cast.teammate, decision=decide(opened, colour="Blue"))
    assert everything() == before


def test_a_late_prefill_is_no_conflict(cast: Cast) -> None:
    opened = make_listing(cast.shop)
    guess(opened, colour="Red", season="Fall")
    confirm(cast, opened, colour="Blue")
    assert tags_of(opened)["season"] == (None, Source.PERSON)


def test_other_changes_by_a_person_are_a_conflict(cast: Cast) -> None:
    opened = prefilled(cast)
    count_change_by_person(opened.pk)
    with pytest.raises(ListingChanged):
        confirm(cast, opened, colour="Red")
    assert Confirmation.objects.count() == 0


def test_nobody_can_have_seen_a_revision_that_is_yet_to_come(cast: Cast) -> None:
    listing = prefilled(cast)
    listing.revision += 1
    with pytest.raises(ListingChanged):
        confirm(cast, listing, colour="Red")
    assert Confirmation.objects.count() == 0


def test_a_listing_that_was_deleted_meanwhile_cannot_be_confirmed(cast: Cast) -> None:
    listing = prefilled(cast)
    decision = decide(listing, colour="Red")
    Listing.objects.filter(pk=listing.pk).delete()
    with pytest.raises(Listing.DoesNotExist):
        confirm_listing(listing=listing, actor=cast.seller, decision=decision)


# --- Confirmed listings edited ------------------------------------------------------------------------------------


def test_new_details_of_a_confirmed_listing_need_no_further_confirmation(cast: Cast) -> None:
    listing = prefilled(cast)
    confirm(cast, listing, colour="Red")
    opened = fresh(listing)
    decision = decide(opened, colour="Red", details=ListingDetails(title="Red tee"))
    assert confirm_listing(listing=opened, actor=cast.seller, decision=decision) is None
    now = fresh(listing)
    assert (now.title, now.person_revision, Confirmation.objects.count()) == ("Red tee", opened.revision + 1, 1)


def test_new_details_sent_twice_are_no_conflict_with_themselves(cast: Cast) -> None:
    listing = prefilled(cast)
    confirm(cast, listing, colour="Red")
    opened = fresh(listing)
    decision = decide(opened, colour="Red", details=ListingDetails(title="Red tee"))
    confirm_listing(listing=opened, actor=cast.seller, decision=decision)
    before = everything()
    assert confirm_listing(listing=opened, actor=cast.seller, decision=decision) is None
    assert everything() == before


def test_new_details_are_a_change_that_another_tab_is_told_of(cast: Cast) -> None:
    listing = prefilled(cast)
    confirm(cast, listing, colour="Red")
    opened = fresh(listing)
    for title in ("Red tee", "Crimson tee"):
        decision = decide(opened, colour="Red", details=ListingDetails(title=title))
        if title == "Red tee":
            confirm_listing(listing=opened, actor=cast.seller, decision=decision)
        else:
            with pytest.raises(ListingChanged):
                confirm_listing(listing=opened, actor=cast.teammate, decision=decision)
    assert fresh(listing).title == "Red tee"


def test_a_confirmed_listing_sent_unchanged_stays_as_it_is(cast: Cast) -> None:
    listing = prefilled(cast)
    confirm(cast, listing, colour="Red")
    before = everything()
    opened = fresh(listing)
    assert confirm_listing(listing=opened, actor=cast.seller, decision=decide(opened, colour="Red")) is None
    assert everything() == before


def test_a_changed_tag_of_a_confirmed_listing_is_a_decision_of_its_own(cast: Cast) -> None:
    listing = prefilled(cast)
    first = confirm(cast, listing, colour="Red")
    second = confirm(cast, fresh(listing), colour="Blue")
    assert (latest_confirmation(listing), Confirmation.objects.count()) == (second, 2)
    assert labels_of(first) == {"colour": ("Red", "Red", 0.9)}


# --- Undo ---------------------------------------------------------------------------------------------------------


def undo(cast: Cast, confirmation: Confirmation) -> Confirmation:
    return undo_confirmation(confirmation=confirmation, actor=cast.seller)


def test_undoing_the_only_decision_gives_the_draft_back_with_its_suggestions(cast: Cast) -> None:
    listing = prefilled(cast)
    confirmation = confirm(cast, listing, colour="Blue")
    undone = undo(cast, confirmation)
    assert fresh(listing).state == Listing.State.DRAFT
    assert tags_of(listing) == {"colour": ("Red", Source.MODEL), "season": ("Fall", Source.MODEL)}
    assert (undone.how, undone.withdraws, undone.actor) == (How.UNDO, confirmation, cast.seller)
    assert latest_confirmation(listing) is None


def test_undone_labels_stay_on_record_as_withdrawn(cast: Cast) -> None:
    listing = prefilled(cast)
    confirmation = confirm(cast, listing, colour="Blue")
    undo(cast, confirmation)
    assert labels_of(confirmation) == {"colour": ("Blue", "Red", 0.9)}
    assert Label.objects.filter(confirmation__withdrawn_by=None).count() == 0


def test_undoing_a_later_decision_gives_the_earlier_one_back(cast: Cast) -> None:
    listing = prefilled(cast)
    confirm(cast, listing, colour="Blue", how=How.IMPORT)
    before = tags_of(listing)
    undo(cast, confirm(cast, fresh(listing), colour="Green", season="Summer"))
    assert (tags_of(listing), fresh(listing).state) == (before, Listing.State.CONFIRMED)


def test_a_chain_of_decisions_is_undone_step_by_step(cast: Cast) -> None:
    listing = prefilled(cast)
    drafted = tags_of(listing)
    first = confirm(cast, listing, colour="Blue")
    after_first = tags_of(listing)
    second = confirm(cast, fresh(listing), colour="Green")
    undo(cast, second)
    third = confirm(cast, fresh(listing), colour="Black")
    undo(cast, third)
    assert tags_of(listing) == after_first
    undo(cast, first)
    assert tags_of(listing) == drafted
    confirm(cast, fresh(listing), colour="White")
    assert tags_of(listing)["colour"] == ("White", Source.PERSON)


def everything_of(listing: Listing) -> list[Any]:
    """What people see of it, and what the review goes by."""
    counted = {"revision", "person_revision", "prefilled_revision", "updated_at"}
    row = {name: value for name, value in vars(fresh(listing)).items() if not name.startswith("_")}
    tags = listing.tags.order_by("field").values("field", "term", "source", "set_by")
    return [{name: value for name, value in row.items() if name not in counted}, list(tags)]


def described(listing: Listing, **details: Any) -> Decision:
    return replace(decide(listing, colour="Blue"), details=ListingDetails(**details))


def test_another_person_undoes_all_of_it_exactly(cast: Cast) -> None:
    listing = prefilled(cast)
    describe_listing(listing=listing, details=ListingDetails(title="Tee", price=Decimal(5)))
    before = everything_of(listing)
    decision = described(fresh(listing), title="Kurta", price=Decimal("499.5"), sku="K1")
    confirmation = confirm_listing(listing=listing, actor=cast.seller, decision=decision)
    assert confirmation
    kept = {"title": ["Tee", "Kurta"], "sku": ["", "K1"], "price": ["5.00", "499.50"]}
    assert fresh_confirmation(confirmation).details == kept
    assert everything_of(listing) != before
    undo_confirmation(confirmation=fresh_confirmation(confirmation), actor=cast.teammate)
    assert everything_of(listing) == before


def test_details_that_were_written_since_stay(cast: Cast) -> None:
    listing = prefilled(cast)
    first = described(listing, title="A", price=Decimal(5))
    confirmation = confirm_listing(listing=listing, actor=cast.seller, decision=first)
    later = described(fresh(listing), title="B", price=Decimal("5.00"))
    assert confirm_listing(listing=listing, actor=cast.teammate, decision=later) is None  # only its details are new
    assert confirmation
    undo(cast, fresh_confirmation(confirmation))
    assert (fresh(listing).title, fresh(listing).price) == ("B", None)


def fresh_confirmation(confirmation: Confirmation) -> Confirmation:
    return Confirmation.objects.get(pk=confirmation.pk)


def test_undoing_twice_is_undoing_once(cast: Cast) -> None:
    listing = prefilled(cast)
    confirmation = confirm(cast, listing, colour="Blue")
    first = undo(cast, confirmation)
    before = everything()
    assert (undo(cast, confirmation), everything()) == (first, before)


@pytest.mark.parametrize("which", ["older", "undo"])
def test_only_the_latest_decision_can_be_undone(cast: Cast, which: str) -> None:
    listing = prefilled(cast)
    older = confirm(cast, listing, colour="Blue")
    newer = confirm(cast, fresh(listing), colour="Green")
    target = older if which == "older" else undo(cast, newer)
    before = everything()
    with pytest.raises(CannotUndo):
        undo(cast, target)
    assert everything() == before


def test_undo_is_a_change_that_an_open_form_is_told_of(cast: Cast) -> None:
    listing = prefilled(cast)
    confirmation = confirm(cast, listing, colour="Blue")
    opened = fresh(listing)
    undo(cast, confirmation)
    with pytest.raises(ListingChanged):
        confirm(cast, opened, colour="Green")


def test_a_decision_sent_again_after_its_undo_stays_undone(cast: Cast) -> None:
    listing = prefilled(cast)
    confirmation = confirm(cast, listing, colour="Blue", idempotency_key="k")
    undo(cast, confirmation)
    before = everything()
    assert confirm(cast, listing, colour="Blue", idempotency_key="k") == confirmation
    assert everything() == before


def test_the_decision_about_a_deleted_listing_cannot_be_undone(cast: Cast) -> None:
    listing = prefilled(cast)
    confirmation = confirm(cast, listing, colour="Blue")
    Listing.objects.filter(pk=listing.pk).delete()
    with pytest.raises(CannotUndo):
        undo(cast, confirmation)


# --- At the same moment -------------------------------------------------------------------------------------------


def together(*actions: Callable[[], Any]) -> list[Any]:
    """Runs all at once, each in a thread; what each returned or raised."""
    start, results = threading.Barrier(len(actions)), [None] * len(actions)

    def run(number: int) -> None:
        start.wait()
        try:
            results[number] = actions[number]()
        except Exception as error:
            results[number] = type(error)
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_a_double_click_is_one_confirmation(live_database: Path) -> None:
    seller = make_user("seller@example.com")
    listing = Listing.objects.create(shop=make_shop(seller))
    decision = decide(listing, colour="Red")
    results = together(*[lambda: confirm_listing(listing=listing, actor=seller, decision=decision)] * 4)
    assert results == [Confirmation.objects.get()] * 4
    assert Label.objects.count() == 1


def test_of_people_who_confirm_at_the_same_moment_one_is_heard_and_all_others_are_told(live_database: Path) -> None:
    seller = make_user("seller@example.com")
    listing = Listing.objects.create(shop=make_shop(seller))
    decisions = [decide(listing, colour=name) for name in ("Red", "Blue", "Green", "Black")]
    results = together(
        *[
            lambda decision=decision: confirm_listing(listing=listing, actor=seller, decision=decision)
            for decision in decisions
        ]
    )
    assert sorted(map(str, results)) == sorted(map(str, [Confirmation.objects.get(), *[ListingChanged] * 3]))
    assert Label.objects.count() == 1


# --- Decisions about single fields --------------------------------------------------------------------------------


def admin_decides(cast: Cast, listing: Listing, **value: str | None) -> Confirmation:
    """What an admin decides who sees the listing as it is in `listing`: one field."""
    confirmation = confirm_listing(listing=listing, actor=cast.stranger, decision=about_one_field(listing, **value))
    assert confirmation is not None
    return confirmation


def about_one_field(listing: Listing, **value: str | None) -> Decision:
    chosen = {TagField(field): term(field, key) if key else None for field, key in value.items()}
    return Decision(
        choices=chosen,
        seen_revision=listing.revision,
        idempotency_key=str(uuid.uuid4()),
        how=How.ADMIN,
        is_whole=False,
    )


def test_an_admin_decides_one_field_and_leaves_the_rest_of_the_draft_to_the_seller(cast: Cast) -> None:
    listing = prefilled(cast)
    confirmation = admin_decides(cast, listing, colour="Blue")
    assert fresh(listing).state == Listing.State.DRAFT
    assert tags_of(listing) == {"colour": ("Blue", Source.PERSON), "season": ("Fall", Source.MODEL)}
    assert labels_of(confirmation) == {"colour": ("Blue", "Red", 0.9)}
    assert (confirmation.how, confirmation.fields, confirmation.is_whole) == (How.ADMIN, ["colour"], False)


def test_an_admin_who_agrees_with_the_network_makes_a_label_too(cast: Cast) -> None:
    listing = prefilled(cast)
    assert labels_of(admin_decides(cast, listing, colour="Red")) == {"colour": ("Red", "Red", 0.9)}
    assert tags_of(listing)["colour"] == ("Red", Source.PERSON)


def test_what_an_admin_leaves_empty_on_purpose_stays_empty_and_makes_no_label(cast: Cast) -> None:
    listing = prefilled(cast)
    confirmation = admin_decides(cast, listing, colour=None)
    guess(listing, "b" * 64, colour="Green")
    assert tags_of(listing) == {"colour": (None, Source.PERSON), "season": ("Fall", Source.MODEL)}
    assert (labels_of(confirmation), confirmation.fields) == ({}, ["colour"])


def test_an_admin_may_correct_a_field_of_a_confirmed_listing_which_stays_confirmed(cast: Cast) -> None:
    listing = prefilled(cast)
    confirm(cast, listing, colour="Blue", season="Fall")
    before = tags_of(listing)
    admin_decides(cast, fresh(listing), colour="Green")
    assert fresh(listing).state == Listing.State.CONFIRMED
    assert tags_of(listing) == {**before, "colour": ("Green", Source.PERSON)}


def test_a_seller_who_had_the_form_open_is_told_of_the_admins_decision(cast: Cast) -> None:
    listing = prefilled(cast)
    admin_decides(cast, listing, colour="Blue")
    before = everything()
    with pytest.raises(ListingChanged):
        confirm(cast, listing, colour="Red")
    assert everything() == before


def test_of_two_admins_on_one_listing_the_second_is_told(cast: Cast) -> None:
    listing = prefilled(cast)
    admin_decides(cast, listing, colour="Blue")
    before = everything()
    with pytest.raises(ListingChanged):
        admin_decides(cast, listing, colour="Green")
    assert everything() == before


def test_an_admin_who_decides_what_was_decided_just_so_changes_nothing(cast: Cast) -> None:
    listing = prefilled(cast)
    admin_decides(cast, listing, colour="Blue")
    before = everything()
    decision = about_one_field(fresh(listing), colour="Blue")
    assert confirm_listing(listing=listing, actor=cast.stranger, decision=decision) is None
    assert everything() == before


def test_undoing_an_admins_decision_gives_the_suggestion_back(cast: Cast) -> None:
    listing = prefilled(cast)
    before = tags_of(listing)
    undo(cast, admin_decides(cast, listing, colour="Blue"))
    assert (tags_of(listing), fresh(listing).state) == (before, Listing.State.DRAFT)


def test_undoing_the_sellers_decision_leaves_the_admins_standing(cast: Cast) -> None:
    listing = prefilled(cast)
    admin_decides(cast, listing, colour="Blue")
    before = tags_of(listing)
    undo(cast, confirm(cast, fresh(listing), colour="Green", season="Summer"))
    assert (tags_of(listing), fresh(listing).state) == (before, Listing.State.DRAFT)


def test_undoing_an_admins_correction_gives_the_sellers_value_back(cast: Cast) -> None:
    listing = prefilled(cast)
    confirm(cast, listing, colour="Blue", season="Fall")
    before = tags_of(listing)
    undo(cast, admin_decides(cast, fresh(listing), colour=None))
    assert (tags_of(listing), fresh(listing).state) == (before, Listing.State.CONFIRMED)


# --- Anything in any order ----------------------------------------------------------------------------------------


class Story:
    """One listing through anything that can happen to it, beside what a person expects to find."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast, self.random = cast, Random(seed)
        self.listing = make_listing(cast.shop)
        self.decided: list[tuple[Confirmation, dict[str, str | None]]] = []  # all fields, or one by an admin
        self.titled: dict[int, tuple[str, str]] = {}  # by the confirmation that changed it
        self.sent: list[Decision] = []
        self.opened = fresh(self.listing)
        self.title = ""

    def opens_the_form(self) -> None:
        self.opened = fresh(self.listing)

    def confirms(self) -> None:
        """With the form as it was opened, however long ago."""
        names = {"colour": ("Red", "Blue", None), "season": ("Fall", "Summer", None), "gender": ("Men", None)}
        wanted = {field: self.random.choice(options) for field, options in names.items()}
        title = self.random.choice(("", "Tee", "Shirt"))
        decision = decide(self.opened, details=ListingDetails(title=title), **wanted)
        is_current = self.opened.revision >= fresh(self.listing).person_revision
        try:
            confirmation = confirm_listing(listing=self.listing, actor=self.cast.seller, decision=decision)
        except ListingChanged:
            assert not is_current
            return
        self.sent.append(decision)
        if confirmation:
            assert is_current
            if title != self.title:
                self.titled[confirmation.pk] = self.title, title
            self.decided.append((confirmation, {field.value: wanted.get(field.value) for field in TagField}))
        self.title = title

    def is_decided_in_part(self) -> None:
        """By an admin, who has just looked."""
        wanted = {"colour": self.random.choice(("Red", "White", None))}
        decision = about_one_field(fresh(self.listing), **wanted)
        confirmation = confirm_listing(listing=self.listing, actor=self.cast.stranger, decision=decision)
        if confirmation:
            self.sent.append(decision)
            self.decided.append((confirmation, wanted))

    def sends_an_old_decision_again(self) -> None:
        if self.sent:
            decision = self.random.choice(self.sent)
            with suppress(ListingChanged):  # if it changed the details only, and somebody has changed them since
                confirm_listing(listing=self.listing, actor=self.cast.seller, decision=decision)

    def writes_details_elsewhere(self) -> None:
        self.title = self.random.choice(("", "Skirt"))
        current = fresh(self.listing)
        if describe_listing(listing=current, details=ListingDetails(title=self.title)):
            count_change_by_person(self.listing.pk)

    def is_tagged(self) -> None:
        """A late worker, or a newer model, or another photo."""
        photo = make_photo(self.listing) if self.random.random() < 0.3 else self.listing.photos.all()[0]
        version = make_version(f"{self.random.getrandbits(256):064x}", state="candidate")
        for output, keys in {"colour": ("Green", "Black"), "usage": ("Casual", "Formal")}.items():
            band = self.random.choice(("sure", "check", "unsure"))
            predict(photo, version, output, term(output, self.random.choice(keys)), band=band)
        prefill_listings([self.listing.pk])

    def is_undone(self) -> None:
        if not self.decided:
            return
        confirmation, _fields = self.decided.pop()
        undo(self.cast, fresh_confirmation(confirmation))
        before, after = self.titled.pop(confirmation.pk, ("", None))
        if self.title == after:
            self.title = before

    def is_undone_again(self) -> None:
        undone = list(Confirmation.objects.exclude(withdrawn_by=None).order_by("pk"))
        if undone:
            undo(self.cast, self.random.choice(undone))

    def tell(self, steps: int) -> None:
        happenings = [
            self.opens_the_form,
            self.opens_the_form,
            self.confirms,
            self.confirms,
            self.sends_an_old_decision_again,
            self.writes_details_elsewhere,
            self.is_decided_in_part,
            self.is_tagged,
            self.is_undone,
            self.is_undone_again,
        ]
        for _ in range(steps):
            self.random.choice(happenings)()
            self.check()

    def check(self) -> None:
        tags, listing = tags_of(self.listing), fresh(self.listing)
        assert listing.title == self.title
        expected: dict[str, str | None] = {}
        for _confirmation, fields in self.decided:
            expected.update(fields)
        is_confirmed = any(len(fields) == len(TagField) for _confirmation, fields in self.decided)
        assert listing.state == (Listing.State.CONFIRMED if is_confirmed else Listing.State.DRAFT)
        assert {field: value for field, (value, source) in tags.items() if source == Source.PERSON} == expected
        assert {source for _value, source in tags.values()} <= {Source.PERSON, Source.MODEL}
        assert latest_confirmation(listing) == (self.decided[-1][0] if self.decided else None)
        for confirmation, fields in self.decided[-1:]:
            kept = {each.field: each.term.key for each in confirmation.labels.select_related("term")}
            assert kept == {field: value for field, value in fields.items() if value}


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_in_whatever_order_a_persons_decision_stands(cast: Cast, seed: int) -> None:
    Story(cast, seed).tell(40)
