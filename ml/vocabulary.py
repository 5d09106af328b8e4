"""The values a model knows, per label space, and labels as tensors."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ml.fields import CATEGORY, CATEGORY_FIELDS, PLAIN_FIELDS
from ml.hierarchy import Hierarchy
from ml.layouts import Example

MISSING = -1


@dataclass(frozen=True)
class Targets:
    """Labels of N pictures: `category` bool [N, leaves], plain fields int64 [N] with -1 where missing.

    `words` bool [N, words]: what their titles hold, for training alone.
    """

    category: Tensor
    plain: Mapping[str, Tensor]
    words: Tensor | None = None

    def take(self, rows: Tensor) -> "Targets":
        return self.each(lambda values: values[rows])

    def to(self, device: torch.device) -> "Targets":
        return self.each(lambda values: values.to(device))

    def each(self, change: Callable[[Tensor], Tensor]) -> "Targets":
        plain = {field: change(values) for field, values in self.plain.items()}
        return Targets(change(self.category), plain, None if self.words is None else change(self.words))


@dataclass(frozen=True)
class Vocabulary:
    """Class names in the order of the network's outputs."""

    hierarchy: Hierarchy
    plain: Mapping[str, tuple[str, ...]]

    @classmethod
    def observed(cls, examples: Iterable[Example]) -> "Vocabulary":
        """All complete category paths and all plain values that occur, sorted."""
        seen = [example.labels for example in examples]
        complete = [labels for labels in seen if all(field in labels for field in CATEGORY_FIELDS)]
        leaves = {tuple(labels[field] for field in CATEGORY_FIELDS) for labels in complete}
        plain = {field: tuple(sorted({labels[field] for labels in seen if field in labels})) for field in PLAIN_FIELDS}
        return cls(Hierarchy(tuple(sorted(leaves))), plain)

    @property
    def sizes(self) -> dict[str, int]:
        """Number of classes per label space that has any."""
        plain = {field: len(values) for field, values in self.plain.items() if values}
        return {CATEGORY: len(self.hierarchy.leaves), **plain}

    def encode(self, examples: Sequence[Example]) -> Targets:
        """Targets of the examples; a value that the vocabulary lacks counts as missing."""
        plain = {field: self._encode_plain(field, examples) for field in PLAIN_FIELDS}
        rows = {key: self.hierarchy.admissible(dict(key)) for key in map(_category_key, examples)}
        category = torch.stack([rows[_category_key(example)] for example in examples])
        return Targets(category, plain)

    def _encode_plain(self, field: str, examples: Sequence[Example]) -> Tensor:
        index = {value: number for number, value in enumerate(self.plain[field])}
        return torch.tensor([index.get(example.labels.get(field, ""), MISSING) for example in examples])


def _category_key(example: Example) -> tuple[tuple[str, str], ...]:
    return tuple((field, example.labels[field]) for field in CATEGORY_FIELDS if field in example.labels)
