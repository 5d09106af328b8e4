"""Importing labels: confirmations as by a person, all or none, and never over a person's head."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from catalog.models import Listing, ListingTag, Photo, TagField
from onboarding.errors import InvalidLabels
from onboarding.label_files import StylesRow
from onboarding.labels import labelled_photos
from onboarding.models import Confirmation, Label, Prediction
from onboarding.services.confirming import Decision, confirm_listing, undo_confirmation
from onboarding.services.importing import Imported, import_labels
from onboarding.services.prefilling import prefill_listings
from tests.conftest import Cast, make_listing, make_shop, make_user, make_version, predict, term
from tests.onboarding.test_labels import decide

Output = Prediction.Output


def row(photo: Photo, line: int = 2, **values: str) -> StylesRow:
    """row(photo, colour="Red")"""
    return StylesRow(line, photo.pk, {Output(name): value for name, value in values.items()})


def bring_in(cast: Cast, *rows: StylesRow, overwrite: bool = False) -> Imported:
    return import_labels(shop=cast.shop, actor=cast.seller, rows=rows, overwrite=overwrite)


def labels() -> list[Mapping[str, str]]:
    return [each.labels for each in labelled_photos()]


def refused(cast: Cast, *rows: StylesRow) -> list[tuple[int, str]]:
    before = list(ListingTag.objects.values()), Confirmation.objects.count()
    with pytest.raises(InvalidLabels) as raised:
        bring_in(cast, *rows)
    assert (list(ListingTag.objects.values()), Confirmation.objects.count()) == before
    return [(cell.line, cell.column) for cell in raised.value.cells]


def test_an_import_becomes_labels_without_what_was_suggested(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    predict(listing.photos.get(), make_version(), "colour", term("colour", "Red"))
    prefill_listings([listing.pk])
    assert bring_in(cast, row(listing.photos.get(), colour="Red")) == Imported(1, 0, [])
    confirmation, label = Confirmation.objects.get(), Label.objects.get()
    assert (confirmation.how, confirmation.actor, confirmation.is_whole) == ("import", cast.seller, True)
    assert (label.term.key, label.suggested, label.model_version) == ("Red", None, None)
    assert labels() == [{"colour": "Red"}]


def test_all_photos_of_a_listing_follow_one_row(cast: Cast) -> None:
    listing = make_listing(cast.shop, photos=2)
    assert bring_in(cast, row(listing.photos.all()[1], colour="Red")).confirmed == 1
    assert labels() == [{"colour": "Red"}] * 2


def test_rows_that_agree_decide_their_listing_once(cast: Cast) -> None:
    photos = make_listing(cast.shop, photos=2).photos.all()
    assert bring_in(cast, row(photos[0], season="Summer"), row(photos[1], season="Summer")).confirmed == 1
    assert Confirmation.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ({"colour": "Blue"}, "baseColour"),
        ({}, "baseColour"),
        ({"colour": "Red", "master_category": "Apparel"}, "articleType"),
        ({"colour": "Red", "usage": "Casual"}, "usage"),
    ],
)
def test_rows_that_contradict_each_other_are_refused(cast: Cast, values: dict[str, str], column: str) -> None:
    photos = make_listing(cast.shop, photos=2).photos.all()
    assert refused(cast, row(photos[0], 2, colour="Red"), row(photos[1], 3, **values)) == [(3, column)]


@pytest.mark.parametrize(
    ("values", "columns"),
    [
        ({"master_category": "Clothes"}, ["masterCategory"]),
        ({"master_category": "Apparel", "sub_category": "Shoes"}, ["subCategory"]),
        ({"master_category": "Apparel", "sub_category": "Topwear", "article_type": "Jeans"}, ["articleType"]),
        ({"article_type": "Tshirts"}, ["masterCategory"]),
        ({"master_category": "Apparel", "article_type": "Tshirts"}, ["subCategory"]),
        (
            {"colour": "red", "season": "Wet", "gender": "Man", "usage": "Work"},
            ["baseColour", "season", "gender", "usage"],
        ),
    ],
)
def test_a_value_that_does_not_exist_is_named_by_its_column(
    cast: Cast, values: dict[str, str], columns: list[str]
) -> None:
    photo = make_listing(cast.shop).photos.get()
    assert refused(cast, row(photo, **values)) == [(2, column) for column in columns]


def test_one_wrong_row_keeps_all_others_out(cast: Cast) -> None:
    good = make_listing(cast.shop).photos.get()
    foreign = make_listing(cast.strangers_shop).photos.get()
    assert refused(cast, row(good, 2, colour="Red"), row(foreign, 3, colour="Red")) == [(3, "id")]


def test_a_retired_value_that_a_listing_has_may_stay(cast: Cast) -> None:
    listing, other, red = make_listing(cast.shop), make_listing(cast.shop), term("colour", "Red")
    decide(cast, listing, colour="Red")
    red.retired_at = listing.created_at
    red.save()
    assert bring_in(cast, row(listing.photos.get(), colour="Red")) == Imported(0, 1, [])
    assert refused(cast, row(other.photos.get(), colour="Red")) == [(2, "baseColour")]


def test_a_field_that_an_admin_decided_is_kept_too(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    how, choices = Confirmation.How.ADMIN, {TagField.COLOUR: term("colour", "Blue")}
    decision = Decision(choices=choices, seen_revision=0, idempotency_key="k", how=how, is_whole=False)
    confirm_listing(listing=listing, actor=cast.teammate, decision=decision)
    assert bring_in(cast, row(listing.photos.get(), colour="Red")) == Imported(0, 0, [listing.pk])
    assert labels() == [{"colour": "Blue"}]


def test_an_earlier_import_is_replaced_and_undoing_restores_it(cast: Cast) -> None:
    photo = make_listing(cast.shop).photos.get()
    bring_in(cast, row(photo, colour="Red"))
    assert bring_in(cast, row(photo, colour="Blue")) == Imported(1, 0, [])
    undo_confirmation(confirmation=Confirmation.objects.latest("pk"), actor=cast.seller)
    assert (labels(), ListingTag.objects.get(field="colour").source) == ([{"colour": "Red"}], "import")


def test_overwriting_with_the_same_values_changes_nothing(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    decide(cast, listing, colour="Red")
    assert bring_in(cast, row(listing.photos.get(), colour="Red"), overwrite=True) == Imported(0, 1, [])
    assert ListingTag.objects.get(field="colour").source == "person"


def test_no_rows_change_nothing(cast: Cast) -> None:
    assert bring_in(cast) == Imported(0, 0, [])


def test_of_two_imports_at_once_the_second_finds_nothing_to_do(live_database: Path) -> None:
    seller = make_user("seller@example.com")
    shop = make_shop(seller)
    rows = [StylesRow(2, make_listing(shop).photos.get().pk, {Output.COLOUR: "Red"}) for _ in range(3)]
    start = Barrier(2)

    def bring(_number: int) -> Any:
        try:
            start.wait(10)
            return import_labels(shop=shop, actor=seller, rows=rows)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        outcomes = list(threads.map(bring, range(2)))
    assert sorted(each.confirmed for each in outcomes) == [0, 3]
    assert (Confirmation.objects.count(), set(Listing.objects.values_list("state", flat=True))) == (3, {"confirmed"})
