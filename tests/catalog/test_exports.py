"""The CSV file: complete, readable by programs, harmless in spreadsheets."""

import csv
import io
import unicodedata
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from catalog import selectors
from catalog.exports import COLUMNS, csv_lines
from catalog.models import Listing, ListingTag
from catalog.vocabulary import Vocabulary
from tests.conftest import Cast, make_listing, make_photo, term

FORMULA_SIGNS = "=+-@＝＋－＠"
BLANKS = " \t\r\n\0\x01\x1c\x85\u00a0\u2028\u3000\ufeff"
TRICKY = st.sampled_from([*FORMULA_SIGNS, *BLANKS, *"'\",;|−é文", "=1+1", "=cmd|' /C calc'!A0"])
TEXTS = st.lists(TRICKY | st.text(max_size=5), max_size=6).map("".join)


def export(listings: Any, language: str = "en") -> list[dict[str, str]]:
    text = "".join(csv_lines(listings, Vocabulary(language)))
    assert text.startswith("\ufeff")
    header, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    assert tuple(header) == COLUMNS
    assert {len(row) for row in rows} <= {len(COLUMNS)}
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def is_taken_for_a_formula(cell: str) -> bool:
    """As the most eager spreadsheet would: blanks and control characters before the sign do not help."""
    blanks = {"Cc", "Zs", "Zl", "Zp"}
    seen = next((sign for sign in cell if unicodedata.category(sign) not in blanks), "")
    return bool(seen and seen in FORMULA_SIGNS) or cell.startswith(("\t", "\r", "\n"))


@given(title=TEXTS, description=TEXTS, sku=TEXTS)
@example(title="=1+1", description="\n=1+1", sku=" \t@SUM(A1)")
@example(title="\x01=1+1", description="\u2028\u3000＋1", sku="\0\0-1")
@hypothesis_settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
def test_no_cell_is_a_formula_and_all_else_comes_back_as_it_was(
    written: Listing, title: str, description: str, sku: str
) -> None:
    texts = {"title": title, "description": description, "sku": sku}
    for name, text in texts.items():
        setattr(written, name, text)
    (row,) = export([written])
    assert [name for name, cell in row.items() if is_taken_for_a_formula(cell)] == []
    for name, text in texts.items():
        kept = text.replace("\0", "")
        assert row[name] == (f"'{kept}" if is_taken_for_a_formula(kept) else kept)


GROUP = UUID("12345678-1234-5678-1234-567812345678")


@pytest.fixture
def written(cast: Cast) -> Listing:
    """A listing with everything filled in."""
    listing = make_listing(
        cast.shop,
        photos=2,
        title="नीली टी-शर्ट 👕",
        brand="Asha",
        description='Soft, "light"\nand warm; 100 %',
        sku="T-1",
        price=Decimal("1499.50"),
        state="confirmed",
        variant_group=GROUP,
    )
    tags = (("category", "Apparel", "Topwear", "Tshirts"), ("colour", "Navy Blue"), ("season", "Summer"))
    for field, *path in tags:
        ListingTag.objects.create(listing=listing, field=field, term=term(field, *path), source="person")
    return listing


def test_every_column_holds_what_the_listing_says(written: Listing) -> None:
    written.refresh_from_db()
    assert export([written]) == [
        {
            "id": str(written.pk),
            "sku": "T-1",
            "title": "नीली टी-शर्ट 👕",
            "brand": "Asha",
            "description": 'Soft, "light"\nand warm; 100 %',
            "price": "1499.50",
            "currency": "INR",
            "main_category": "Clothing",
            "subcategory": "Tops and jackets",
            "article_type": "T-shirts",
            "colour": "Navy blue",
            "season": "Summer",
            "gender": "",
            "usage": "",
            "state": "confirmed",
            "variant_group": str(GROUP),
            "photos": "2",
            "created_at": written.created_at.isoformat(timespec="seconds"),
            "updated_at": written.updated_at.isoformat(timespec="seconds"),
        }
    ]


def test_an_empty_listing_has_empty_cells(cast: Cast) -> None:
    (row,) = export([make_listing(cast.shop, photos=0)])
    filled = {name for name, cell in row.items() if cell}
    assert filled == {"id", "currency", "state", "photos", "created_at", "updated_at"}
    assert row["photos"] == "0"


def test_a_category_that_ends_early_leaves_the_deeper_columns_empty(cast: Cast) -> None:
    listing = make_listing(cast.shop, photos=0)
    ListingTag.objects.create(listing=listing, field="category", term=term("category", "Footwear"), source="model")
    (row,) = export([listing])
    assert [row[name] for name in ("main_category", "subcategory", "article_type")] == ["Footwear", "", ""]


def test_names_come_in_the_language_that_is_asked_for(written: Listing) -> None:
    term("colour", "Navy Blue").names.create(language="fr", text="Bleu marine")
    assert [export([written], language)[0]["colour"] for language in ("fr", "en")] == ["Bleu marine", "Navy blue"]


def test_without_listings_there_is_the_header_alone(cast: Cast) -> None:
    assert list(csv_lines([], Vocabulary())) == ["\ufeff" + ",".join(COLUMNS) + "\r\n"]


def test_the_export_takes_the_same_queries_for_one_listing_and_for_three(
    cast: Cast, written: Listing, django_assert_num_queries: Any
) -> None:
    vocabulary = Vocabulary()
    for _ in range(2):
        rows = selectors.listings_of(cast.shop).select_related("shop")
        with django_assert_num_queries(3):
            list(csv_lines(rows.iterator(chunk_size=100), vocabulary))
        for _ in range(2):
            make_photo(make_listing(cast.shop))
