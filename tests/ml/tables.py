"""Embedding tables made by hand: small, and with a known right answer."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from ml.embeddings import EmbeddingTable
from ml.familiarity import STORED, Familiarity
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


def familiarity_below_median(vectors: torch.Tensor) -> Familiarity:
    """To which half of the embeddings float32 [N, D] look like products: those with little in all columns."""
    direction = np.full(vectors.shape[1], vectors.shape[1] ** -0.5).astype(STORED).tobytes()
    return Familiarity(direction, float(Familiarity(direction, 0.0).components(vectors).quantile(0.5)))
