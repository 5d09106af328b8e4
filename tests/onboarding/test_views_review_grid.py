"""The grid of the review: order, search, one value for many, all sure ones, and undoing."""

import uuid
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse

from catalog.models import Listing
from onboarding.models import Confirmation, ModelVersion, Prediction
from onboarding.services.prefilling import prefill_listings
from tests.conftest import Cast, make_listing, make_version, predict, term
from tests.many_listings import make_drafts
from tests.onboarding.test_batches import sure_now

Band = Prediction.Band


def path(cast: Cast, action: str = "") -> str:
    return f"/shops/{cast.shop.pk}/review/grid/{action}"


def draft(cast: Cast, confidence: float = 0.97, colour: str = "Red", **fields: Any) -> Listing:
    listing = make_listing(cast.shop, **fields)
    version = ModelVersion.objects.first() or make_version()
    band = Band.SURE if confidence > 0.9 else Band.CHECK
    predict(listing.photos.get(), version, "colour", term("colour", colour), confidence=confidence, band=band)
    prefill_listings([listing.pk])
    return Listing.objects.get(pk=listing.pk)


def shown(cast: Cast, query: str = "") -> list[int]:
    page = cast.browser(cast.seller).get(path(cast) + query)
    return [card.listing.pk for card in page.context["page_obj"]]


def post(cast: Cast, action: str = "", **data: Any) -> tuple[HttpResponse, list[str]]:
    response = cast.browser(cast.seller).post(path(cast, action), data)
    return response, [str(message) for message in get_messages(response.wsgi_request)]  # type: ignore[attr-defined]


def test_the_unsure_come_first_or_all_as_they_were_uploaded(cast: Cast) -> None:
    sure, unsure, middling = draft(cast, 0.97), draft(cast, 0.3), draft(cast, 0.6)
    untagged = make_listing(cast.shop)
    make_listing(cast.shop, state=Listing.State.CONFIRMED)
    assert shown(cast) == [untagged.pk, unsure.pk, middling.pk, sure.pk]
    assert shown(cast, "?order=uploaded") == [sure.pk, unsure.pk, middling.pk, untagged.pk]
    assert shown(cast, "?order=nonsense") == shown(cast)


def test_words_and_names_of_values_narrow_it(cast: Cast) -> None:
    red, blue = draft(cast), draft(cast, colour="Blue", title="Holiday")
    assert (shown(cast, "?q=red"), shown(cast, "?q=holiday"), shown(cast, "?q=nothing")) == ([red.pk], [blue.pk], [])


def test_the_chosen_get_one_value_and_the_step_can_be_undone(cast: Cast) -> None:
    first, second, third = draft(cast), draft(cast), draft(cast)
    blue = term("colour", "Blue")
    _response, said = post(cast, listings=[first.pk, second.pk], value=f"colour:{blue.pk}")
    assert said == ["2 listings: Colour is Blue."]
    assert [each.tags.get().term for each in (first, second)] == [blue, blue]
    page = cast.browser(cast.seller).get(path(cast))
    batch = page.context["undoable"]
    assert batch
    _response, said = post(cast, "undo/", batch=batch)
    assert said == ["Undone for 2 listings."]
    assert {each.tags.get().term for each in (first, second, third)} == {term("colour", "Red")}
    assert cast.browser(cast.seller).get(path(cast)).context["undoable"] is None


def test_a_value_can_be_emptied_for_many(cast: Cast) -> None:
    listing = draft(cast)
    _response, said = post(cast, listings=[listing.pk], value="colour:")
    assert said == ["1 listing: Colour is empty."]
    assert listing.tags.values_list("term", "source").get() == (None, "person")


def test_what_is_undone_is_ones_own_last_step(cast: Cast) -> None:
    listing = draft(cast)
    post(cast, listings=[listing.pk], value=f"colour:{term('colour', 'Blue').pk}")
    assert cast.browser(cast.teammate).get(path(cast)).context["undoable"] is None
    assert cast.browser(cast.seller).get(path(cast)).context["undoable"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"value": "colour:"}, "Choose at least one listing."),
        ({"listings": ["own"]}, "Choose a value."),
        ({"listings": ["strangers"], "value": "colour:"}, "A listing is gone."),
        ({"listings": ["confirmed"], "value": "colour:"}, "A listing is gone."),
        ({"listings": ["own"], "value": "colour:0"}, "Select a valid choice. colour:0 is not one of"),
        ({"listings": ["own"], "value": "price:1"}, "Select a valid choice. price:1 is not one of"),
    ],
)
def test_what_cannot_be_set_is_said_and_changes_nothing(cast: Cast, data: dict[str, Any], sentence: str) -> None:
    named = {
        "own": draft(cast).pk,
        "strangers": make_listing(cast.strangers_shop).pk,
        "confirmed": make_listing(cast.shop, state=Listing.State.CONFIRMED).pk,
    }
    listings = [named[name] for name in data.get("listings", ())]
    _response, said = post(cast, **{**data, "listings": listings})
    assert len(said) == 1
    assert said[0].startswith(sentence)
    assert Confirmation.objects.count() == 0


def test_sure_ones_are_confirmed_with_the_number_that_was_shown(cast: Cast) -> None:
    sure, unsure = [draft(cast) for _ in range(3)], draft(cast, 0.5)
    page = cast.browser(cast.seller).get(path(cast)).content.decode()
    assert "3 listings are sure" in page
    assert "Expect about 1 wrong value among them." in page
    late = draft(cast)
    response, said = post(cast, "confirm/", up_to=sure[-1].pk)
    assert (response["Location"], said) == (path(cast), ["3 listings are confirmed."])
    assert shown(cast) == [unsure.pk, late.pk]
    assert sure_now(cast.shop).count == 1


@pytest.mark.parametrize(
    ("action", "data"), [("confirm/", {}), ("confirm/", {"up_to": "x"}), ("undo/", {"batch": "x"})]
)
def test_forms_that_nobody_was_given_are_not_found(cast: Cast, action: str, data: dict[str, str]) -> None:
    draft(cast)
    response, _said = post(cast, action, **data)
    assert (response.status_code, Confirmation.objects.count()) == (404, 0)


def test_a_batch_that_is_not_there_undoes_nothing(cast: Cast) -> None:
    _response, said = post(cast, "undo/", batch=uuid.uuid4())
    assert said == ["Undone for 0 listings."]


def test_the_grid_costs_the_same_queries_for_few_and_for_many(cast: Cast, django_assert_max_num_queries: Any) -> None:
    browser = cast.browser(cast.seller)
    browser.get(path(cast))
    for count in (3, 30):
        for _ in range(count):
            draft(cast)
        with django_assert_max_num_queries(15):
            browser.get(path(cast))


@pytest.mark.parametrize("query", ["", "?q=blue&certainty=sure"])
def test_the_grid_takes_five_queries_for_three_drafts_and_for_three_hundred(
    cast: Cast, django_assert_num_queries: Any, query: str
) -> None:
    browser = cast.browser(cast.seller)
    browser.get(path(cast))
    for count in (3, 297):
        make_drafts(cast.shop, count)
        confirm_one_batch(cast)
        with django_assert_num_queries(5):
            assert browser.get(path(cast) + query).context["undoable"]


def confirm_one_batch(cast: Cast) -> None:
    post(cast, listings=[shown(cast)[0]], value=f"season:{term('season', 'Winter').pk}")


def test_filters_say_how_many_drafts_they_find(cast: Cast) -> None:
    draft(cast, 0.97), draft(cast, 0.3), draft(cast, 0.97, colour="Blue")
    form = cast.browser(cast.seller).get(path(cast)).context["filter_form"]
    named = {
        name: [str(label) for _value, label in form.fields[name].widget.choices] for name in ("certainty", "colour")
    }
    assert named["certainty"] == ["All", "Sure (2)", "Please check (1)"]
    assert named["colour"] == ["All", "Blue (1)", "Red (2)"]
    assert [len(shown(cast, f"?certainty={name}")) for name in ("sure", "check", "odd")] == [2, 1, 3]
    assert len(shown(cast, f"?certainty=sure&colour={term('colour', 'Red').pk}")) == 1
