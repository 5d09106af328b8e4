"""Whether a picture looks like the products that a model knows: a line between them and pictures of no product.

A softmax is sure of noise too: something has to be the likeliest. Fisher's discriminant in the trunk's embedding tells
products from drawn pictures of none, at the cost of one product of vectors. `tests.benchmarks.strangers` compares
other scores.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

FALSE_ALARMS: Final = 0.005
"""Share of products beyond the limit, in the kind of picture that has most of them there. Each loses all its fields."""
TAUGHT_IN_VAIN: Final = 0.05
"""Share of people's lessons that may stay beyond the limit: a slip is no product, a shop's new kind of goods is."""
SHRINKAGE: Final = 0.3
"""Of the mean variance, added to each: the embedding has too many dimensions for a few thousand pictures."""
STORED: Final = np.dtype("<f2")

Groups = Mapping[str, Tensor]
"""Embeddings float32 [N, D] by kind of picture; each kind has the same say, however many there are of it."""


@dataclass(frozen=True)
class Familiarity:
    """An embedding whose component along `direction` exceeds `limit` shows no product.

    `direction` has unit length, little-endian float16 [D].
    """

    direction: bytes
    limit: float

    @property
    def width(self) -> int:
        return len(self.direction) // STORED.itemsize

    def holds(self, embeddings: Tensor) -> Tensor:
        """float32 [N, D] -> bool [N]: whether each looks like a product."""
        return self.components(embeddings) <= self.limit

    def components(self, embeddings: Tensor) -> Tensor:
        """float32 [N, D] -> float32 [N]."""
        return embeddings @ torch.from_numpy(np.frombuffer(self.direction, STORED).astype(np.float32))

    def including(self, taught: Tensor) -> "Familiarity":
        """With a limit that holds for what people said of pictures, embeddings float32 [N, D], N > 0."""
        return replace(self, limit=max(self.limit, float(self.components(taught).quantile(1 - TAUGHT_IN_VAIN))))

    def to_json(self) -> dict[str, Any]:
        return {"direction": base64.b64encode(self.direction).decode(), "limit": self.limit}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Familiarity":
        """KeyError, TypeError or ValueError for what `to_json` did not make."""
        return cls(base64.b64decode(content["direction"], validate=True), float(content["limit"]))


def fit_familiarity(products: Groups, unseen: Groups, strangers: Groups) -> Familiarity:
    """The direction from `products` to `strangers`, and the limit along it.

    `unseen` are products that no training step has seen: of each kind at most `FALSE_ALARMS` lie beyond the limit.
    """
    mean, covariance = _moments(products)
    strange_mean, strange_covariance = _moments(strangers)
    spread = covariance + strange_covariance
    spread.diagonal().add_(SHRINKAGE * spread.diagonal().mean())
    direction = torch.linalg.solve(spread, strange_mean - mean)
    stored = (direction / direction.norm()).numpy().astype(STORED).tobytes()
    unlimited = Familiarity(stored, torch.inf)  # rounded as stored, so that the limit fits it
    limits = [unlimited.components(vectors).quantile(1 - FALSE_ALARMS) for vectors in unseen.values()]
    return Familiarity(stored, float(max(limits)))


def _moments(groups: Groups) -> tuple[Tensor, Tensor]:
    """Mean [D] and covariance [D, D] of all groups together."""
    mean = torch.stack([vectors.mean(0) for vectors in groups.values()]).mean(0)
    parts = [(vectors - mean).T @ (vectors - mean) / len(vectors) for vectors in groups.values()]
    return mean, torch.stack(parts).mean(0)
