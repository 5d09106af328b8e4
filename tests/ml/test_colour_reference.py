import json
from itertools import product as pairs
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor

from ml.__main__ import main
from ml.colour_check import ColourReference
from ml.colour_reference import LEAST_PICTURES, fit_reference, written
from ml.pictures import fingerprint
from ml.preprocessing import Preprocessing
from ml.splits import TRAIN, side_of
from tests.drawing import product
from tests.ml.drawings import STYLES_HEADER

COLOURS = {"red": "Red", "blue": "Blue", "green": "Green"}
NAMES = ("Blue", "Green", "Red")


def lessons(seeds: range) -> tuple[Tensor, list[str]]:
    rows = [
        (product("shirt", colour, (48, 64), "white", seed), name)
        for seed, (colour, name) in pairs(seeds, COLOURS.items())
    ]
    canvases = torch.stack([torch.from_numpy(Preprocessing(64, 48).canvas(picture)) for picture, _name in rows])
    return canvases, [name for _picture, name in rows]


@pytest.fixture(scope="module")
def reference() -> ColourReference:
    return fit_reference(*lessons(range(6)), NAMES)


def test_what_was_learned_holds_for_other_pictures(reference: ColourReference) -> None:
    canvases, names = lessons(range(50, 53))
    wrong = {"Red": "Blue", "Blue": "Green", "Green": "Red"}
    assert reference.contradicts(names, canvases) == [False] * len(names)
    assert reference.contradicts([wrong[name] for name in names], canvases) == [True] * len(names)


def test_the_same_pictures_give_the_same_reference(reference: ColourReference) -> None:
    assert written(fit_reference(*lessons(range(6)), NAMES)) == written(reference)


def test_the_file_holds_the_very_numbers_that_were_fitted(reference: ColourReference) -> None:
    again = ColourReference.from_json(json.loads(written(reference)))
    assert again.names == NAMES
    assert all(torch.equal(getattr(again, key), getattr(reference, key)) for key in ("palette", "weights", "bias"))


def test_the_command_learns_the_frequent_colours_of_the_train_side(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "colours.json"
    write_coloured(data, {"Red": LEAST_PICTURES, "Blue": LEAST_PICTURES, "Green": LEAST_PICTURES - 1})
    assert main(["colours", "--data", str(data), "--out", str(out)]) == 0
    assert json.loads(out.read_text())["names"] == ["Blue", "Red"]


def test_too_few_pictures_are_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, out = tmp_path / "data", tmp_path / "colours.json"
    write_coloured(data, {"Red": LEAST_PICTURES, "Blue": 3})
    assert main(["colours", "--data", str(data), "--out", str(out)]) == 2
    assert capsys.readouterr().err.endswith("error: The train side has no two colours with 100 pictures each.\n")
    assert not out.exists()


def write_coloured(folder: Path, counts: dict[str, int]) -> None:
    """So many pictures of each colour on the train side, and a few on other sides that must not count."""
    (folder / "images").mkdir(parents=True)
    lines, number = [STYLES_HEADER], 0
    for name, count in counts.items():
        wanted = {True: count, False: 5}
        while any(wanted.values()):
            number += 1
            picture = Image.new("RGB", (6, 8), name.lower())
            picture.putpixel((0, 0), (number >> 8, number & 255, 0))
            is_taught = side_of(f"picture:{fingerprint(picture)}") == TRAIN
            if wanted[is_taught]:
                wanted[is_taught] -= 1
                picture.save(folder / "images" / f"{number}.png")
                lines.append(f"{number},Men,Apparel,Topwear,Tshirts,{name},Summer,2012,Casual,A shirt")
    (folder / "styles.csv").write_text("\n".join(lines) + "\n")
