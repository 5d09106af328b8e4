"""The category tree: one softmax over leaves, sums for the levels above, a decoding that cannot contradict.

Leaves are the observed (master, sub, article) paths: 22 article types occur under several subcategories,
so names alone are no leaves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from ml.fields import CATEGORY_FIELDS

CategoryPath = tuple[str, ...]


@dataclass(frozen=True)
class Hierarchy:
    """Category leaves in a fixed order, and the nodes above them in sorted order."""

    leaves: tuple[CategoryPath, ...]

    @cached_property
    def levels(self) -> tuple[tuple[CategoryPath, ...], ...]:
        """Paths per level: masters (1-tuples), subcategories (2-tuples), leaves (3-tuples)."""
        upper = (tuple(sorted({leaf[:depth] for leaf in self.leaves})) for depth in (1, 2))
        return (*upper, self.leaves)

    @cached_property
    def ancestors(self) -> tuple[Tensor, ...]:
        """Per level int64 [L]: index of each leaf's node on that level."""
        return tuple(
            torch.tensor([paths.index(leaf[: depth + 1]) for leaf in self.leaves])
            for depth, paths in enumerate(self.levels)
        )

    def admissible(self, labels: Mapping[str, str]) -> Tensor:
        """bool [L]: the leaves that agree with the known levels; all False when nothing usable is known.

        A level that agrees with no leaf under the levels above it is ignored with those below it.
        """
        allowed = torch.ones(len(self.leaves), dtype=torch.bool)
        is_known = False
        for depth, field in enumerate(CATEGORY_FIELDS):
            if field not in labels:
                continue
            narrower = allowed & torch.tensor([leaf[depth] == labels[field] for leaf in self.leaves])
            if not narrower.any():
                break
            allowed, is_known = narrower, True
        return allowed if is_known else torch.zeros_like(allowed)

    def marginals(self, leaf_probabilities: Tensor, depth: int) -> Tensor:
        """float [N, L] leaf probabilities -> float [N, nodes on level `depth`]."""
        nodes = leaf_probabilities.new_zeros(len(leaf_probabilities), len(self.levels[depth]))
        return nodes.index_add_(1, self.ancestors[depth].to(nodes.device), leaf_probabilities)

    def decode(self, marginals: Sequence[Tensor]) -> list[Tensor]:
        """Marginals per level -> int64 [N] per level, top down: the best node within the one chosen above."""
        chosen = [marginals[0].argmax(1)]
        for depth in (1, 2):
            parents = self._parents(depth).to(chosen[-1].device)
            outside = parents[None, :] != chosen[-1][:, None]
            chosen.append(marginals[depth].masked_fill(outside, -1.0).argmax(1))
        return chosen

    def _parents(self, depth: int) -> Tensor:
        above = self.levels[depth - 1]
        return torch.tensor([above.index(path[:depth]) for path in self.levels[depth]])


def partial_label_loss(logits: Tensor, admissible: Tensor, smoothing: float = 0.0) -> Tensor:
    """Mean negative log-likelihood of the admissible leaves, over the rows that have any.

    logits float [N, L]; admissible bool [N, L]. With one admissible leaf this is cross-entropy; with more,
    minus the log of their summed probability. `smoothing` mixes in that share of a uniform target.
    """
    is_known = admissible.any(1)
    log_probabilities = logits.log_softmax(1)
    admitted = log_probabilities.masked_fill(~admissible, -torch.inf)[is_known].logsumexp(1)
    uniform = log_probabilities[is_known].mean(1)
    losses = -(1 - smoothing) * admitted - smoothing * uniform
    return losses.sum() / is_known.sum().clamp(min=1)
