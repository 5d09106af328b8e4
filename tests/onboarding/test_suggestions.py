"""What a listing's predictions come to: as deep as they dare, from the surest photo, by the newest model."""

from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Listing, Photo, TagField, Term
from onboarding.models import ModelVersion
from onboarding.suggestions import Suggestion, suggestions_for, tag_field_of
from tests.conftest import Cast, make_listing, make_photo, make_version, predict, term

TSHIRT = ("Apparel", "Topwear", "Tshirts")
SHIRT = ("Apparel", "Topwear", "Shirts")
SHOE = ("Footwear", "Shoes", "Casual Shoes")
OUTPUTS = ("master_category", "sub_category", "article_type")


def predict_category(
    photo: Photo, version: ModelVersion, path: tuple[str, ...], bands: str, confidence: float = 0.9, **fields: Any
) -> None:
    """One prediction a level; `bands` has a letter for each: s(ure), c(heck), u(nsure)."""
    names = {"s": "sure", "c": "check", "u": "unsure"}
    for depth, (output, letter) in enumerate(zip(OUTPUTS, bands, strict=True), 1):
        value = term("category", *path[:depth])
        predict(photo, version, output, value, band=names[letter], confidence=confidence, **fields)


def suggestion(listing: Listing, field: TagField = TagField.CATEGORY) -> Suggestion:
    return suggestions_for([listing.pk])[listing.pk][field]


@pytest.mark.parametrize(
    ("bands", "depth", "band"),
    [("sss", 3, "sure"), ("ssc", 3, "check"), ("scu", 2, "check"), ("suu", 1, "sure"), ("uuc", 3, "check")],
)
def test_a_category_goes_as_deep_as_its_levels_are_sure_enough(cast: Cast, bands: str, depth: int, band: str) -> None:
    listing = make_listing(cast.shop)
    predict_category(listing.photos.get(), make_version(), TSHIRT, bands)
    found = suggestion(listing)
    assert (found.term_id, found.band, found.is_confident) == (term("category", *TSHIRT[:depth]).pk, band, True)


def test_a_category_of_which_no_level_is_sure_enough_is_no_confident_suggestion(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    predict_category(listing.photos.get(), make_version(), TSHIRT, "uuu")
    found = suggestion(listing)
    assert (found.term_id, found.is_confident) == (term("category", "Apparel").pk, False)


def test_a_field_below_its_threshold_is_no_confident_suggestion(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    predict(listing.photos.get(), make_version(), "season", term("season", "Summer"), band="unsure", confidence=0.4)
    found = suggestion(listing, TagField.SEASON)
    assert (found.confidence, found.is_confident) == (0.4, False)


def test_runners_up_of_a_shallow_category_begin_with_the_deepest_guess(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    shirt = term("category", *SHIRT)
    predict_category(listing.photos.get(), make_version(), TSHIRT, "ssu", alternatives=[[shirt.pk, 0.3]])
    assert suggestion(listing).alternatives == ((term("category", *TSHIRT).pk, 0.9), (shirt.pk, 0.3))


def test_at_most_four_runners_up_and_never_the_suggestion_itself(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    names = ("Red", "Blue", "Green", "Black", "White", "Pink")
    colours = [term("colour", name) for name in names]
    offered = [[colour.pk, 0.1] for colour in colours]
    predict(listing.photos.get(), make_version(), "colour", colours[0], alternatives=offered)
    found = suggestion(listing, TagField.COLOUR)
    assert found.alternatives == tuple((colour.pk, 0.1) for colour in colours[1:5])


def test_of_several_photos_the_deepest_then_the_surest_speaks_for_each_field(cast: Cast) -> None:
    listing, version = make_listing(cast.shop, photos=3), make_version()
    back, front, label = listing.photos.all()
    predict_category(back, version, SHOE, "suu", confidence=0.99)
    predict_category(front, version, TSHIRT, "ssc", confidence=0.8)
    predict_category(label, version, SHIRT, "ssc", confidence=0.7)
    predict(back, version, "colour", term("colour", "Red"), confidence=0.6)
    predict(front, version, "colour", term("colour", "Blue"), confidence=0.5)
    predict(label, version, "colour", term("colour", "Green"), confidence=0.9, band="unsure")
    assert suggestion(listing).term_id == term("category", *TSHIRT).pk
    assert suggestion(listing, TagField.COLOUR).term_id == term("colour", "Red").pk


def test_the_newer_model_version_speaks_even_if_it_is_less_sure(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    photo, old, new = listing.photos.get(), make_version("a" * 64, state="retired"), make_version("b" * 64)
    predict(photo, new, "colour", term("colour", "Blue"), confidence=0.5, band="unsure")
    predict(photo, old, "colour", term("colour", "Red"), confidence=0.99)
    found = suggestion(listing, TagField.COLOUR)
    assert (found.term_id, found.model_version_id, found.is_confident) == (term("colour", "Blue").pk, new.pk, False)


def test_levels_of_two_versions_are_never_mixed(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    photo, old, new = listing.photos.get(), make_version("a" * 64, state="retired"), make_version("b" * 64)
    predict_category(photo, old, TSHIRT, "sss")
    predict(photo, new, "master_category", term("category", "Footwear"))
    found = suggestion(listing)
    assert (found.term_id, found.model_version_id) == (term("category", "Footwear").pk, new.pk)


def test_a_field_that_the_newer_version_does_not_know_keeps_the_older_guess(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    photo, old, new = listing.photos.get(), make_version("a" * 64, state="retired"), make_version("b" * 64)
    predict(photo, old, "usage", term("usage", "Casual"))
    predict(photo, new, "colour", term("colour", "Blue"))
    assert suggestion(listing, TagField.USAGE).model_version_id == old.pk


@pytest.mark.parametrize("change", ["retired_at", "merged_into"])
def test_a_term_that_is_no_longer_used_is_not_suggested(cast: Cast, change: str) -> None:
    listing, version = make_listing(cast.shop), make_version()
    photo, red = listing.photos.get(), term("colour", "Red")
    predict_category(photo, version, TSHIRT, "sss")
    predict(photo, version, "colour", red)
    value = timezone.now() if change == "retired_at" else term("colour", "Maroon")
    Term.objects.filter(pk__in=[red.pk, term("category", *TSHIRT).pk]).update(**{change: value})
    found = suggestions_for([listing.pk])[listing.pk]
    assert {field: each.term_id for field, each in found.items()} == {
        TagField.CATEGORY: term("category", *TSHIRT[:2]).pk
    }


def test_listings_without_predictions_have_no_suggestions(cast: Cast) -> None:
    assert suggestions_for([make_listing(cast.shop).pk]) == {}


def test_many_listings_are_one_query(cast: Cast, django_assert_num_queries: Any) -> None:
    version = make_version()
    for count in (1, 3):
        listings = [make_listing(cast.shop, photos=2) for _ in range(count)]
        for listing in listings:
            for photo in listing.photos.all():
                predict_category(photo, version, TSHIRT, "sss")
        with django_assert_num_queries(1):
            assert len(suggestions_for([listing.pk for listing in listings])) == count


def test_every_output_of_the_network_is_about_one_field() -> None:
    assert [tag_field_of(output) for output in (*OUTPUTS, "colour", "season", "gender", "usage")] == [
        *[TagField.CATEGORY] * 3,
        TagField.COLOUR,
        TagField.SEASON,
        TagField.GENDER,
        TagField.USAGE,
    ]


def test_a_listing_keeps_only_what_its_own_photos_say(cast: Cast) -> None:
    first, second, version = make_listing(cast.shop), make_listing(cast.shop), make_version()
    predict(first.photos.get(), version, "colour", term("colour", "Red"))
    predict(make_photo(second), version, "colour", term("colour", "Blue"))
    found = suggestions_for([first.pk, second.pk])
    assert {pk: each[TagField.COLOUR].term_id for pk, each in found.items()} == {
        first.pk: term("colour", "Red").pk,
        second.pk: term("colour", "Blue").pk,
    }
