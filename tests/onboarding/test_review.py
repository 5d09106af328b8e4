"""What the review form offers for each field, and how it reads what comes back."""

from typing import Any

import pytest
from django.http import QueryDict
from django.utils import timezone

from catalog.models import Listing, ListingTag, TagField, Term
from catalog.vocabulary import Vocabulary
from onboarding.review import ReviewField, posted_choices, review_fields
from onboarding.services.prefilling import prefill_listings
from tests.conftest import Cast, make_listing, make_version, predict, term


def fields_of(listing: Listing | None, **posted: str) -> dict[str, ReviewField]:
    data = QueryDict(mutable=True)
    data.update(posted)
    found = review_fields(listing, Vocabulary(), data if posted else None)
    return {field.key: field for field in found}


def suggested(cast: Cast, output: str = "colour", key: str = "Red", **values: Any) -> Listing:
    """A draft with one guess, prefilled from it."""
    listing = make_listing(cast.shop)
    predict(
        listing.photos.get(), make_version(f"{listing.pk:064d}", state="candidate"), output, term(output, key), **values
    )
    prefill_listings([listing.pk])
    return listing


def posted(**values: str) -> QueryDict:
    data = QueryDict(mutable=True)
    data.update(values)
    return data


# --- What is shown ------------------------------------------------------------------------------------------------


def test_every_field_is_there_in_its_order_also_for_a_new_listing(db: None) -> None:
    fields = fields_of(None)
    assert list(fields) == [field.value for field in TagField]
    assert {field.band for field in fields.values()} == {"none"}
    assert all(field.is_empty and not field.choices for field in fields.values())


@pytest.mark.parametrize(
    ("band", "is_checked", "percent"), [("sure", True, 97), ("check", True, 97), ("unsure", False, 97)]
)
def test_a_guess_is_chosen_already_unless_it_is_unsure(cast: Cast, band: str, is_checked: bool, percent: int) -> None:
    field = fields_of(suggested(cast, band=band))["colour"]
    assert [(choice.name, choice.percent, choice.checked) for choice in field.choices] == [("Red", percent, is_checked)]
    assert (field.band, field.confidence_percent, field.is_empty) == (band, percent, not is_checked)


def test_a_field_says_when_the_pixels_speak_against_its_suggestion_until_somebody_decides(cast: Cast) -> None:
    listing = suggested(cast, band="check", contradicted=True)
    assert [field.key for field in fields_of(listing).values() if field.is_contradicted] == ["colour"]
    listing.tags.update(source=ListingTag.Source.PERSON)
    assert not any(field.is_contradicted for field in fields_of(listing).values())
    assert not any(field.is_contradicted for field in fields_of(suggested(cast, band="check")).values())


@pytest.mark.parametrize(("confidence", "percent"), [(1.0, 99), (0.999, 99), (0.0, 1), (0.504, 50)])
def test_a_confidence_is_never_shown_as_certainty_nor_as_nothing(cast: Cast, confidence: float, percent: int) -> None:
    assert fields_of(suggested(cast, confidence=confidence))["colour"].confidence_percent == percent


def test_a_persons_value_is_shown_as_a_persons_whatever_the_network_says(cast: Cast) -> None:
    listing = suggested(cast)
    ListingTag.objects.update(source=ListingTag.Source.PERSON, term=term("colour", "Beige"))
    field = fields_of(listing)["colour"]
    assert (field.band, field.other_selected) == ("person", str(term("colour", "Beige").pk))
    assert [choice.checked for choice in field.choices] == [False]


def test_a_runner_up_that_is_the_stored_value_is_the_checked_choice(cast: Cast) -> None:
    blue = term("colour", "Blue")
    listing = suggested(cast, alternatives=[[blue.pk, 0.2]])
    ListingTag.objects.update(source=ListingTag.Source.PERSON, term=blue)
    field = fields_of(listing)["colour"]
    assert [(choice.name, choice.checked) for choice in field.choices] == [("Red", False), ("Blue", True)]
    assert field.other_selected == ""


def test_a_retired_runner_up_is_not_offered(cast: Cast) -> None:
    blue = term("colour", "Blue")
    listing = suggested(cast, alternatives=[[blue.pk, 0.2]])
    Term.objects.filter(pk=blue.pk).update(retired_at=timezone.now())
    assert [choice.name for choice in fields_of(listing)["colour"].choices] == ["Red"]


def test_every_value_of_a_field_can_be_chosen(db: None) -> None:
    options = {key: field.other_options.groups for key, field in fields_of(None).items()}
    for field in TagField:
        offered = {int(option.value) for _heading, entries in options[field.value] for option in entries}
        assert offered == set(Term.objects.filter(field=field).values_list("pk", flat=True))
    headings = [heading for heading, _entries in options["category"]]
    assert len(headings) == len(set(headings)) == Term.objects.filter(field="category").exclude(children=None).count()


def test_colours_in_the_list_have_their_swatch_and_other_values_have_none(db: None) -> None:
    fields = fields_of(None).items()
    keys = {
        key: {option.colour_key for _, entries in field.other_options.groups for option in entries}
        for key, field in fields
    }
    colours = set(Term.objects.filter(field="colour").values_list("key", flat=True))
    assert keys == {**{key: {""} for key in TagField.values}, "colour": colours}


def test_what_was_posted_is_shown_again_instead_of_what_is_stored(cast: Cast) -> None:
    field = fields_of(suggested(cast), colour_other=str(term("colour", "Beige").pk))["colour"]
    assert (field.other_selected, [choice.checked for choice in field.choices]) == (
        str(term("colour", "Beige").pk),
        [False],
    )


# --- What comes back ----------------------------------------------------------------------------------------------


def test_a_blank_form_decides_nothing_for_every_field(db: None) -> None:
    read = posted_choices(posted(), Vocabulary())
    assert (read.choices, read.unknown) == (dict.fromkeys(TagField), [])


def test_the_select_wins_over_the_one_tap_choice(db: None) -> None:
    red, beige = term("colour", "Red"), term("colour", "Beige")
    read = posted_choices(posted(colour=str(red.pk), colour_other=str(beige.pk)), Vocabulary())
    assert read.choices[TagField.COLOUR] == beige


@pytest.mark.parametrize("value", ["0", "-1", "99999999", "red", "1e3", "²", "٣", pytest.param("9" * 5000, id="huge")])
def test_what_is_no_value_of_the_field_is_unknown_and_chooses_nothing(db: None, value: str) -> None:
    read = posted_choices(posted(colour=value), Vocabulary())
    assert (read.choices[TagField.COLOUR], read.unknown) == (None, [TagField.COLOUR])


def test_a_value_of_another_field_is_unknown(db: None) -> None:
    read = posted_choices(posted(colour=str(term("season", "Fall").pk)), Vocabulary())
    assert (read.choices[TagField.COLOUR], read.unknown) == (None, [TagField.COLOUR])


def test_a_retired_value_cannot_be_chosen(db: None) -> None:
    red = term("colour", "Red")
    Term.objects.filter(pk=red.pk).update(retired_at=timezone.now())
    assert posted_choices(posted(colour=str(red.pk)), Vocabulary()).unknown == [TagField.COLOUR]
