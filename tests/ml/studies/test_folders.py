from pathlib import Path

import pytest

from ml.errors import DataError
from ml.layouts import read_folder
from ml.studies.folders import evenly, fingerprint, labelled_folders, name_of, open_named
from tests.ml.drawings import write_phone, write_published


def test_a_folder_with_a_label_file_is_meant_itself(tmp_path: Path) -> None:
    folder = write_published(tmp_path / "studio", 2)
    write_phone(folder / "phone", 2)
    assert labelled_folders(folder) == [folder]


def test_else_every_folder_below_that_has_one(tmp_path: Path) -> None:
    (tmp_path / "imagenet").mkdir()
    folders = [write_phone(tmp_path / "phone", 2), write_published(tmp_path / "studio", 2)]
    assert labelled_folders(tmp_path) == folders


@pytest.mark.parametrize("name", ["empty", "missing"])
def test_without_any_label_file_the_folder_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=f"{name}: neither here nor one folder below is any of styles.csv"):
        labelled_folders(tmp_path / name)


def test_a_sample_comes_from_everywhere() -> None:
    assert evenly(range(10), 4) == [0, 2, 5, 7]
    assert evenly("abc", 5) == evenly("abc", None) == ["a", "b", "c"]
    assert evenly([], 5) == []


def test_pictures_are_found_again_by_their_names(tmp_path: Path) -> None:
    folder = write_published(tmp_path / "studio", 2)
    names = [name_of(example, folder) for example in read_folder(folder)]
    assert names == ["images/0.png", "images/1.png"]
    assert open_named(folder, names[1]).size == (60, 80)


def test_a_fingerprint_changes_with_labels_and_pictures_and_with_nothing_else(tmp_path: Path) -> None:
    folder = write_published(tmp_path / "studio", 2)
    labels, picture, first = folder / "styles.csv", folder / "images" / "0.png", fingerprint(folder)
    found = {first}
    (folder / ".hidden").write_text("of the machine")
    folder = folder.rename(tmp_path / "moved")
    assert fingerprint(folder) == first
    labels, picture = folder / labels.name, folder / "images" / picture.name
    text = labels.read_text()
    labels.write_text(text.swapcase())
    found.add(fingerprint(folder))
    labels.write_text(text)
    picture.write_bytes(picture.read_bytes() + b"0")
    found.add(fingerprint(folder))
    picture.unlink()
    found.add(fingerprint(folder))
    assert len(found) == 4
    assert fingerprint(tmp_path / "missing") == ""
