from pathlib import Path

import numpy as np
import pytest
import torch

from ml.errors import DataError
from ml.preprocessing import Preprocessing
from ml.studies.data import (
    FASHION_PRODUCTS,
    GARMENTS,
    DataConfig,
    StudyData,
    find_folder,
    labels_of,
    load_data,
)
from tests.ml.studies.drawn import write_fashion_mnist, write_idx

SIZE = Preprocessing(28, 28)


def names(data: StudyData) -> dict[str, list[str]]:
    sides = {"train": data.train, "validation": data.validation, "test": data.test}
    return {side: [str(example.picture) for example in table.examples] for side, table in sides.items()}


def test_published_test_set_stays_and_the_seed_draws_the_validation_side(study_data: Path) -> None:
    first, again, other = (load_data(DataConfig(), SIZE, study_data, seed) for seed in (1, 1, 2))
    assert names(first) == names(again)
    assert {side: len(rows) for side, rows in names(first).items()} == {"train": 108, "validation": 12, "test": 40}
    assert names(first)["test"] == names(other)["test"] == [f"t10k/{number}" for number in range(40)]
    assert names(first)["validation"] != names(other)["validation"]
    drawn = names(first)["train"] + names(first)["validation"]
    assert sorted(drawn) == sorted(f"train/{number}" for number in range(120))


def test_pictures_are_the_published_pixels_with_their_labels(study_data: Path) -> None:
    data = load_data(DataConfig(), SIZE, study_data, seed=1)
    assert data.classes == GARMENTS
    assert labels_of(data.test).tolist() == [number % 10 for number in range(40)]
    assert (data.test.canvases.shape, data.test.canvases.dtype) == ((40, 28, 28, 3), torch.uint8)
    assert data.test.canvases[7, 2 * 7 + 3 : 2 * 7 + 6, 4:24].unique().tolist() == [220]
    assert [example.labels["label"] for example in data.test.examples[:2]] == ["T-shirt/top", "Trouser"]


def test_fewer_training_pictures_leave_the_other_sides_whole(study_data: Path) -> None:
    data = load_data(DataConfig(train_pictures=30), SIZE, study_data, seed=1)
    assert [len(table) for table in (data.train, data.validation, data.test)] == [30, 12, 40]


def test_limit_cuts_every_side(study_data: Path) -> None:
    data = load_data(DataConfig(limit=20), SIZE, study_data, seed=1)
    assert [len(table) for table in (data.train, data.validation, data.test)] == [18, 2, 20]


def test_products_lie_on_the_sides_of_every_training(study_data: Path) -> None:
    config = DataConfig(FASHION_PRODUCTS, "sub_category")
    first, other = (load_data(config, Preprocessing(32, 24), study_data, seed) for seed in (1, 2))
    assert first.classes[0] == "Topwear"  # the most frequent one
    assert sorted(first.classes) == ["Bottomwear", "Shoes", "Topwear"]
    sides = names(first)
    assert {side: sorted(rows) for side, rows in sides.items()} == {
        side: sorted(rows) for side, rows in names(other).items()
    }
    assert sum(map(len, sides.values())) == 120
    for table in (first.train, first.test):
        truths = [first.classes.index(example.labels["sub_category"]) for example in table.examples]
        assert labels_of(table).tolist() == truths


def test_only_the_most_frequent_classes_are_kept(study_data: Path) -> None:
    config = DataConfig(FASHION_PRODUCTS, "sub_category", classes=1)
    data = load_data(config, Preprocessing(32, 24), study_data, seed=1)
    assert data.classes == ["Topwear"]
    assert sum(map(len, names(data).values())) == 60


def test_folder_of_one_data_set_is_taken_as_it_is(study_data: Path) -> None:
    own = study_data / "fashion-mnist"
    assert find_folder(study_data, "fashion-mnist") == find_folder(own, "fashion-mnist") == own


@pytest.mark.parametrize("damage", ["missing", "cut", "no gzip", "changed", "mixed"])
def test_unusable_file_is_one_sentence(tmp_path: Path, damage: str) -> None:
    folder = write_fashion_mnist(tmp_path / "fashion-mnist", 20, 10)
    file = folder / "t10k-labels-idx1-ubyte.gz"
    if damage == "missing":
        file.unlink()
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[:-9])
    elif damage == "no gzip":
        file.write_bytes(b"labels")
    elif damage == "changed":
        content = file.read_bytes()
        file.write_bytes(content[:12] + bytes(8) + content[20:])
    else:
        write_idx(file, np.zeros(11, np.uint8))
    with pytest.raises(DataError, match="t10k") as caught:
        load_data(DataConfig(), SIZE, tmp_path, seed=1)
    assert str(caught.value).endswith(".")
