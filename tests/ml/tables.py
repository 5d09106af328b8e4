"""Embedding tables made by hand: small, and with a known right answer."""

from collections.abc import Mapping, Sequence

import torch

from ml.embeddings import EmbeddingTable
from ml.layouts import STUDIO
from ml.splits import TRAIN


def table_of(
    labels: Sequence[Mapping[str, str]],
    vectors: torch.Tensor | None = None,
    *,
    side: str = TRAIN,
    domain: str = STUDIO,
    first: int = 0,
) -> EmbeddingTable:
    """One row per label; names count up from `first`."""
    count = len(labels)
    if vectors is None:
        vectors = torch.rand(count, 6, generator=torch.Generator().manual_seed(first))
    names = [f"{first + number}.jpg" for number in range(count)]
    return EmbeddingTable(vectors, names, list(labels), [side] * count, [domain] * count)
