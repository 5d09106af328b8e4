"""How alike two photos are as photos of one item, told from the embeddings that tagging makes anyway.

The trunk has learned to tell kinds of products apart, so all black trousers lie close together in its embedding. What
varies much between products says little there about the item; dividing it out (whitening by the products' covariance,
as Fisher's discriminant does) lets the rest speak. `tests.benchmarks.look_alikes` compares spaces and limits.
"""

from pathlib import Path
from typing import Final, Self

import torch
from torch import Tensor

from ml.artifact import EMBEDDINGS_FILE, read_extra
from ml.pack import from_bytes

SAME_ITEM: Final = 0.56
"""Cosine from which on two photos may show one item: `tests.benchmarks.look_alikes` has hits and false alarms."""
FITTED_ROWS: Final = 4_000
SHRINKAGE: Final = 0.1
"""Of the mean variance, added to each: the embedding has too many dimensions for a few thousand pictures."""


class LikenessSpace:
    """Where photos of one item lie near each other; fitted to embeddings float32 [N, D] of products, N > 1."""

    @classmethod
    def of_artifact(cls, path: Path) -> Self:
        """Fitted to the products that travel with an artifact; ArtifactError where there are none."""
        vectors = from_bytes(read_extra(path, EMBEDDINGS_FILE)).vectors
        return cls(vectors[:: max(1, len(vectors) // FITTED_ROWS)])

    def __init__(self, products: Tensor, shrinkage: float = SHRINKAGE) -> None:
        self._mean = products.mean(0)
        covariance = torch.cov(products.T)
        covariance.diagonal().add_(shrinkage * covariance.diagonal().mean() + torch.finfo(torch.float32).eps)
        self._factor = torch.linalg.cholesky(covariance)

    def units(self, embeddings: Tensor) -> Tensor:
        """float32 [N, D] -> float32 [N, D] of unit length; their products are cosines."""
        whitened = torch.linalg.solve_triangular(self._factor, (embeddings - self._mean).T, upper=False).T
        return torch.nn.functional.normalize(whitened)

    def same_items(self, photos: Tensor, others: Tensor) -> list[list[int]]:
        """For each photo, float32 [N, D], the rows of the others, [M, D], that may show its item, likest first."""
        cosines = self.units(photos) @ self.units(others).T
        ranked = cosines.argsort(1, descending=True)
        counts = (cosines >= SAME_ITEM).sum(1).tolist()
        return [row[:count] for row, count in zip(ranked.tolist(), counts, strict=True)]
