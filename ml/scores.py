"""From logits to calibrated probabilities per field and the value chosen for each picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ml.fields import CATEGORY, CATEGORY_FIELDS, FIELDS, PLAIN_FIELDS
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
    logits: Mapping[str, Tensor],
    vocabulary: Vocabulary,
    temperatures: Mapping[str, float],
    fields: Sequence[str] = FIELDS,
) -> dict[str, FieldScores]:
    """Scores of the fields that the vocabulary has values for; logits float [N, classes] per label space."""
    wanted = [field for field in known_fields(vocabulary) if field in fields]
    levels = CATEGORY_FIELDS if set(wanted) & set(CATEGORY_FIELDS) else ()  # each is chosen within the one above
    found = {
        field: probabilities(field, logits, vocabulary, temperatures[field])
        for field in dict.fromkeys((*levels, *wanted))
    }
    chosen: dict[str, Tensor] = {}
    if levels:
        chosen = dict(zip(levels, vocabulary.hierarchy.decode([found[field] for field in levels]), strict=True))
    return {
        field: FieldScores(paths_of(field, vocabulary), found[field], chosen.get(field, found[field].argmax(1)))
        for field in wanted
    }


def known_fields(vocabulary: Vocabulary) -> tuple[str, ...]:
    """The fields that the vocabulary has values for."""
    return (*CATEGORY_FIELDS, *(field for field in PLAIN_FIELDS if vocabulary.plain[field]))


def paths_of(field: str, vocabulary: Vocabulary) -> Sequence[Path]:
    """The values of one field, as in `FieldScores`."""
    if field in CATEGORY_FIELDS:
        return vocabulary.hierarchy.levels[CATEGORY_FIELDS.index(field)]
    return [(value,) for value in vocabulary.plain[field]]


def probabilities(field: str, logits: Mapping[str, Tensor], vocabulary: Vocabulary, temperature: float) -> Tensor:
    """float [N, K] of one field's values, from the logits of all label spaces."""
    if field in CATEGORY_FIELDS:
        leaves = (logits[CATEGORY] / temperature).softmax(1)
        return vocabulary.hierarchy.marginals(leaves, CATEGORY_FIELDS.index(field))
    return (logits[field] / temperature).softmax(1)


def is_correct(scores: FieldScores, truths: Sequence[str]) -> Tensor:
    """bool [N]: whether the chosen value bears the true name."""
    pairs = zip(scores.chosen.tolist(), truths, strict=True)
    return torch.tensor([scores.paths[number][-1] == truth for number, truth in pairs], dtype=torch.bool)
