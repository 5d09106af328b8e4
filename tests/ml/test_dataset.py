from pathlib import Path

import pytest
import torch

from ml.dataset import load_table, split
from ml.errors import DataError
from ml.layouts import read_folder, read_folders
from ml.pictures import open_picture
from ml.preprocessing import Preprocessing
from ml.vocabulary import Vocabulary
from tests.ml.drawings import write_phone, write_published

SIZE = Preprocessing(32, 24)


def test_table_holds_the_very_input_of_every_prediction(tmp_path: Path) -> None:
    examples = read_folders([write_published(tmp_path / "studio", 5), write_phone(tmp_path / "phone", 3)])
    table = load_table(examples, Vocabulary.observed(examples), SIZE, "drawings")
    assert (len(table), table.is_studio.tolist()) == (8, [True] * 5 + [False] * 3)
    for row, example in enumerate(examples):
        expected = torch.from_numpy(SIZE.canvas(open_picture(example.picture)))
        assert torch.equal(table.canvases[row], expected)


def test_taken_rows_belong_together(tmp_path: Path) -> None:
    examples = read_folder(write_published(tmp_path / "studio", 6))
    table = load_table(examples, Vocabulary.observed(examples), SIZE, "drawings")
    canvases, targets, is_studio = table.take(torch.tensor([4, 1]))
    assert torch.equal(canvases, table.canvases[[4, 1]])
    assert torch.equal(targets.category, table.targets.category[[4, 1]])
    assert torch.equal(targets.plain["colour"], table.targets.plain["colour"][[4, 1]])
    assert is_studio.tolist() == [True, True]


def test_folder_of_unreadable_pictures_is_refused(tmp_path: Path) -> None:
    folder = write_published(tmp_path / "studio", 2)
    for picture in (folder / "images").iterdir():
        picture.write_text("no picture")
    with pytest.raises(DataError, match="None of the pictures can be read"):
        split(read_folder(folder))
