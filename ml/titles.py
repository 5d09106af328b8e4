"""Words of product titles, and the collection's year: one more lesson while training; the artifact holds nothing of it.

A title names brand, cut, pattern and audience, which no label does. Learning to read them off the picture makes the
trunk's features richer; the head that reads them is thrown away.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from ml.layouts import Example

TITLE: Final = "title"
"""The head's name among the label spaces."""
LEAST_PICTURES: Final = 30
_WORD: Final = re.compile(r"[a-z0-9]{2,}")


@dataclass(frozen=True)
class TitleWords:
    """The words that are read off pictures, in the order of the head's outputs."""

    words: tuple[str, ...]

    @classmethod
    def observed(cls, examples: Iterable[Example]) -> "TitleWords":
        """Words that the titles of at least LEAST_PICTURES pictures hold, sorted."""
        counts = Counter(word for example in examples for word in words_of(example.title))
        return cls(tuple(sorted(word for word, count in counts.items() if count >= LEAST_PICTURES)))

    @property
    def sizes(self) -> dict[str, int]:
        """The head's outputs, as `Vocabulary.sizes` tells those of the others; empty where there is nothing to read."""
        return {TITLE: len(self.words)} if self.words else {}

    def encode(self, examples: Sequence[Example]) -> Tensor:
        """bool [N, words]: which of them each title holds; none where a picture has no title."""
        index = {word: number for number, word in enumerate(self.words)}
        held = torch.zeros(len(examples), len(self.words), dtype=torch.bool)
        for row, example in enumerate(examples):
            known = [index[word] for word in words_of(example.title) if word in index]
            held[row, known] = True
        return held


def words_of(title: str) -> set[str]:
    return set(_WORD.findall(title.lower()))
