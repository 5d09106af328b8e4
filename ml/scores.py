"""From logits to calibrated probabilities per field and the value chosen for each picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ml.fields import CATEGORY, CATEGORY_FIELDS, PLAIN_FIELDS
from ml.vocabulary import Vocabulary

Path = tuple[str, ...]


@dataclass(frozen=True)
class FieldScores:
    """One field of N pictures: `paths` names its K values, `probabilities` float [N, K], `chosen` int64 [N].

    A category value is the path down to it, any other value a 1-tuple.
    """

    paths: Sequence[Path]
    probabilities: Tensor
    chosen: Tensor

    @property
    def confidences(self) -> Tensor:
        """float [N]: the probability of the chosen value."""
        return self.probabilities.gather(1, self.chosen[:, None])[:, 0]

    def ranked(self, count: int) -> Tensor:
        """int64 [N, min(count, K)]: the chosen value, then the others by falling probability."""
        first = self.probabilities.scatter(1, self.chosen[:, None], 2.0)
        return first.topk(min(count, len(self.paths)), dim=1).indices


def field_scores(
    logits: Mapping[str, Tensor], vocabulary: Vocabulary, temperatures: Mapping[str, float]
) -> dict[str, FieldScores]:
    """Scores of every field that the vocabulary has values for; logits float [N, classes] per label space."""
    scores = _category_scores(logits[CATEGORY], vocabulary, temperatures)
    for field in [field for field in PLAIN_FIELDS if vocabulary.plain[field]]:
        probabilities = (logits[field] / temperatures[field]).softmax(1)
        paths = [(value,) for value in vocabulary.plain[field]]
        scores[field] = FieldScores(paths, probabilities, probabilities.argmax(1))
    return scores


def _category_scores(
    logits: Tensor, vocabulary: Vocabulary, temperatures: Mapping[str, float]
) -> dict[str, FieldScores]:
    hierarchy = vocabulary.hierarchy
    marginals = [
        hierarchy.marginals((logits / temperatures[field]).softmax(1), depth)
        for depth, field in enumerate(CATEGORY_FIELDS)
    ]
    chosen = hierarchy.decode(marginals)
    return {
        field: FieldScores(paths, probabilities, nodes)
        for field, paths, probabilities, nodes in zip(CATEGORY_FIELDS, hierarchy.levels, marginals, chosen, strict=True)
    }


def is_correct(scores: FieldScores, truths: Sequence[str]) -> Tensor:
    """bool [N]: whether the chosen value bears the true name."""
    pairs = zip(scores.chosen.tolist(), truths, strict=True)
    return torch.tensor([scores.paths[number][-1] == truth for number, truth in pairs], dtype=torch.bool)
