"""Read a folder of labelled pictures in any of the three accepted layouts.

| layout | label file | pictures | what is read |
|---|---|---|---|
| published | `styles.csv` | `images/<id>.jpg` | all seven fields; empty and `NA` are missing values |
| phone | `labels.csv` | `images/<id>.jpg` | `label` by `PHONE_LABELS`; `person` stays on one side |
| plain | `train.csv`, `test.csv` | `images/`, `train/`, `test/`, `.` | `label`: subcategory or article type |

Rows whose picture is missing are skipped (and counted in the log). Column names are compared without
case, spaces, `-` and `_`.
"""

import csv
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ml.errors import DataError
from ml.fields import ARTICLE_TYPE, MASTER_CATEGORY, SUB_CATEGORIES, SUB_CATEGORY

log = logging.getLogger(__name__)

STUDIO: Final = "studio"
PHONE: Final = "phone"
PLAIN: Final = "plain"

STYLES_COLUMNS: Final = {
    "mastercategory": MASTER_CATEGORY,
    "subcategory": SUB_CATEGORY,
    "articletype": ARTICLE_TYPE,
    "basecolour": "colour",
    "season": "season",
    "gender": "gender",
    "usage": "usage",
}
TITLE_COLUMNS: Final = ("productdisplayname", "year")
ID_COLUMNS: Final = ("id", "image", "imageid", "file", "filename")
LABEL_COLUMNS: Final = ("label", "category", "class", "target")
EXTENSIONS: Final = ("", ".jpg", ".jpeg", ".png", ".webp")
PICTURE_FOLDERS: Final = ("images", "train", "test", ".")
MISSING: Final = frozenset({"", "na", "n/a", "nan", "none", "null"})

_APPAREL: Final = "Apparel"
PHONE_LABELS: Final[Mapping[str, tuple[str, ...]]] = {
    "T-Shirt": (_APPAREL, "Topwear", "Tshirts"),
    "Polo": (_APPAREL, "Topwear", "Tshirts"),
    "Shirt": (_APPAREL, "Topwear", "Shirts"),
    "Blazer": (_APPAREL, "Topwear", "Blazers"),
    "Hoodie": (_APPAREL, "Topwear", "Sweatshirts"),
    "Top": (_APPAREL, "Topwear", "Tops"),
    "Longsleeve": (_APPAREL, "Topwear"),
    "Outwear": (_APPAREL, "Topwear"),
    "Blouse": (_APPAREL, "Topwear"),
    "Pants": (_APPAREL, "Bottomwear"),
    "Shorts": (_APPAREL, "Bottomwear", "Shorts"),
    "Skirt": (_APPAREL, "Bottomwear", "Skirts"),
    "Dress": (_APPAREL, "Dress", "Dresses"),
    "Shoes": ("Footwear", "Shoes"),
    "Hat": ("Accessories", "Headwear"),
    "Undershirt": (_APPAREL, "Innerwear", "Innerwear Vests"),
    "Body": (),
    "Not sure": (),
    "Other": (),
}
"""Phone label -> known start of the category path (empty: no category, the picture is left out)."""


@dataclass(frozen=True)
class Example:
    """One labelled picture; `labels` maps field names to values and leaves out what is not known."""

    picture: Path
    labels: Mapping[str, str]
    domain: str
    person: str | None = None
    title: str = ""
    """What the seller called it, and when; empty where nothing is known."""


@dataclass(frozen=True)
class Row:
    """One line of a label file, columns by normalised name."""

    file: Path
    line: int
    cells: Mapping[str, str]

    def first(self, columns: Sequence[str]) -> str:
        """Value of the first of `columns` that the file has; DataError when it has none."""
        for column in columns:
            if column in self.cells:
                return self.cells[column]
        raise DataError(f"{self.file}, line 1: no column {' or '.join(columns)}.")


def read_folders(folders: Sequence[Path]) -> list[Example]:
    """All examples of several folders, in the order given."""
    return [example for folder in folders for example in read_folder(folder)]


def read_folder(folder: Path) -> list[Example]:
    """Examples of one folder in any layout above; DataError when there is nothing to read."""
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder.")
    for name, read in (("styles.csv", _published), ("labels.csv", _phone)):
        if (folder / name).is_file():
            return _some(folder, list(read(folder, folder / name)))
    files = [folder / name for name in ("train.csv", "test.csv") if (folder / name).is_file()]
    if not files:
        raise DataError(f"{folder}: neither styles.csv, labels.csv, train.csv nor test.csv is here.")
    return _some(folder, [example for file in files for example in _plain(folder, file)])


def _some(folder: Path, examples: list[Example]) -> list[Example]:
    if not examples:
        raise DataError(f"{folder}: no row of its label file has both a label and a picture.")
    return examples


def _published(folder: Path, file: Path) -> Iterator[Example]:
    for row, picture in _rows_with_picture(folder, file):
        labels = {field: row.cells[column] for column, field in STYLES_COLUMNS.items() if column in row.cells}
        labels = {field: value for field, value in labels.items() if value.lower() not in MISSING}
        title = " ".join(row.cells.get(column, "") for column in TITLE_COLUMNS)
        yield Example(picture, labels, STUDIO, title=title.strip())


def _phone(folder: Path, file: Path) -> Iterator[Example]:
    for row, picture in _rows_with_picture(folder, file):
        label = row.first(LABEL_COLUMNS)
        if label not in PHONE_LABELS:
            raise DataError(f"{file}, line {row.line}: unknown label {label!r}.")
        labels = dict(zip((MASTER_CATEGORY, SUB_CATEGORY, ARTICLE_TYPE), PHONE_LABELS[label], strict=False))
        if labels:
            yield Example(picture, labels, PHONE, row.cells.get("person") or None)


def _plain(folder: Path, file: Path) -> Iterator[Example]:
    subs = {name.lower(): name for name in SUB_CATEGORIES}
    for row, picture in _rows_with_picture(folder, file):
        label = row.first(LABEL_COLUMNS)
        if label.lower() in MISSING:
            continue
        sub = subs.get(label.lower())
        yield Example(picture, {SUB_CATEGORY: sub} if sub else {ARTICLE_TYPE: label}, PLAIN)


def _rows_with_picture(folder: Path, file: Path) -> Iterator[tuple[Row, Path]]:
    missing = 0
    for row in read_rows(file):
        picture = _find_picture(folder, row)
        if picture is None:
            missing += 1
        else:
            yield row, picture
    if missing:
        log.warning("%s: %d rows have no picture and are left out.", file, missing)


def _find_picture(folder: Path, row: Row) -> Path | None:
    name = row.first(ID_COLUMNS)
    if not name or Path(name).name != name:
        raise DataError(f"{row.file}, line {row.line}: {name!r} cannot be the name of a picture.")
    for place in PICTURE_FOLDERS:
        for extension in EXTENSIONS:
            path = folder / place / (name + extension)
            if path.is_file():
                return path
    return None


def read_rows(file: Path) -> Iterator[Row]:
    """Rows of a CSV file whose last column may hold unquoted commas; DataError on a short line."""
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        reader = csv.reader(stream)
        header = [_normalise(name) for name in next(reader, [])]
        if not header:
            raise DataError(f"{file}, line 1: the file is empty.")
        for cells in reader:
            if cells:
                yield _row(file, reader.line_num, header, cells)


def _row(file: Path, line: int, header: Sequence[str], cells: list[str]) -> Row:
    if len(cells) < len(header):
        raise DataError(f"{file}, line {line}: {len(cells)} columns where {len(header)} are expected.")
    kept = [*cells[: len(header) - 1], ",".join(cells[len(header) - 1 :])]
    return Row(file, line, {name: cell.strip() for name, cell in zip(header, kept, strict=True)})


def _normalise(name: str) -> str:
    return "".join(character for character in name.lower() if character not in " -_")
