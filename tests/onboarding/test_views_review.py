"""Reviewing, confirming and undoing through the pages."""

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from catalog.models import Listing, TagField, Term
from onboarding.models import Confirmation, Label, ModelVersion, Prediction
from onboarding.services.batches import set_value
from onboarding.services.prefilling import prefill_listings
from tests.conftest import Cast, make_listing, make_version, predict, term


def tags_of(listing: Listing) -> dict[str, tuple[str | None, str]]:
    rows = listing.tags.select_related("term")
    return {tag.field: (tag.term.key if tag.term else None, tag.source) for tag in rows}


def prefilled(cast: Cast) -> Listing:
    """A draft that the network took for a blue T-shirt; of the season it was not sure."""
    listing = make_listing(cast.shop)
    photo, version = listing.photos.get(), ModelVersion.objects.first() or make_version()
    path = ("Apparel", "Topwear", "Tshirts")
    for depth, output in enumerate(("master_category", "sub_category", "article_type"), 1):
        predict(photo, version, output, term("category", *path[:depth]))
    navy = term("colour", "Navy Blue")
    unsure_of_blue = {"band": "check", "confidence": 0.8, "alternatives": [[navy.pk, 0.1]]}
    predict(photo, version, "colour", term("colour", "Blue"), **unsure_of_blue)
    predict(photo, version, "season", term("season", "Summer"), band="unsure", confidence=0.4)
    prefill_listings([listing.pk])
    listing.refresh_from_db()
    return listing


def form_data(listing: Listing, **fields: Any) -> dict[str, Any]:
    data = {"seen_revision": listing.revision, "idempotency_key": str(uuid.uuid4())}
    return {
        **data,
        "title": "Blue tee",
        "price": "499",
        **{tag.field: tag.term_id for tag in listing.tags.all() if tag.term_id},
        **fields,
    }


def confirm(cast: Cast, listing: Listing, **fields: Any) -> HttpResponse:
    return cast.browser(cast.seller).post(f"/listings/{listing.pk}/review/", form_data(listing, **fields))


def test_the_page_says_in_words_when_the_pixels_speak_against_a_suggestion(cast: Cast) -> None:
    listing = prefilled(cast)
    page, words = f"/listings/{listing.pk}/review/", "The colours in the photo do not seem to fit this suggestion."
    assert words not in cast.browser(cast.seller).get(page).text
    Prediction.objects.filter(field="colour").update(contradicted=True)
    assert cast.browser(cast.seller).get(page).text.count(words) == 1


def test_the_page_shows_values_bands_and_runners_up(cast: Cast) -> None:
    listing = prefilled(cast)
    fields = {
        each.key: each for each in cast.browser(cast.seller).get(f"/listings/{listing.pk}/review/").context["fields"]
    }
    assert [each.label for each in fields.values()] == [str(field.label) for field in TagField]
    colour, season, gender = fields["colour"], fields["season"], fields["gender"]
    assert [(each.name, each.percent, each.checked) for each in colour.choices] == [
        ("Blue", 80, True),
        ("Navy blue", 10, False),
    ]
    assert (colour.band, season.band, gender.band) == ("check", "unsure", "none")
    assert [(each.name, each.percent, each.checked) for each in season.choices] == [
        ("Summer", 40, False),
        ("Spring", None, False),
        ("Autumn", None, False),
        ("Winter", None, False),
    ]
    assert (season.has_list, colour.has_list) == (False, True)
    assert (season.is_empty, colour.is_empty) == (True, False)


def test_beside_a_field_stands_how_often_it_was_right_of_late(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onboarding.accuracy.LEAST", 1)
    blue, red = term("colour", "Blue"), term("colour", "Red")
    for value in (blue, blue, red):
        confirm(cast, prefilled(cast), colour=value.pk)
    page = cast.browser(cast.seller).get(f"/listings/{prefilled(cast).pk}/review/").content.decode()
    assert "Right in 2 of your last 3" in page
    assert "Right in 3 of your last 3" in page  # the category
    assert page.count("of your last") == 2  # nobody has chosen a season


def test_confirming_keeps_details_tags_and_labels_and_goes_on_to_the_next(cast: Cast) -> None:
    listing, other = prefilled(cast), make_listing(cast.shop)
    response = confirm(cast, listing, season=term("season", "Summer").pk)
    assert (response.status_code, response["Location"]) == (302, f"/shops/{cast.shop.pk}/review/?after={listing.pk}")
    following = cast.browser(cast.seller).get(f"/shops/{cast.shop.pk}/review/")
    assert following["Location"] == f"/listings/{other.pk}/review/"
    listing.refresh_from_db()
    assert (listing.state, listing.title, str(listing.price)) == ("confirmed", "Blue tee", "499.00")
    assert tags_of(listing) == {
        "category": ("Tshirts", "person"),
        "colour": ("Blue", "person"),
        "season": ("Summer", "person"),
        "gender": (None, "person"),
        "usage": (None, "person"),
    }
    labels = {label.field: label for label in Label.objects.select_related("term", "suggested")}
    assert {field: label.term.key for field, label in labels.items()} == {
        "category": "Tshirts",
        "colour": "Blue",
        "season": "Summer",
    }
    assert (labels["colour"].suggested, labels["colour"].suggested_confidence) == (term("colour", "Blue"), 0.8)


def test_another_value_from_the_list_wins_over_the_one_tap_choice(cast: Cast) -> None:
    listing = prefilled(cast)
    confirm(cast, listing, colour_other=term("colour", "Maroon").pk)
    assert tags_of(listing)["colour"] == ("Maroon", "person")


def test_a_form_that_is_not_valid_keeps_what_was_chosen_and_stores_nothing(cast: Cast) -> None:
    listing = prefilled(cast)
    response = confirm(cast, listing, price="cheap", colour=term("colour", "Navy Blue").pk)
    assert response.status_code == 400
    colour = next(each for each in response.context["fields"] if each.key == "colour")
    assert [each.name for each in colour.choices if each.checked] == ["Navy blue"]
    listing.refresh_from_db()
    assert (listing.state, listing.title, Confirmation.objects.count()) == ("draft", "", 0)


def test_a_value_that_is_none_of_the_fields_is_refused(cast: Cast) -> None:
    listing = prefilled(cast)
    for value in (term("season", "Summer").pk, 10**30, "Blue", "-1", "１"):
        assert confirm(cast, listing, colour=value).status_code == 400
    assert Confirmation.objects.count() == 0
    assert tags_of(listing)["colour"] == ("Blue", "model")


def test_the_second_of_two_people_sees_both_values_and_overwrites_nothing(cast: Cast) -> None:
    listing = prefilled(cast)
    opened = form_data(listing)
    navy = term("colour", "Navy Blue")
    confirm(cast, listing, colour=navy.pk)
    response = send_late(cast, listing, {**opened, "title": "Other"})
    conflict = response.context["conflict"]
    told = {each.name: (each.stored.name, each.entered.name) for each in conflict.differences}
    assert (response.status_code, conflict.actor) == (409, "seller@example.com")
    assert told == {"colour": ("Navy blue", "Blue"), "title": ("Blue tee", "Other")}
    listing.refresh_from_db()
    assert (listing.title, tags_of(listing)["colour"]) == ("Blue tee", ("Navy Blue", "person"))
    assert Confirmation.objects.count() == 1


@pytest.mark.parametrize("side", ["stored", "entered"])
def test_what_is_chosen_of_the_two_holds_and_the_rest_stays(cast: Cast, side: str) -> None:
    listing = prefilled(cast)
    opened = form_data(listing)
    confirm(cast, listing, colour=term("colour", "Navy Blue").pk, description="Two\r\nlines", price="12.50")
    late = send_late(cast, listing, {**opened, "title": "Other", "description": "Two\r\nlines", "price": "12.5"})
    shown = late.context["conflict"]
    assert [each.name for each in shown.differences] == ["colour", "title"]
    answer = {**shown.others, **{each.name: getattr(each, side).value for each in shown.differences}}
    response = send_late(cast, listing, answer)
    listing.refresh_from_db()
    expected = {"stored": ("Blue tee", "Navy Blue"), "entered": ("Other", "Blue")}[side]
    assert response.status_code == 302
    assert (listing.title, (tags_of(listing)["colour"] or ("",))[0]) == expected
    assert (listing.description, listing.price) == ("Two\r\nlines", Decimal("12.50"))


def test_where_only_one_of_two_decided_a_field_nobody_is_asked(cast: Cast) -> None:
    listing = prefilled(cast)
    opened = form_data(listing)
    set_value(
        listings=[listing], field=TagField.SEASON, term=term("season", "Fall"), actor=cast.seller, batch=uuid.uuid4()
    )
    response = send_late(cast, listing, {**opened, "season": str(term("season", "Fall").pk)})
    assert (response.status_code, Confirmation.objects.filter(actor=cast.teammate).count()) == (302, 1)


def send_late(cast: Cast, listing: Listing, data: dict[str, Any]) -> Any:
    return cast.browser(cast.teammate).post(f"/listings/{listing.pk}/review/", data)


def test_a_script_that_turns_pages_gets_the_next_one_at_once(cast: Cast) -> None:
    first, second = prefilled(cast), prefilled(cast)
    browser = cast.browser(cast.seller)
    path = f"/listings/{first.pk}/review/"
    response: Any = browser.post(path, form_data(first), headers={"X-Turning": "1"})
    assert (response.status_code, response["Content-Location"]) == (200, f"/listings/{second.pk}/review/")
    assert response.context["listing"] == second
    undo = f"/confirmations/{Confirmation.objects.get().pk}/undo/"
    reloaded = browser.get(f"/listings/{second.pk}/review/")
    assert [page.content.decode().count(undo) for page in (response, reloaded)] == [1, 1]
    response = browser.post(response["Content-Location"], form_data(second), headers={"X-Turning": "1"})
    assert response["Location"] == f"/shops/{cast.shop.pk}/review/?after={second.pk}"


def test_the_photo_ahead_is_of_the_next_draft_and_at_the_end_of_the_first(cast: Cast) -> None:
    browser = cast.browser(cast.seller)
    drafts = [prefilled(cast)]
    assert next_photos(browser, drafts) == [None]
    drafts += [prefilled(cast), prefilled(cast)]
    first, second, third = (draft.photos.get() for draft in drafts)
    assert next_photos(browser, drafts) == [second, third, first]


def next_photos(browser: Client, drafts: list[Listing]) -> list[Any]:
    return [browser.get(f"/listings/{draft.pk}/review/").context["next_photo"] for draft in drafts]


def test_turning_takes_few_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    """Nearly all of the time that somebody waits for the next listing goes into putting queries together."""
    first, _second = prefilled(cast), prefilled(cast)
    browser = cast.browser(cast.seller)
    browser.get(f"/listings/{first.pk}/review/")
    data = form_data(first)
    with django_assert_max_num_queries(32):
        response = browser.post(f"/listings/{first.pk}/review/", data, headers={"X-Turning": "1"})
    assert response.status_code == 200


def test_a_double_click_confirms_once_and_leads_on_like_a_single_one(cast: Cast) -> None:
    listing = prefilled(cast)
    data = form_data(listing)
    assert leads_to(cast, listing, data, data) == [f"/shops/{cast.shop.pk}/review/?after={listing.pk}"] * 2
    assert Confirmation.objects.count() == 1


def test_a_double_click_on_an_edit_leads_back_to_the_listing_both_times(cast: Cast) -> None:
    listing = prefilled(cast)
    confirm(cast, listing)
    listing.refresh_from_db()
    data = form_data(listing, colour=term("colour", "Green").pk)
    assert leads_to(cast, listing, data, data) == [f"/listings/{listing.pk}/"] * 2
    listing.refresh_from_db()
    assert leads_to(cast, listing, form_data(listing)) == [f"/listings/{listing.pk}/"]


def leads_to(cast: Cast, listing: Listing, *forms: dict[str, Any]) -> list[str]:
    browser = cast.browser(cast.seller)
    return [browser.post(f"/listings/{listing.pk}/review/", form)["Location"] for form in forms]


def test_a_value_that_was_retired_since_is_kept_when_the_rest_is_edited(cast: Cast) -> None:
    listing = prefilled(cast)
    confirm(cast, listing, colour_other=term("colour", "Maroon").pk)
    maroon = term("colour", "Maroon")
    Term.objects.filter(pk=maroon.pk).update(retired_at=timezone.now())
    listing.refresh_from_db()
    page = cast.browser(cast.seller).get(f"/listings/{listing.pk}/review/")
    colour = next(each for each in page.context["fields"] if each.key == "colour")
    assert colour.other_selected == str(maroon.pk)
    assert confirm(cast, listing, colour_other=colour.other_selected, title="Other title").status_code == 302
    listing.refresh_from_db()
    assert (listing.title, tags_of(listing)["colour"]) == ("Other title", ("Maroon", "person"))


def test_undo_brings_the_suggestions_back(cast: Cast) -> None:
    listing = prefilled(cast)
    before = tags_of(listing)
    confirm(cast, listing, colour=term("colour", "Maroon").pk)
    confirmation = Confirmation.objects.get()
    response = cast.browser(cast.seller).post(f"/confirmations/{confirmation.pk}/undo/")
    assert response["Location"] == f"/listings/{listing.pk}/review/"
    listing.refresh_from_db()
    assert (listing.state, tags_of(listing)) == ("draft", before)


def test_a_second_person_can_undo_it_as_exactly(cast: Cast) -> None:
    listing = prefilled(cast)
    before = tags_of(listing)
    confirm(cast, listing, colour=term("colour", "Maroon").pk, title="Kurta", sku="K1")
    confirmation = Confirmation.objects.get()
    response = cast.browser(cast.stranger).post(f"/confirmations/{confirmation.pk}/undo/")
    assert response.status_code == 404
    page = cast.browser(cast.teammate).get(f"/listings/{listing.pk}/").content.decode()
    assert f"/confirmations/{confirmation.pk}/undo/" in page
    cast.browser(cast.teammate).post(f"/confirmations/{confirmation.pk}/undo/")
    listing.refresh_from_db()
    assert (listing.state, listing.title, listing.sku, listing.price) == ("draft", "", "", None)
    assert tags_of(listing) == before


def test_undo_is_offered_once_on_the_next_page(cast: Cast) -> None:
    listing = prefilled(cast)
    browser = cast.browser(cast.seller)
    browser.post(f"/listings/{listing.pk}/review/", form_data(listing))
    undo = f"/confirmations/{Confirmation.objects.get().pk}/undo/"
    pages = [browser.get(f"/shops/{cast.shop.pk}/review/", follow=True).content.decode() for _ in range(2)]
    assert [undo in page for page in pages] == [True, False]


def test_skipping_goes_on_and_starts_over_at_the_end(cast: Cast) -> None:
    first, second = (make_listing(cast.shop, photos=0) for _ in range(2))
    browser = cast.browser(cast.seller)
    targets = [
        browser.get(f"/shops/{cast.shop.pk}/review/?after={after}")["Location"]
        for after in (first.pk, second.pk, "nonsense", 10**40)
    ]
    expected = [f"/listings/{pk}/review/" for pk in (second.pk, first.pk, first.pk, first.pk)]
    assert targets == expected


def test_with_nothing_left_the_page_says_so(cast: Cast) -> None:
    make_listing(cast.shop, photos=0, state="confirmed")
    response = cast.browser(cast.seller).get(f"/shops/{cast.shop.pk}/review/")
    assert (response.status_code, response.context["confirmed_count"]) == (200, 1)
    assert "looks like another" not in response.content.decode()


def test_a_listing_by_hand_is_confirmed_without_photo_worker_or_model(cast: Cast) -> None:
    data = {
        "seen_revision": 0,
        "idempotency_key": str(uuid.uuid4()),
        "title": "Handmade scarf",
        "category_other": term("category", "Accessories", "Scarves").pk,
    }
    browser = cast.browser(cast.seller)
    responses = [browser.post(f"/shops/{cast.shop.pk}/listings/new/", data) for _ in range(2)]
    listing = Listing.objects.get()
    assert [response["Location"] for response in responses] == [f"/listings/{listing.pk}/"] * 2
    assert (listing.state, listing.title, listing.shop) == ("confirmed", "Handmade scarf", cast.shop)
    assert tags_of(listing)["category"] == ("Scarves", "person")
    assert list(Label.objects.values_list("suggested", flat=True)) == [None]


def test_a_listing_deleted_meanwhile_is_said(cast: Cast) -> None:
    listing = prefilled(cast)
    data = form_data(listing)
    listing.delete()
    assert cast.browser(cast.seller).post(f"/listings/{listing.pk}/review/", data).status_code == 404
    assert Confirmation.objects.count() == 0
