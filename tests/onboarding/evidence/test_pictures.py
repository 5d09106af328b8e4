"""Pictures of the report sets: found by name where an operator has them, and nothing else is."""

from pathlib import Path
from typing import Any

import pytest

from onboarding.evidence.pictures import are_pictures_at_hand, content_type_of, find_picture
from tests.conftest import jpeg


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    for name in ("one", "two"):
        (tmp_path / name / "images").mkdir(parents=True)
    settings.EVALUATION_PICTURES = [str(tmp_path / "one"), str(tmp_path / "two")]
    (tmp_path / "two" / "images" / "7.jpg").write_bytes(jpeg())
    (tmp_path / "two" / "secret.jpg").write_bytes(jpeg())
    (tmp_path / "two" / "images" / "notes.txt").write_text("notes")
    return tmp_path / "two"


def test_a_picture_is_found_in_any_of_the_folders(folder: Path) -> None:
    assert find_picture("7.jpg") == folder / "images" / "7.jpg"
    assert are_pictures_at_hand() is True


def test_a_picture_that_is_not_there_is_not_found(folder: Path) -> None:
    assert find_picture("8.jpg") is None


@pytest.mark.parametrize(
    "name",
    [
        "../secret.jpg",
        "images/../../secret.jpg",
        "/etc/passwd",
        "..",
        ".",
        "",
        "7.jpg\0",
        "..\\secret.jpg",
        "notes.txt",
    ],
)
def test_a_name_never_leads_out_of_the_folder_or_to_anything_but_a_picture(folder: Path, name: str) -> None:
    assert find_picture(name) is None


def test_an_absolute_path_is_no_name(folder: Path) -> None:
    assert find_picture(str(folder / "images" / "7.jpg")) is None


def test_without_the_setting_there_are_no_pictures(settings: Any) -> None:
    settings.EVALUATION_PICTURES = []
    assert (are_pictures_at_hand(), find_picture("7.jpg")) == (False, None)


def test_the_type_follows_the_name(folder: Path) -> None:
    names = ("a.jpg", "a.JPEG", "a.png", "a.webp")
    assert [content_type_of(Path(name)) for name in names] == ["image/jpeg", "image/jpeg", "image/png", "image/webp"]
