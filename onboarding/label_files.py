"""Labels in the published layout: `styles.csv` beside `images/<photo id>.jpg`, written and read.

What is written is what `python -m ml train --data` takes. A field without a label is an empty cell.
"""

import csv
import logging
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO, TextIOWrapper
from pathlib import Path
from typing import IO, Any
from zipfile import ZipFile

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from catalog.exports import neutralised
from catalog.ids import parsed_id
from catalog.models import Photo
from onboarding.errors import InvalidLabels, WrongCell
from onboarding.labels import LabelledPhoto
from onboarding.models import Prediction

logger = logging.getLogger(__name__)

Output = Prediction.Output

TABLE, PICTURES = "styles.csv", "images"
COLUMNS = (
    "id", "gender", "masterCategory", "subCategory", "articleType", "baseColour", "season", "year", "usage",
    "productDisplayName",
)  # fmt: skip
OUTPUTS: Mapping[str, Output] = {
    "gender": Output.GENDER,
    "masterCategory": Output.MASTER_CATEGORY,
    "subCategory": Output.SUB_CATEGORY,
    "articleType": Output.ARTICLE_TYPE,
    "baseColour": Output.COLOUR,
    "season": Output.SEASON,
    "usage": Output.USAGE,
}
COLUMN_OF = {output: column for column, output in OUTPUTS.items()}
MISSING = frozenset({"", "na", "n/a", "nan", "none", "null"})


@dataclass(frozen=True)
class StylesRow:
    """One line of a table: a photo and its values by output; what is missing is left out."""

    line: int
    photo_id: int
    values: Mapping[Output, str]


def write_table(rows: Sequence[LabelledPhoto], stream: IO[str]) -> None:
    """`stream` is opened with `newline=""`. One query, for the titles."""
    prefetch_related_objects([row.photo for row in rows], "listing")
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    for row in rows:
        cells = {column: row.labels.get(output, "") for column, output in OUTPUTS.items()}
        own = {"id": row.photo.pk, "productDisplayName": neutralised(row.photo.listing.title)}
        writer.writerow((cells | own).get(column, "") for column in COLUMNS)


def write_zip(rows: Sequence[LabelledPhoto], stream: IO[bytes]) -> None:
    """Picture by picture: only one is in memory at a time. JPEGs do not get smaller, so nothing is compressed."""
    with ZipFile(stream, "w") as archive:
        with archive.open(TABLE, "w") as raw, TextIOWrapper(raw, "utf-8", newline="") as table:
            write_table(rows, table)
        for name, picture in _pictures(row.photo for row in rows):
            with archive.open(f"{PICTURES}/{name}", "w") as target:
                shutil.copyfileobj(picture, target)


def write_folder(rows: Sequence[LabelledPhoto], folder: Path) -> None:
    """Makes the folder if it is missing."""
    (folder / PICTURES).mkdir(parents=True, exist_ok=True)
    with (folder / TABLE).open("w", encoding="utf-8", newline="") as table:
        write_table(rows, table)
    write_pictures([row.photo for row in rows], folder / PICTURES)


def write_pictures(photos: Iterable[Photo], folder: Path) -> None:
    """Into an existing folder, as `<photo id>.jpg`."""
    for name, picture in _pictures(photos):
        with (folder / name).open("wb") as target:
            shutil.copyfileobj(picture, target)


def _pictures(photos: Iterable[Photo]) -> Iterator[tuple[str, IO[Any]]]:
    """File names and open files: the size that networks look at. One that is missing is logged and left out."""
    for photo in photos:
        try:
            picture = photo.derivative.open()
        except FileNotFoundError:
            logger.warning("the file of photo %s is missing", photo.pk)
            continue
        with picture:
            yield f"{photo.pk}.jpg", picture


def read_table(text: str, *, max_rows: int) -> list[StylesRow]:
    """Lines of a `styles.csv`; names of columns are compared without case, spaces, `-` and `_`.

    Raises `InvalidLabels` with everything that is wrong about its form. What stands in the cells is not judged.
    """
    reader = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""))
    rows: list[StylesRow] = []
    wrong: list[WrongCell] = []
    try:
        positions = _positions(next(reader, []))
        for cells in filter(None, reader):
            if len(rows) + len(wrong) == max_rows:
                sentence = _("Send at most %(limit)s lines at a time.") % {"limit": max_rows}
                raise InvalidLabels([WrongCell(reader.line_num, "", sentence)])
            read = _row(reader.line_num, cells, positions)
            (rows if isinstance(read, StylesRow) else wrong).append(read)  # type: ignore[arg-type]
    except csv.Error as error:
        raise InvalidLabels([WrongCell(reader.line_num, "", _("This line is not CSV."))]) from error
    if wrong:
        raise InvalidLabels(wrong)
    return rows


def _positions(header: Sequence[str]) -> dict[str, int]:
    """Where each needed column stands."""
    found = {_normalised(name): position for position, name in enumerate(header)}
    needed = ("id", *OUTPUTS)
    missing = [column for column in needed if _normalised(column) not in found]
    if missing:
        raise InvalidLabels([WrongCell(1, column, _("This column is missing.")) for column in missing])
    return {column: found[_normalised(column)] for column in needed}


def _normalised(name: str) -> str:
    return "".join(character for character in name.lower() if character not in " -_")


def _row(line: int, cells: Sequence[str], positions: Mapping[str, int]) -> StylesRow | WrongCell:
    short = next((column for column, position in positions.items() if position >= len(cells)), None)
    if short:
        return WrongCell(line, short, _("This line is too short."))
    photo_id = parsed_id(cells[positions["id"]].strip())
    if photo_id is None:
        return WrongCell(line, "id", _("This is no number of a photo."))
    values = {output: cells[positions[column]].strip() for column, output in OUTPUTS.items()}
    known = {output: value for output, value in values.items() if value.lower() not in MISSING}
    return StylesRow(line, photo_id, known)
