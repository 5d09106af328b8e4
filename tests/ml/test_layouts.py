from pathlib import Path

import pytest

from ml.errors import DataError
from ml.layouts import Example, read_folder, read_folders
from tests.ml.drawings import STYLES_HEADER, draw, write_phone, write_published


def a_picture(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    draw().save(path)
    return path


def published(folder: Path, *lines: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "styles.csv").write_text("\n".join([STYLES_HEADER, *lines]) + "\n")
    return folder


def test_published_row_gives_all_seven_fields(tmp_path: Path) -> None:
    picture = a_picture(tmp_path, "images/7.jpg")
    published(tmp_path, "7,Men,Apparel,Topwear,Shirts,Navy Blue,Fall,2011,Casual,Turtle Check Shirt")
    assert read_folder(tmp_path) == [
        Example(
            picture,
            {
                "master_category": "Apparel",
                "sub_category": "Topwear",
                "article_type": "Shirts",
                "colour": "Navy Blue",
                "season": "Fall",
                "gender": "Men",
                "usage": "Casual",
            },
            "studio",
            title="Turtle Check Shirt 2011",
        )
    ]


def test_unquoted_commas_in_display_name_are_kept_out_of_the_way(tmp_path: Path) -> None:
    a_picture(tmp_path, "images/7.jpg")
    published(tmp_path, "7,Men,Apparel,Topwear,Shirts,Blue,Fall,2011,Casual,Shirt, blue, with, commas")
    assert read_folder(tmp_path)[0].labels["usage"] == "Casual"


def test_empty_and_na_values_are_missing(tmp_path: Path) -> None:
    a_picture(tmp_path, "images/7.jpg")
    published(tmp_path, "7,Men,Apparel,Topwear,Shirts,NA,,2011,NA,Shirt")
    labels = read_folder(tmp_path)[0].labels
    assert set(labels) == {"master_category", "sub_category", "article_type", "gender"}


def test_rows_without_a_picture_are_left_out(tmp_path: Path) -> None:
    folder = write_published(tmp_path / "studio", 3)
    (folder / "images" / "1.png").unlink()
    assert [example.picture.stem for example in read_folder(folder)] == ["0", "2"]


def test_short_line_is_named(tmp_path: Path) -> None:
    folder = published(tmp_path, "1,Men,Apparel")
    with pytest.raises(DataError) as caught:
        read_folder(folder)
    assert str(caught.value) == f"{folder / 'styles.csv'}, line 2: 3 columns where 10 are expected."


def test_id_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    folder = published(tmp_path, "../7,Men,Apparel,Topwear,Shirts,Blue,Fall,2011,Casual,Shirt")
    with pytest.raises(DataError, match=r"line 2: '\.\./7' cannot be the name of a picture"):
        read_folder(folder)


def test_phone_labels_become_starts_of_category_paths(tmp_path: Path) -> None:
    examples = read_folder(write_phone(tmp_path / "phone", 4))
    assert [dict(example.labels) for example in examples[:2]] == [
        {"master_category": "Apparel", "sub_category": "Topwear"},
        {"master_category": "Apparel", "sub_category": "Bottomwear"},
    ]
    assert [(example.domain, example.person) for example in examples] == [("phone", "0")] * 3 + [("phone", "1")]


def test_phone_photo_of_no_category_is_left_out(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        a_picture(tmp_path, f"images/{name}.jpg")
    (tmp_path / "labels.csv").write_text("id,label,kids,person\na,Not sure,False,1\nb,Hoodie,False,1\nc,Body,False,1\n")
    assert [example.labels["article_type"] for example in read_folder(tmp_path)] == ["Sweatshirts"]


def test_unknown_phone_label_is_named(tmp_path: Path) -> None:
    a_picture(tmp_path, "images/a.jpg")
    (tmp_path / "labels.csv").write_text("id,label,kids,person\na,Spaceship,False,1\n")
    with pytest.raises(DataError, match=r"labels\.csv, line 2: unknown label 'Spaceship'"):
        read_folder(tmp_path)


def test_plain_label_is_a_subcategory_else_an_article_type(tmp_path: Path) -> None:
    a_picture(tmp_path, "images/1.jpg")
    a_picture(tmp_path, "train/2.png")
    (tmp_path / "train.csv").write_text("ID,Label,display name\n1,topwear,Some shirt, red\n2.png,Tshirts,A tee\n")
    assert [(dict(example.labels), example.domain) for example in read_folder(tmp_path)] == [
        ({"sub_category": "Topwear"}, "plain"),
        ({"article_type": "Tshirts"}, "plain"),
    ]


def test_plain_test_file_is_read_after_the_train_file(tmp_path: Path) -> None:
    a_picture(tmp_path, "1.jpg")
    a_picture(tmp_path, "2.jpg")
    (tmp_path / "train.csv").write_text("image_id,category\n1,Shoes\n")
    (tmp_path / "test.csv").write_text("image_id,category\n2,Bags\n")
    assert [example.labels["sub_category"] for example in read_folder(tmp_path)] == ["Shoes", "Bags"]


def test_plain_file_without_label_column_is_named(tmp_path: Path) -> None:
    a_picture(tmp_path, "1.jpg")
    (tmp_path / "test.csv").write_text("id,display name\n1,Shoes\n")
    with pytest.raises(DataError, match=r"test\.csv, line 1: no column label or category"):
        read_folder(tmp_path)


def test_folder_in_no_known_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"neither styles\.csv, labels\.csv, train\.csv nor test\.csv"):
        read_folder(tmp_path)


def test_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        read_folder(tmp_path / "nowhere")


def test_folder_without_any_picture_is_refused(tmp_path: Path) -> None:
    folder = published(tmp_path, "1,Men,Apparel,Topwear,Shirts,Blue,Fall,2011,Casual,Shirt")
    with pytest.raises(DataError, match="no row of its label file has both a label and a picture"):
        read_folder(folder)


def test_several_folders_are_read_in_order(tmp_path: Path) -> None:
    folders = [write_published(tmp_path / "studio", 2), write_phone(tmp_path / "phone", 1)]
    assert [example.domain for example in read_folders(folders)] == ["studio", "studio", "phone"]
