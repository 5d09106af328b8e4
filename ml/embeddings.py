"""Labelled pictures as the trunk sees them: a table of embeddings, from folders and from stored vectors.

Heads can be refitted and a model measured on such a table without the pictures. Only tables of one
`trunk_sha256` belong together.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ml.errors import DataError, UnreadablePicture
from ml.layouts import Example, read_folders
from ml.parallel import ordered_map
from ml.pictures import fingerprint, open_picture
from ml.predictor import Predictor
from ml.splits import group_of, side_of

log = logging.getLogger(__name__)

BATCH_SIZE = 64


def vectors_of(stored: Sequence[bytes]) -> Tensor:
    """N vectors of little-endian float16, N > 0 -> float32 [N, D]; DataError where their lengths differ."""
    if len({len(vector) for vector in stored}) > 1:
        raise DataError("The stored embeddings differ in length: they do not come from one trunk.")
    numbers = np.frombuffer(b"".join(stored), dtype="<f2").reshape(len(stored), -1)
    return torch.from_numpy(numbers.astype(np.float32))


@dataclass(frozen=True)
class EmbeddingTable:
    """N labelled pictures: `vectors` float32 [N, D], and per picture its name, labels, side and domain.

    `labels` map fields to values and leave out what is not known; a side is one of `ml.splits`, a domain one of
    `ml.layouts` (photos by sellers are `phone`).
    """

    vectors: Tensor
    names: Sequence[str]
    labels: Sequence[Mapping[str, str]]
    sides: Sequence[str]
    domains: Sequence[str]

    @classmethod
    def empty(cls) -> "EmbeddingTable":
        return cls(torch.empty(0, 0), (), (), (), ())

    @classmethod
    def from_bytes(
        cls,
        vectors: Sequence[bytes],
        names: Sequence[str],
        labels: Sequence[Mapping[str, str]],
        sides: Sequence[str],
        domains: Sequence[str],
    ) -> "EmbeddingTable":
        """Rows whose vectors were stored as little-endian float16; DataError where their lengths differ."""
        return cls(vectors_of(vectors), names, labels, sides, domains) if vectors else cls.empty()

    def __len__(self) -> int:
        return len(self.names)

    @property
    def examples(self) -> list[Example]:
        """The rows without their vectors, for what reads labels and domains."""
        rows = zip(self.names, self.labels, self.domains, strict=True)
        return [Example(Path(name), labels, domain) for name, labels, domain in rows]

    def take(self, rows: Sequence[int]) -> "EmbeddingTable":
        """The given rows, in that order."""
        return EmbeddingTable(
            self.vectors[torch.tensor(rows, dtype=torch.long)],
            [self.names[row] for row in rows],
            [self.labels[row] for row in rows],
            [self.sides[row] for row in rows],
            [self.domains[row] for row in rows],
        )

    def on_side(self, side: str) -> "EmbeddingTable":
        return self.take([row for row, own in enumerate(self.sides) if own == side])

    def of_domain(self, domain: str) -> "EmbeddingTable":
        return self.take([row for row, own in enumerate(self.domains) if own == domain])


def concatenate(tables: Iterable[EmbeddingTable]) -> EmbeddingTable:
    """All rows, one table after the other; DataError where their trunks differ in width."""
    filled = [table for table in tables if len(table)]
    if not filled:
        return EmbeddingTable.empty()
    if len({table.vectors.shape[1] for table in filled}) > 1:
        raise DataError("Embeddings of different trunks cannot be put together.")
    return EmbeddingTable(
        torch.cat([table.vectors for table in filled]),
        list(chain.from_iterable(table.names for table in filled)),
        list(chain.from_iterable(table.labels for table in filled)),
        list(chain.from_iterable(table.sides for table in filled)),
        list(chain.from_iterable(table.domains for table in filled)),
    )


def embed_folders(
    predictor: Predictor, folders: Sequence[Path], progress: Callable[[float], None] = lambda share: None
) -> EmbeddingTable:
    """Every readable picture of the folders, in order, on the side that its group's hash gives it.

    `progress` gets the share done, in [0, 1]. DataError where there is nothing to read.
    """
    return embed_examples(predictor, read_folders(folders), progress)


def embed_examples(
    predictor: Predictor, examples: Sequence[Example], progress: Callable[[float], None] = lambda share: None
) -> EmbeddingTable:
    """The same for examples; memory holds one batch of pictures at a time."""
    kept: list[Example] = []
    sides: list[str] = []
    vectors: list[Tensor] = []
    for batch in _batches(_decoded(predictor, examples)):
        vectors.append(predictor.embed_canvases(torch.stack([canvas for _, _, canvas in batch])))
        kept += [example for example, _, _ in batch]
        sides += [side for _, side, _ in batch]
        progress(len(kept) / len(examples))
    if not kept:
        raise DataError("None of the pictures can be read.")
    names = [example.picture.name for example in kept]
    labels, domains = [example.labels for example in kept], [example.domain for example in kept]
    return EmbeddingTable(torch.cat(vectors), names, labels, sides, domains)


Decoded = tuple[Example, str, Tensor]


def _decoded(predictor: Predictor, examples: Sequence[Example]) -> Iterator[Decoded]:
    """Example, side and canvas of every readable picture: one decoding serves both."""

    def decode(example: Example) -> Decoded | None:
        try:
            picture = open_picture(example.picture)
        except UnreadablePicture as error:
            log.warning("%s: %s", example.picture, error.reason)
            return None
        side = side_of(group_of(example, fingerprint(picture)))
        return example, side, torch.from_numpy(predictor.preprocessing.canvas(picture))

    return (item for item in ordered_map(decode, examples, ahead=2 * BATCH_SIZE) if item)


def _batches(decoded: Iterator[Decoded]) -> Iterator[list[Decoded]]:
    while batch := list(islice(decoded, BATCH_SIZE)):
        yield batch
