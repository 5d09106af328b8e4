"""What lists and pages show: filters, order, cards."""

from decimal import Decimal
from typing import Any

import pytest

from catalog import selectors
from catalog.models import Listing, ListingTag
from catalog.vocabulary import Vocabulary
from tests.conftest import Cast, make_listing, make_photo, term


def listing(cast: Cast, *path: str, colour: str = "", **fields: Any) -> Listing:
    """A listing without photos, tagged with a category path and a colour."""
    made = make_listing(cast.shop, photos=0, **fields)
    for field, keys in (("category", path), ("colour", (colour,) if colour else ())):
        if keys:
            ListingTag.objects.create(listing=made, field=field, term=term(field, *keys), source="model")
    return made


def found(cast: Cast, *, terms: dict[str, tuple[str, ...]] | None = None, **chosen: Any) -> list[Listing]:
    wanted = {field: term(field, *path) for field, path in (terms or {}).items()}
    return list(selectors.filter_listings(selectors.listings_of(cast.shop), terms=wanted, **chosen).order_by("pk"))


def test_a_category_finds_everything_below_it(cast: Cast) -> None:
    shirt = listing(cast, "Apparel", "Topwear", "Tshirts")
    top = listing(cast, "Apparel", "Topwear")
    jeans = listing(cast, "Apparel", "Bottomwear", "Jeans")
    listing(cast, "Footwear", "Shoes")
    listing(cast)
    assert found(cast, terms={"category": ("Apparel",)}) == [shirt, top, jeans]
    assert found(cast, terms={"category": ("Apparel", "Topwear")}) == [shirt, top]
    assert found(cast, terms={"category": ("Apparel", "Topwear", "Tshirts")}) == [shirt]


def test_an_article_type_is_found_under_its_own_subcategory_only(cast: Cast) -> None:
    bag = listing(cast, "Accessories", "Bags", "Messenger Bag")
    listing(cast, "Accessories", "Accessories", "Messenger Bag")
    assert found(cast, terms={"category": ("Accessories", "Bags", "Messenger Bag")}) == [bag]


def test_every_filter_must_hold(cast: Cast) -> None:
    blue = listing(cast, "Apparel", "Topwear", colour="Blue", title="Tee", state="confirmed")
    listing(cast, "Apparel", "Topwear", colour="Red", title="Tee", state="confirmed")
    listing(cast, "Footwear", colour="Blue", title="Tee", state="confirmed")
    listing(cast, "Apparel", "Topwear", colour="Blue", title="Tee")
    listing(cast, "Apparel", "Topwear", colour="Blue", state="confirmed")
    terms = {"category": ("Apparel",), "colour": ("Blue",)}
    assert found(cast, terms=terms, text="tee", state="confirmed") == [blue]


@pytest.mark.parametrize("text", ["blue", "TEE", "sku-7", "soft cott", "100%"])
def test_a_text_is_looked_for_in_title_number_and_description(cast: Cast, text: str) -> None:
    wanted = [
        listing(cast, title=f"A {text} B"),
        listing(cast, sku=text),
        listing(cast, description=f"It is\n{text.upper()}."),
    ]
    listing(cast, title="Scarf", sku="9", description="Warm.")
    assert found(cast, text=text) == wanted


@pytest.mark.parametrize("text", ["sneakers", "KICKS", "casual sh", "shoes"])
def test_a_listing_is_found_by_any_name_of_what_it_is_tagged_with(cast: Cast, text: str) -> None:
    shoe = listing(cast, "Footwear", "Shoes", "Casual Shoes")
    listing(cast, "Apparel", "Topwear", "Shirts")
    assert found(cast, text=text) == [shoe]


def test_names_are_found_by_the_beginnings_of_their_words(cast: Cast) -> None:
    listing(cast, colour="Multi")  # multicoloured
    red, maroon = listing(cast, colour="Red"), listing(cast, colour="Maroon")  # dark red
    shirt = listing(cast, "Apparel", "Topwear", "Tshirts")
    assert found(cast, text="red") == [red, maroon]
    assert found(cast, text="shirts") == [shirt]


@pytest.mark.parametrize(("title", "typed"), [("Camisón de ALGODÓN", "algodon"), ("حقيبة", "حقيبه"), ("CAFÉ", "café")])
def test_capitals_and_accents_do_not_count_in_any_writing(cast: Cast, title: str, typed: str) -> None:
    written = listing(cast, title=title)
    listing(cast, title="Scarf")
    assert found(cast, text=typed) == [written]


@pytest.mark.parametrize("typed", ["camison", "CAMISÓN", "قميص نوم"])
def test_names_of_other_languages_are_found_too(cast: Cast, typed: str) -> None:
    gown = listing(cast, "Apparel", "Loungewear and Nightwear", "Nightdress")
    listing(cast, "Footwear")
    assert found(cast, text=typed) == [gown]


def test_each_of_several_words_is_found_wherever_it_stands(cast: Cast) -> None:
    shirt = listing(cast, "Apparel", "Topwear", "Shirts", colour="Blue", title="Oxford", brand="Asha", sku="X-7")
    listing(cast, "Apparel", "Topwear", "Shirts", colour="Red", title="Oxford")
    assert [found(cast, text=text) for text in ("blue shirt", "asha blue", "OXFORD, blue!", "x-7 shirt")] == [
        [shirt]
    ] * 4
    assert [found(cast, text=text) for text in ("blue scarf", "?!")] == [[]] * 2


def test_an_emptied_tag_is_found_under_no_term(cast: Cast) -> None:
    emptied = listing(cast)
    ListingTag.objects.create(listing=emptied, field="colour", term=None, source="person")
    assert found(cast, terms={"colour": ("Blue",)}) == []
    counts = selectors.list_counts(cast.shop, selectors.listings_of(cast.shop), Vocabulary())
    assert (counts.by_term, counts.in_use, counts.found) == ({}, set(), 1)


def test_other_shops_are_never_listed(cast: Cast) -> None:
    own = listing(cast, title="Tee")
    make_listing(cast.strangers_shop, photos=0, title="Tee")
    assert found(cast, text="tee") == [own]


def test_a_list_counts_its_listings_by_state_and_by_term_up_to_the_root(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    listing(cast, "Apparel", "Topwear", "Tshirts", colour="Blue")
    listing(cast, "Apparel", "Topwear", colour="Red", state="confirmed")
    make_listing(cast.strangers_shop, photos=0)
    vocabulary = Vocabulary()
    rows = selectors.filter_listings(
        selectors.listings_of(cast.shop).order_by("pk"), terms={"colour": term("colour", "Blue")}
    )
    with django_assert_num_queries(2):
        all_of_them = selectors.list_counts(cast.shop, selectors.listings_of(cast.shop), vocabulary)
        blue = selectors.list_counts(cast.shop, rows, vocabulary)
    apparel, topwear = term("category", "Apparel"), term("category", "Apparel", "Topwear")
    shirts = term("category", "Apparel", "Topwear", "Tshirts")
    assert (all_of_them.found, all_of_them.by_state) == (2, {"draft": 1, "confirmed": 1})
    assert [all_of_them.by_term[each.pk] for each in (apparel, topwear, shirts)] == [2, 2, 1]
    assert (blue.found, blue.by_state, blue.to_review) == (1, {"draft": 1}, 1)
    assert [blue.by_term.get(term("colour", key).pk) for key in ("Blue", "Red")] == [1, None]
    assert blue.in_use == all_of_them.in_use == set(all_of_them.by_term)


def in_order(cast: Cast, sort: str) -> list[Listing]:
    return list(selectors.listings_of(cast.shop).order_by(*selectors.SORTS[sort]))


def test_what_has_no_price_comes_after_what_has_one(cast: Cast) -> None:
    free, dear, unknown, cheap, also_unknown = (
        listing(cast, price=price) for price in (Decimal(0), Decimal("1000"), None, Decimal("99.50"), None)
    )
    assert in_order(cast, "price") == [free, cheap, dear, unknown, also_unknown]


def test_titles_are_in_order_whatever_their_capitals_and_empty_ones_come_last(cast: Cast) -> None:
    nameless, zebra, apple, banana = (listing(cast, title=title) for title in ("", "Zebra", "apple", "Banana"))
    assert in_order(cast, "title") == [apple, banana, zebra, nameless]


def test_newest_and_oldest(cast: Cast) -> None:
    first, second = listing(cast), listing(cast)
    assert (in_order(cast, "newest"), in_order(cast, "oldest")) == ([second, first], [first, second])


def cards(cast: Cast) -> list[selectors.ListingCard]:
    """Both ways of fetching what they show."""
    rows = selectors.listings_of(cast.shop)
    made = selectors.cards(rows, Vocabulary())
    assert selectors.cards(selectors.in_brief(rows), Vocabulary()) == made
    return made


def test_a_card_shows_title_first_photo_category_and_colour(cast: Cast) -> None:
    made = listing(cast, "Apparel", "Topwear", "Tshirts", colour="Navy Blue", title="Blue tee")
    first = make_photo(made)
    make_photo(made)
    assert cards(cast) == [selectors.ListingCard(made, first, "Blue tee", "T-shirts", "Navy blue", "Navy Blue", [])]


def test_without_a_title_a_card_shows_the_category_or_the_number(cast: Cast) -> None:
    tagged, bare = listing(cast, "Apparel", "Topwear"), listing(cast)
    assert cards(cast) == [
        selectors.ListingCard(bare, None, f"Listing {bare.pk}", "", "", "", []),
        selectors.ListingCard(tagged, None, "Tops and jackets", "Tops and jackets", "", "", []),
    ]


def test_cards_take_the_same_queries_for_one_listing_and_for_three(cast: Cast, django_assert_num_queries: Any) -> None:
    vocabulary = Vocabulary()
    for _ in range(2):
        make_photo(listing(cast, "Apparel", "Topwear", colour="Blue"))
        with django_assert_num_queries(3 + 1):
            selectors.cards(selectors.listings_of(cast.shop), vocabulary)
            selectors.cards(selectors.in_brief(selectors.listings_of(cast.shop)), vocabulary)
        listing(cast)


def test_a_page_has_a_row_for_every_field_with_who_set_it(cast: Cast) -> None:
    made = listing(cast, "Apparel", "Topwear", colour="Navy Blue")
    ListingTag.objects.create(listing=made, field="season", term=None, source="person")
    rows = [
        (row.label, row.name, row.source, row.source_label, row.colour_key)
        for row in selectors.tag_rows(made, Vocabulary())
    ]
    assert rows == [
        ("Category", "Clothing › Tops and jackets", "model", "suggested", ""),
        ("Colour", "Navy blue", "model", "suggested", "Navy Blue"),
        ("Season", "", "", "", ""),
        ("For", "", "", "", ""),
        ("Occasion", "", "", "", ""),
    ]


def test_a_text_finds_what_a_listing_is_tagged_with_and_its_synonyms(cast: Cast) -> None:
    shirt = listing(cast, "Apparel", "Topwear", "Tshirts", colour="Navy Blue")
    listing(cast, "Footwear", "Shoes", "Heels", colour="Red")
    assert [found(cast, text=text) for text in ("T-shirt", "tee", "navy")] == [[shirt]] * 3
    assert found(cast, text="no such thing") == []
