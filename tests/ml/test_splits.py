from collections import Counter
from pathlib import Path

from ml.dataset import split
from ml.layouts import Example, read_folder
from ml.splits import group_of, side_of, sides
from tests.ml.drawings import draw, write_phone, write_published


def example(person: str | None = None) -> Example:
    return Example(Path("x.jpg"), {}, "studio", person)


def test_shares_are_75_5_5_15() -> None:
    counts = Counter(side_of(f"picture:{number}") for number in range(20_000))
    assert {side: round(count / 20_000, 2) for side, count in counts.items()} == {
        "train": 0.75,
        "tune": 0.05,
        "calibrate": 0.05,
        "report": 0.15,
    }


def test_side_of_a_group_never_changes() -> None:
    assert [side_of(f"picture:{number}") for number in range(8)] == [
        "report",
        "report",
        "train",
        "train",
        "train",
        "train",
        "train",
        "train",
    ]


def test_person_decides_before_the_pixels() -> None:
    assert group_of(example("12"), "abc") == "person:12"
    assert group_of(example(), "abc") == "picture:abc"


def test_sides_follow_the_groups_in_order() -> None:
    marks = [str(number) for number in range(50)]
    assert sides([example() for _ in marks], marks) == [side_of(f"picture:{mark}") for mark in marks]


def test_identical_pictures_land_on_one_side(tmp_path: Path) -> None:
    folder = write_published(tmp_path / "studio", 40)
    for number in range(40):
        draw(seed=number // 2).save(folder / "images" / f"{number}.png")
    side_by_id = {item.picture.stem: side for side, items in split(read_folder(folder)).items() for item in items}
    assert [side_by_id[str(number)] for number in range(0, 40, 2)] == [
        side_by_id[str(number + 1)] for number in range(0, 40, 2)
    ]


def test_photos_of_one_person_land_on_one_side(tmp_path: Path) -> None:
    by_side = split(read_folder(write_phone(tmp_path / "phone", 60)))
    people = [{item.person for item in items} for items in by_side.values()]
    assert sum(len(group) for group in people) == len(set().union(*people)) == 20


def test_unreadable_picture_is_left_out(tmp_path: Path) -> None:
    folder = write_published(tmp_path / "studio", 8)
    (folder / "images" / "3.png").write_bytes(b"no picture")
    assert sum(len(items) for items in split(read_folder(folder)).values()) == 7
