"""Forms of the catalogue: what they fill in, refuse, and leave alone."""

from typing import Any

import pytest
from django.http import QueryDict

from catalog.forms import FilterForm, InvitationForm, ShopForm, TransferForm
from catalog.models import Listing, ListingTag, Shop
from catalog.selectors import filter_listings, list_counts, listings_of
from catalog.vocabulary import Vocabulary
from tests.conftest import Cast, make_listing, term

VALID_SHOP = {"name": "Asha's Boutique", "country": "IN", "currency": "", "language": "hi"}


def shop_form(**fields: str) -> ShopForm:
    return ShopForm({**VALID_SHOP, **fields})


@pytest.mark.parametrize(
    ("fields", "currency"),
    [({}, "INR"), ({"country": "KE"}, "KES"), ({"currency": "USD"}, "USD"), ({"country": "NA"}, "NAD")],
)
def test_an_empty_currency_is_the_countrys(fields: dict[str, str], currency: str) -> None:
    form = shop_form(**fields)
    assert form.is_valid(), form.errors
    assert form.save(commit=False).currency == currency


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": ""}, ["name"]),
        ({"name": " \n "}, ["name"]),
        ({"name": "x" * 121}, ["name"]),
        ({"country": "XX"}, ["country"]),
        ({"country": ""}, ["country"]),
        ({"currency": "XXX"}, ["currency"]),
        ({"language": "tlh"}, ["language"]),
    ],
)
def test_what_no_shop_can_have_is_refused_where_it_stands(fields: dict[str, str], wrong: list[str]) -> None:
    assert list(shop_form(**fields).errors) == wrong


def test_a_shops_name_is_one_line() -> None:
    form = shop_form(name="Asha's\r\nBcc: all@example.com")
    assert form.is_valid()
    assert form.cleaned_data["name"] == "Asha's Bcc: all@example.com"


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "a@example.com, b@example.com", "a@example.com\nBcc: b@c.de"])
def test_only_one_whole_address_can_be_invited(email: str) -> None:
    assert list(InvitationForm({"email": email}).errors) == ["email"]


def tag(listing: Listing, field: str, *path: str) -> None:
    ListingTag.objects.create(listing=listing, field=field, term=term(field, *path), source="person")


def filter_form(shop: Shop, **fields: Any) -> FilterForm:
    data = QueryDict(mutable=True)
    data.update(fields)
    vocabulary = Vocabulary()
    form = FilterForm(data, vocabulary=vocabulary)
    chosen = form.chosen()
    chosen.pop("sort")
    form.offer(list_counts(shop, filter_listings(listings_of(shop), **chosen), vocabulary))
    return form


def options(form: FilterForm, field: str) -> list[str]:
    return [str(label) for _value, label in form.fields[field].widget.choices]  # type: ignore[attr-defined]


def test_only_what_the_shop_has_can_be_chosen_with_the_levels_above(cast: Cast) -> None:
    tag(make_listing(cast.shop, photos=0), "category", "Apparel", "Topwear", "Tshirts")
    tag(make_listing(cast.strangers_shop, photos=0), "category", "Footwear", "Shoes")
    tag(make_listing(cast.strangers_shop, photos=0), "colour", "Blue")
    form = filter_form(cast.shop)
    assert options(form, "category") == [
        "All",
        "Clothing (1)",
        "Clothing › Tops and jackets (1)",
        "Clothing › Tops and jackets › T-shirts (1)",
    ]
    assert options(form, "colour") == ["All"]


def test_chosen_values_come_out_as_terms(cast: Cast) -> None:
    tag(make_listing(cast.shop, photos=0), "colour", "Blue")
    blue = term("colour", "Blue")
    form = filter_form(cast.shop, q=" tee ", state="draft", colour=str(blue.pk), sort="price")
    assert form.chosen() == {"text": "tee", "state": "draft", "terms": {"colour": blue}, "sort": "price"}
    assert form.narrows() is True


@pytest.mark.parametrize("odd", ["", "0", "-1", "9" * 30, "9" * 5000, "blue", "\0", "１"])
def test_an_unknown_value_narrows_nothing(cast: Cast, odd: str) -> None:
    form = filter_form(cast.shop, state=odd, category=odd, colour=odd, sort=odd)
    assert form.chosen() == {"text": "", "state": "", "terms": {}, "sort": "newest"}
    assert form.narrows() is False


def test_a_value_that_no_listing_has_any_more_finds_nothing_and_stays_chosen(cast: Cast) -> None:
    tag(make_listing(cast.shop, photos=0), "colour", "Red")
    form = filter_form(cast.shop, colour=str(term("colour", "Blue").pk))
    assert form.chosen()["terms"] == {"colour": term("colour", "Blue")}
    assert options(form, "colour") == ["All", "Blue", "Red"]


def test_lists_say_how_many_they_find_beside_what_is_chosen_already(cast: Cast) -> None:
    for colour, season in (("Blue", "Summer"), ("Blue", "Winter"), ("Red", "Summer")):
        made = make_listing(cast.shop, photos=0)
        tag(made, "colour", colour)
        tag(made, "season", season)
    form = filter_form(cast.shop)
    assert options(form, "colour") == ["All", "Blue (2)", "Red (1)"]
    assert options(form, "state") == ["All", "To review (3)", "Confirmed (0)"]
    form = filter_form(cast.shop, colour=str(term("colour", "Red").pk), state="draft")
    assert options(form, "colour") == ["All", "Blue", "Red"]
    assert options(form, "season") == ["All", "Summer (1)"]
    assert options(form, "state") == ["All", "To review", "Confirmed"]


def transfer_form(leaving: Listing, target: object) -> TransferForm:
    return TransferForm({"listing": str(target)}, shop=leaving.shop, leaving=leaving)


def test_a_photo_can_go_to_the_shops_other_listings_newest_first(cast: Cast) -> None:
    leaving, first, second = (make_listing(cast.shop, photos=0) for _ in range(3))
    foreign = make_listing(cast.strangers_shop, photos=0)
    form = transfer_form(leaving, first.pk)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["listing"] == first
    assert list(form.fields["listing"].queryset) == [second, first]  # type: ignore[attr-defined]
    for target in (leaving.pk, foreign.pk, 10**20, "", "x", "\0"):
        assert not transfer_form(leaving, target).is_valid()


def test_only_the_newest_listings_are_offered(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TransferForm, "MAX_CHOICES", 2)
    leaving, oldest, *newest = (make_listing(cast.shop, photos=0) for _ in range(4))
    form = transfer_form(leaving, oldest.pk)
    assert list(form.fields["listing"].queryset) == newest[::-1]  # type: ignore[attr-defined]
    assert not form.is_valid()
