"""The catalogue as a plain CSV file (RFC 4180, UTF-8), safe to open in a spreadsheet."""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Any

from catalog.models import Listing, TagField
from catalog.vocabulary import Vocabulary

COLUMNS = (
    "id", "sku", "title", "brand", "description", "price", "currency",
    "main_category", "subcategory", "article_type", "colour", "season", "gender", "usage",
    "state", "variant_group", "photos", "created_at", "updated_at",
)  # fmt: skip
# A sign that starts a formula (full width too: some spreadsheets read them alike), whatever blanks stand before it;
# and what makes a spreadsheet cut the cell.
RISKY = re.compile(r"[\s\x00-\x1f\x7f-\x9f]*[=+\-@＝＋－＠]|[\t\r\n]")


class _Echo:
    """A file that gives back each line, so that the export streams."""

    def write(self, line: str) -> str:
        return line


def csv_lines(listings: Iterable[Listing], vocabulary: Vocabulary) -> Iterator[str]:
    """The header, then a line a listing. The byte order mark makes Excel read UTF-8 as such."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(COLUMNS)
    for listing in listings:
        yield writer.writerow(map(neutralised, _cells(listing, vocabulary)))


def neutralised(cell: Any) -> str:
    """The cell as text that no spreadsheet takes for a formula; numbers stay numbers."""
    text = "" if cell is None else str(cell).replace("\0", "")
    return f"'{text}" if isinstance(cell, str) and RISKY.match(text) else text


def _cells(listing: Listing, vocabulary: Vocabulary) -> list[Any]:
    terms = {tag.field: tag.term for tag in listing.tags.all()}
    category = terms.get(TagField.CATEGORY)
    levels = [vocabulary.name(term) for term in vocabulary.lineage(category)] if category else []
    others = [vocabulary.name(terms.get(field)) for field in TagField if field != TagField.CATEGORY]
    return [
        listing.pk,
        listing.sku,
        listing.title,
        listing.brand,
        listing.description,
        listing.price,
        listing.shop.currency,
        *(levels + [""] * 3)[:3],
        *others,
        listing.state,
        listing.variant_group,
        len(listing.photos.all()),
        listing.created_at.isoformat(timespec="seconds"),
        listing.updated_at.isoformat(timespec="seconds"),
    ]
