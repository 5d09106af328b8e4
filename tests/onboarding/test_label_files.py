"""Tables of labels: what is written can be read, and what is wrong is named by line and column."""

from contextlib import suppress
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Photo
from ml.layouts import MISSING as MISSING_IN_TRAINING
from ml.layouts import STYLES_COLUMNS, read_folder
from onboarding.errors import InvalidLabels
from onboarding.label_files import COLUMNS, MISSING, OUTPUTS, read_table, write_folder, write_table, write_zip
from onboarding.labels import LabelledPhoto, labelled_photos
from tests.conftest import Cast, make_listing
from tests.onboarding.test_labels import decide

NEEDED = "id,gender,masterCategory,subCategory,articleType,baseColour,season,usage"


def labels_of(cast: Cast, *colours: str, title: str = "") -> list[LabelledPhoto]:
    for colour in colours:
        decide(cast, make_listing(cast.shop, title=title), colour=colour)
    return labelled_photos()


def written(rows: list[LabelledPhoto]) -> str:
    stream = StringIO(newline="")
    write_table(rows, stream)
    return stream.getvalue()


def wrong(text: str, max_rows: int = 10) -> list[tuple[int, str]]:
    with pytest.raises(InvalidLabels) as raised:
        read_table(text, max_rows=max_rows)
    return [(cell.line, cell.column) for cell in raised.value.cells]


def test_columns_mean_what_training_takes_them_for() -> None:
    assert {column.lower(): output.value for column, output in OUTPUTS.items()} == STYLES_COLUMNS
    assert MISSING == MISSING_IN_TRAINING
    assert set(OUTPUTS) < set(COLUMNS)


@pytest.mark.parametrize("title", ["", "Tee, red", 'The "one"', "two\nlines", "=SUM(A1)", "クルタ", "a;b\tc"])
def test_what_is_written_is_read_back_equal_whatever_the_title(cast: Cast, title: str) -> None:
    rows = labels_of(cast, "Red", "Navy Blue", title=title)
    read = read_table(written(rows), max_rows=10)
    assert [(row.photo_id, dict(row.values)) for row in read] == [(row.photo.pk, row.labels) for row in rows]


def test_a_title_that_a_spreadsheet_would_compute_is_neutralised(cast: Cast) -> None:
    assert written(labels_of(cast, "Red", title="=SUM(A1)")).splitlines()[1].endswith(",'=SUM(A1)")


def test_a_table_takes_one_query_for_one_row_and_for_three(cast: Cast, django_assert_num_queries: object) -> None:
    for colours in (["Red"], ["Blue", "Green"]):
        rows = labels_of(cast, *colours)
        with django_assert_num_queries(1):  # type: ignore[operator]
            written(rows)


def test_a_folder_and_a_zip_hold_the_same(cast: Cast, tmp_path: Path) -> None:
    rows, stream = labels_of(cast, "Red", "Blue"), BytesIO()
    folder = tmp_path / "labels"
    write_folder(rows, folder)
    write_zip(rows, stream)
    with ZipFile(stream) as archive:
        assert {each.compress_type for each in archive.infolist()} == {ZIP_STORED}
        contents = {name: archive.read(name) for name in archive.namelist()}
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*")}
    assert contents == files
    assert sorted(contents) == sorted(["styles.csv", *(f"images/{row.photo.pk}.jpg" for row in rows)])
    assert [dict(each.labels) for each in read_folder(folder)] == [row.labels for row in rows]


def test_pictures_are_those_that_networks_look_at(cast: Cast, tmp_path: Path) -> None:
    (row,) = labels_of(cast, "Red")
    storage = row.photo.derivative.storage
    for kind in ("master", "display"):
        storage.delete(getattr(row.photo, kind).name)
    write_folder([row], tmp_path)
    assert (tmp_path / "images" / f"{row.photo.pk}.jpg").read_bytes() == Photo.objects.get().derivative.read()


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way_and_empty_ones_are_passed_over(ending: str) -> None:
    text = ending.join([NEEDED, "", "7,Men,,,,Red,,", ""])
    assert [(row.line, row.photo_id, dict(row.values)) for row in read_table(text, max_rows=1)] == [
        (3, 7, {"gender": "Men", "colour": "Red"})
    ]


def test_columns_may_stand_in_any_order() -> None:
    header, cells = NEEDED.split(",")[::-1], ["Casual", "", "Red", "", "", "", "", "7"]
    (row,) = read_table(f"{','.join(header)}\n{','.join(cells)}", max_rows=1)
    assert (row.photo_id, dict(row.values)) == (7, {"colour": "Red", "usage": "Casual"})


@pytest.mark.parametrize("text", ["", "\n", "name,price"])
def test_a_table_without_the_columns_names_those_that_are_missing(text: str) -> None:
    assert wrong(text) == [(1, column) for column in NEEDED.split(",")]


@pytest.mark.parametrize("number", ["", "x", "-1", "1.5", "１", "²", "1" * 19, "7.jpg"])
def test_what_is_no_number_is_no_photo(number: str) -> None:
    assert wrong(f"{NEEDED}\n{number},,,,,,,") == [(2, "id")]


def test_all_wrong_lines_are_named_at_once() -> None:
    assert wrong(f"{NEEDED}\nx,,,,,,,\n1,Men\n2,,,,,,,\ny,,,,,,,") == [(2, "id"), (3, "masterCategory"), (5, "id")]


def test_lines_are_counted_wrong_ones_too() -> None:
    rows = "\n".join(["1,,,,,,,", "x,,,,,,,", "2,,,,,,,"])
    assert wrong(f"{NEEDED}\n{rows}", max_rows=2) == [(4, "")]


@given(st.text(max_size=200))
def test_any_text_is_a_table_or_refused(text: str) -> None:
    for each in (text, f"{NEEDED}\n{text}"):
        with suppress(InvalidLabels):
            assert len(read_table(each, max_rows=50)) <= 50
