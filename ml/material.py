"""What a retraining works with: every labelled embedding, sorted by what it is for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

import torch
import torch.nn.functional as F

from ml.artifact import EMBEDDINGS_FILE, read_extra
from ml.embeddings import EmbeddingTable, concatenate, embed_folders
from ml.errors import MlError
from ml.pack import from_bytes
from ml.predictor import Predictor
from ml.splits import CALIBRATE, REPORT, TRAIN, TUNE

KNOWN_SHARE: Final = 0.1
"""A folder with this share of its pictures in the pack is one that the model was trained on."""
SAME_FROM: Final = 0.999
"""Cosine of a picture's embedding and its quantised copy in the pack; other pictures lie far below."""


@dataclass(frozen=True)
class Material:
    """`lessons` teach, each table with the same say; `replay` is what must not be forgotten.

    `calibrate`, `report` and `held_out` are seen by no training step. `known` are all pictures that the model was
    trained and measured on; `pack` the artifact's own bytes of them, None where it comes without.
    """

    lessons: Sequence[EmbeddingTable]
    replay: EmbeddingTable
    calibrate: EmbeddingTable
    report: EmbeddingTable
    held_out: EmbeddingTable
    known: EmbeddingTable
    pack: bytes | None


def gather(
    artifact: Path,
    predictor: Predictor,
    lessons: EmbeddingTable,
    folders: Sequence[Path],
    progress: Callable[[float], None] = lambda share: None,
) -> Material:
    """Sort people's lessons, the artifact's own embeddings and the pictures of the folders.

    A folder that the model was trained on joins the replay; any other folder is one more source of lessons. MlError
    where nothing tells what the model must not forget.
    """
    pack = read_extra(artifact, EMBEDDINGS_FILE) if EMBEDDINGS_FILE in predictor.card.files else None
    packed = from_bytes(pack) if pack else EmbeddingTable.empty()
    old: list[EmbeddingTable] = []
    new: list[EmbeddingTable] = []
    for folder in folders:
        table = embed_folders(predictor, [folder], progress)
        (old if not pack or _is_known(table, packed) else new).append(table)
    known = concatenate([*old, _without(packed, old)])
    if TRAIN not in known.sides:
        raise MlError(f"{artifact}: the model comes without embeddings, so folders of labelled pictures are needed.")
    taught = concatenate([lessons.on_side(TRAIN), lessons.on_side(TUNE)])
    return Material(
        lessons=[table for table in (taught, *(folder.on_side(TRAIN) for folder in new)) if len(table)],
        replay=known.on_side(TRAIN),
        calibrate=concatenate(table.on_side(CALIBRATE) for table in (known, *new, lessons)),
        report=concatenate(table.on_side(REPORT) for table in (known, *new)),
        held_out=lessons.on_side(REPORT),
        known=known,
        pack=pack,
    )


def _pictures(table: EmbeddingTable) -> list[tuple[str, str]]:
    return list(zip(table.domains, table.names, strict=True))


def _is_known(table: EmbeddingTable, packed: EmbeddingTable) -> bool:
    found = alike(table, packed)
    return found > 0 and found >= KNOWN_SHARE * len(table)


def alike(table: EmbeddingTable, packed: EmbeddingTable) -> int:
    """How many pictures are in both, by name and look: another collection may well number its pictures alike."""
    rows = {picture: row for row, picture in enumerate(_pictures(packed))}
    pairs = [(row, rows[picture]) for row, picture in enumerate(_pictures(table)) if picture in rows]
    if not pairs:
        return 0
    here, there = torch.tensor(pairs).T
    likeness = F.cosine_similarity(table.vectors[here], packed.vectors[there])
    return int((likeness > SAME_FROM).sum())


def _without(table: EmbeddingTable, others: Sequence[EmbeddingTable]) -> EmbeddingTable:
    """The rows whose pictures are in none of the other tables."""
    taken = set(chain.from_iterable(map(_pictures, others)))
    return table.take([row for row, picture in enumerate(_pictures(table)) if picture not in taken])
