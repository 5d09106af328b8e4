from pathlib import Path

import numpy as np
import pytest
import torch

from ml.dataset import split
from ml.embeddings import EmbeddingTable, concatenate, embed_examples, embed_folders
from ml.errors import DataError
from ml.layouts import PHONE, STUDIO, read_folder, read_folders
from ml.pictures import open_picture
from ml.predictor import Predictor
from ml.splits import REPORT, TRAIN
from tests.ml.drawings import write_published
from tests.ml.tables import table_of

RED, BLUE = {"colour": "Red"}, {"colour": "Blue"}


def test_rows_are_taken_in_the_order_asked_for() -> None:
    table = table_of([RED, BLUE, RED])
    taken = table.take([2, 1])
    assert list(taken.names) == ["2.jpg", "1.jpg"]
    assert list(taken.labels) == [RED, BLUE]
    assert torch.equal(taken.vectors, table.vectors[[2, 1]])
    assert len(table.take([])) == 0


def test_rows_are_picked_by_side_and_by_domain() -> None:
    table = concatenate([table_of([RED]), table_of([BLUE, BLUE], side=REPORT, domain=PHONE, first=1)])
    assert list(table.on_side(TRAIN).names) == ["0.jpg"]
    assert list(table.on_side(REPORT).names) == ["1.jpg", "2.jpg"]
    assert list(table.of_domain(STUDIO).labels) == [RED]
    assert list(table.of_domain(PHONE).labels) == [BLUE, BLUE]


def test_putting_tables_together_keeps_all_rows_in_order() -> None:
    parts = [table_of([RED, BLUE]), EmbeddingTable.empty(), table_of([BLUE], first=7)]
    whole = concatenate(parts)
    assert list(whole.names) == ["0.jpg", "1.jpg", "7.jpg"]
    assert torch.equal(whole.vectors, torch.cat([parts[0].vectors, parts[2].vectors]))
    assert len(concatenate([])) == 0


def test_embeddings_of_different_trunks_are_not_put_together() -> None:
    with pytest.raises(DataError, match="different trunks"):
        concatenate([table_of([RED]), table_of([RED], torch.zeros(1, 4))])


def test_stored_vectors_come_back() -> None:
    vectors = np.array([[0.5, 1.25, -2.0], [0.0, 3.0, 0.125]], dtype="<f2")
    rows = [vector.tobytes() for vector in vectors]
    table = EmbeddingTable.from_bytes(rows, ["a", "b"], [RED, BLUE], [TRAIN, REPORT], [PHONE, PHONE])
    assert table.vectors.dtype == torch.float32
    assert table.vectors.tolist() == vectors.tolist()
    assert len(EmbeddingTable.from_bytes([], [], [], [], [])) == 0


def test_stored_vectors_of_two_lengths_are_refused() -> None:
    with pytest.raises(DataError, match="differ in length"):
        EmbeddingTable.from_bytes([bytes(6), bytes(8)], ["a", "b"], [RED, RED], [TRAIN] * 2, [PHONE] * 2)


def test_folders_give_the_sides_of_training_and_the_embeddings_of_the_pictures(
    predictor: Predictor, drawn_data: list[Path]
) -> None:
    shares: list[float] = []
    table = embed_folders(predictor, drawn_data, shares.append)
    examples = read_folders(drawn_data)
    assert list(table.names) == [example.picture.name for example in examples]
    assert list(table.labels) == [example.labels for example in examples]
    assert list(table.domains) == [example.domain for example in examples]
    by_side = {side: sorted(each.picture.name for each in chosen) for side, chosen in split(examples).items()}
    assert {side: sorted(table.on_side(side).names) for side in by_side} == by_side
    some = [open_picture(example.picture) for example in examples[:3]]
    assert torch.allclose(table.vectors[:3], predictor.embed_pictures(some), atol=1e-4)
    assert (shares == sorted(shares), shares[-1]) == (True, 1.0)


def test_unreadable_picture_is_left_out(predictor: Predictor, tmp_path: Path) -> None:
    folder = write_published(tmp_path / "studio", 4)
    (folder / "images" / "2.png").write_text("not a picture")
    assert list(embed_folders(predictor, [folder]).names) == ["0.png", "1.png", "3.png"]


def test_folder_of_unreadable_pictures_is_refused(predictor: Predictor, tmp_path: Path) -> None:
    folder = write_published(tmp_path / "studio", 1)
    (folder / "images" / "0.png").write_text("not a picture")
    with pytest.raises(DataError, match="None of the pictures can be read"):
        embed_examples(predictor, read_folder(folder))
