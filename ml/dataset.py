"""Labelled pictures as tensors in memory: decoded once, as uint8, at the network's input size."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import track
from torch import Tensor

from ml.errors import DataError, UnreadablePicture
from ml.layouts import STUDIO, Example
from ml.parallel import ordered_map
from ml.pictures import fingerprint, open_picture
from ml.preprocessing import Preprocessing
from ml.splits import sides
from ml.vocabulary import Targets, Vocabulary

log = logging.getLogger(__name__)
STDERR = Console(stderr=True)


@dataclass(frozen=True)
class PictureTable:
    """N pictures: canvases uint8 [N, H, W, 3], their targets, and which are studio shots, bool [N]."""

    examples: Sequence[Example]
    canvases: Tensor
    targets: Targets
    is_studio: Tensor

    def __len__(self) -> int:
        return len(self.examples)

    def take(self, rows: Tensor) -> tuple[Tensor, Targets, Tensor]:
        """Canvases, targets and studio marks of the given rows."""
        return self.canvases[rows], self.targets.take(rows), self.is_studio[rows]

    def each(self, change: Callable[[Tensor], Tensor]) -> "PictureTable":
        return PictureTable(self.examples, change(self.canvases), self.targets.each(change), change(self.is_studio))


def split(examples: Sequence[Example]) -> dict[str, list[Example]]:
    """Examples by side, in order; unreadable pictures are left out (and counted in the log)."""
    readable = fingerprinted(examples)
    chosen: dict[str, list[Example]] = {}
    kept, kept_marks = zip(*readable, strict=True)
    for example, side in zip(kept, sides(kept, kept_marks), strict=True):
        chosen.setdefault(side, []).append(example)
    return chosen


def fingerprinted(examples: Sequence[Example]) -> list[tuple[Example, str]]:
    """Each readable example with its picture's fingerprint, in order; DataError where none is readable."""
    marks = list(ordered_map(_fingerprint, track(examples, "Looking for twins", console=STDERR)))
    readable = [(example, mark) for example, mark in zip(examples, marks, strict=True) if mark]
    if len(readable) < len(examples):
        log.warning("%d pictures cannot be read and are left out.", len(examples) - len(readable))
    if not readable:
        raise DataError("None of the pictures can be read.")
    return readable


def load_table(
    examples: Sequence[Example], vocabulary: Vocabulary, preprocessing: Preprocessing, title: str
) -> PictureTable:
    """Decode all examples (H x W x 3 bytes each stay in memory)."""
    canvases = decode([example.picture for example in examples], preprocessing, title)
    is_studio = torch.tensor([example.domain == STUDIO for example in examples])
    return PictureTable(examples, canvases, vocabulary.encode(examples), is_studio)


def decode(paths: Sequence[Path], preprocessing: Preprocessing, title: str) -> Tensor:
    """The canvases of N picture files, uint8 [N, H, W, 3]; `title` is what the progress bar calls them."""
    canvases = torch.empty((len(paths), preprocessing.height, preprocessing.width, 3), dtype=torch.uint8)
    shown = track(paths, f"Decoding {title}", console=STDERR)
    for row, canvas in enumerate(ordered_map(lambda path: preprocessing.canvas(open_picture(path)), shown)):
        canvases[row] = torch.from_numpy(canvas)
    return canvases


def _fingerprint(example: Example) -> str:
    try:
        return fingerprint(open_picture(example.picture))
    except UnreadablePicture as error:
        log.warning("%s: %s", example.picture, error.reason)
        return ""
