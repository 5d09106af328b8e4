import json

import pytest
import torch
from safetensors.torch import save as save_tensors

from ml.embeddings import concatenate
from ml.errors import ArtifactError
from ml.layouts import PHONE
from ml.pack import from_bytes, to_bytes
from ml.splits import REPORT
from tests.ml.tables import table_of

TABLE = concatenate(
    [
        table_of([{"colour": "Red", "season": "Fall"}, {"colour": "Blue"}, {}]),
        table_of([{"master_category": "Apparel", "colour": "Red"}], side=REPORT, domain=PHONE, first=3),
    ]
)


def test_names_labels_sides_and_domains_come_back_exactly() -> None:
    again = from_bytes(to_bytes(TABLE))
    assert list(again.names) == list(TABLE.names)
    assert list(again.labels) == list(TABLE.labels)
    assert list(again.sides) == list(TABLE.sides)
    assert list(again.domains) == list(TABLE.domains)


def test_vectors_come_back_within_half_a_step_of_their_column() -> None:
    again = from_bytes(to_bytes(TABLE))
    steps = (TABLE.vectors.amax(0) - TABLE.vectors.amin(0)) / 255
    assert ((again.vectors - TABLE.vectors).abs() <= steps / 2 + 1e-6).all()


def test_column_that_never_changes_comes_back_as_it_is() -> None:
    table = table_of([{}, {}], torch.tensor([[0.25, 1.0], [0.25, 2.0]]))
    assert torch.equal(from_bytes(to_bytes(table)).vectors, table.vectors)


def test_a_number_takes_one_byte() -> None:
    table = table_of([{"colour": "Red"}] * 1000, torch.rand(1000, 64))
    assert len(to_bytes(table)) < 1000 * (64 + 40)


def test_same_table_gives_the_same_bytes() -> None:
    assert to_bytes(TABLE) == to_bytes(TABLE)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not safetensors",
        save_tensors({"vectors": torch.zeros(1, 2)}),
        save_tensors({"vectors": torch.zeros(1, 2)}, {"table": json.dumps({"names": [], "values": {}})}),
        save_tensors({"vectors": torch.zeros(1, 2)}, {"table": json.dumps({"format": 2})}),
    ],
)
def test_other_content_is_refused_in_one_sentence(content: bytes) -> None:
    with pytest.raises(ArtifactError, match="of another format"):
        from_bytes(content)
