from pathlib import Path

import pytest
from PIL import Image

from ml.studies.sheets import LINE, MARGIN, PICTURE, Sheets, Tile, draw

TILE = Tile(Image.new("RGB", (30, 30), "red"), ["a", "b"])


def test_sheet_holds_every_tile_with_its_lines(tmp_path: Path) -> None:
    Sheets(tmp_path).save("few", [TILE] * 5, columns=3)
    with Image.open(tmp_path / "sheets" / "few.png") as sheet:
        assert sheet.size == (3 * (PICTURE[0] + MARGIN), 2 * (PICTURE[1] + 2 * LINE + MARGIN))


def test_pictures_are_shown_whole_and_words_below_them_cut_off() -> None:
    sheet = draw([Tile(TILE.picture, ["W" * 100]), TILE], columns=2)
    assert sheet.getpixel((PICTURE[0] // 2, PICTURE[1] // 2)) == (255, 0, 0)
    assert sheet.getpixel((PICTURE[0] // 2, 2)) == (245, 245, 245)  # padded, not stretched
    beside = sheet.crop((PICTURE[0] + 3, PICTURE[1], PICTURE[0] + MARGIN, PICTURE[1] + LINE))
    assert beside.getextrema() == ((255, 255),) * 3


def test_no_tiles_make_no_sheet(tmp_path: Path) -> None:
    Sheets(tmp_path).save("none", [])
    assert list(tmp_path.iterdir()) == []


def test_sheets_never_go_under_docs_and_that_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    sheets = Sheets(tmp_path / "docs" / "studies" / "explore")
    sheets.save("few", [TILE])
    sheets.save("more", [TILE])
    assert list(tmp_path.iterdir()) == []
    assert [record.getMessage() for record in caplog.records] == [
        f"{sheets.folder}: no sheets, they hold pictures of the data, which do not go under docs."
    ]


def test_a_way_around_does_not_lead_under_docs_either(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "elsewhere").symlink_to(tmp_path / "docs")
    Sheets(tmp_path / "elsewhere").save("few", [TILE])
    assert list((tmp_path / "docs").iterdir()) == []
