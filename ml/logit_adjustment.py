"""Rare values get their say: the loss adds part of each value's log frequency to its logit, tagging does not.

Menon et al., Long-tail learning via logit adjustment (ICLR 2021). So much of a value's frequency the network need not
learn, and does not count on when it tags. All of it would make every value equally likely beforehand, for which
accuracy pays; a fifth of it wins macro-F1 at next to no cost (ml/README.md).
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from ml.fields import CATEGORY
from ml.vocabulary import MISSING, Targets


def log_frequencies(targets: Targets, sizes: Mapping[str, int], strengths: Mapping[str, float]) -> dict[str, Tensor]:
    """float [classes] per label space that has a strength, times that; `sizes`: the classes of each space.

    One more of each value is counted than there is, so that none is impossible; a category only where it is whole.
    """
    counts = {space: _counts(targets, space, sizes[space]) + 1 for space in strengths if space in sizes}
    return {space: strengths[space] * (found / found.sum()).log() for space, found in counts.items()}


def _counts(targets: Targets, space: str, size: int) -> Tensor:
    if space == CATEGORY:
        return targets.category[targets.category.sum(1) == 1].sum(0).float()
    values = targets.plain[space]
    return torch.bincount(values[values != MISSING], minlength=size).float()


def adjusted(logits: Mapping[str, Tensor], frequencies: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Logits float [N, classes] per label space as the loss takes them; a space without frequencies stays as it is."""
    return {space: values + frequencies[space] if space in frequencies else values for space, values in logits.items()}
