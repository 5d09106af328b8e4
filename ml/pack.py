"""The compact embeddings that travel with a model, so that heads can be refitted and judged without its data.

All of the report and the calibrate side, and of the train side as many rows as fit, rare values first. Vectors are
stored as one byte per number, between the least and the greatest value of their column.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import torch
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from ml.embeddings import EmbeddingTable
from ml.errors import ArtifactError
from ml.fields import FIELDS

FORMAT: Final = 1
METADATA: Final = "table"
LEVELS: Final = 255
MISSING: Final = -1
SIDE: Final = "side"
DOMAIN: Final = "domain"


Column = Sequence[str | None]


def to_bytes(table: EmbeddingTable) -> bytes:
    """The table as safetensors: quantised vectors; int16 codes of labels, sides and domains; names as metadata."""
    low, high = table.vectors.amin(0), table.vectors.amax(0)
    step = ((high - low) / LEVELS).clamp(min=1e-12)
    tensors = {"vectors": ((table.vectors - low) / step).round().to(torch.uint8), "low": low, "step": step}
    values: dict[str, list[str]] = {}
    for name, column in _columns(table).items():
        values[name] = sorted({value for value in column if value is not None})
        codes = {value: code for code, value in enumerate(values[name])}
        tensors[name] = torch.tensor(
            [MISSING if value is None else codes[value] for value in column], dtype=torch.int16
        )
    content = {"format": FORMAT, "names": list(table.names), "values": values}
    return bytes(save_tensors(tensors, {METADATA: json.dumps(content)}))  # one entry: their order would be random


def from_bytes(content: bytes) -> EmbeddingTable:
    """What `to_bytes` stored, vectors within half a step; ArtifactError for anything else."""
    try:
        tensors, metadata = load_tensors(content), _metadata(content)
        columns = {name: _decode(tensors[name], metadata["values"][name]) for name in (*FIELDS, SIDE, DOMAIN)}
        return EmbeddingTable(
            tensors["vectors"].float().mul_(tensors["step"]).add_(tensors["low"]),
            metadata["names"],
            _labels(columns),
            [value or "" for value in columns[SIDE]],
            [value or "" for value in columns[DOMAIN]],
        )
    except Exception as error:
        raise ArtifactError("The embeddings are of another format than this version reads.") from error


def _columns(table: EmbeddingTable) -> dict[str, Column]:
    """What is stored beside the vectors, one value per row, None where there is none."""
    by_field = {field: [labels.get(field) for labels in table.labels] for field in FIELDS}
    return {**by_field, SIDE: table.sides, DOMAIN: table.domains}


def _decode(codes: Tensor, values: Sequence[str]) -> list[str | None]:
    return [None if code == MISSING else values[code] for code in codes.tolist()]


def _labels(columns: Mapping[str, Column]) -> list[dict[str, str]]:
    rows = zip(*(columns[field] for field in FIELDS), strict=True)
    return [{field: value for field, value in zip(FIELDS, row, strict=True) if value is not None} for row in rows]


def _metadata(content: bytes) -> dict[str, Any]:
    """The text part of a safetensors file: its header is JSON behind an 8-byte length."""
    end = 8 + int.from_bytes(content[:8], "little")
    metadata: dict[str, Any] = json.loads(json.loads(content[8:end])["__metadata__"][METADATA])
    if metadata["format"] != FORMAT:
        raise ValueError(metadata["format"])
    return metadata
