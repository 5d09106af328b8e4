"""The pictures that studies compare on, as tables with one plain label space, and their three sides.

A study's `--data` is the folder that holds `fashion-mnist`, `fashion-products` (and `imagenet`) side by side, or one
of the first two itself.
"""

import gzip
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Generator, Tensor

from ml.dataset import PictureTable, decode, split
from ml.errors import DataError
from ml.layouts import STUDIO, Example, read_folder
from ml.preprocessing import Preprocessing
from ml.splits import CALIBRATE, REPORT, TUNE
from ml.splits import TRAIN as LEARNED
from ml.vocabulary import Targets

LABEL: Final = "label"
"""The one label space of every study."""

FASHION_MNIST: Final = "fashion-mnist"
FASHION_PRODUCTS: Final = "fashion-products"
GARMENTS: Final = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
"""Fashion-MNIST's classes in the order of its labels."""

TRAIN: Final = "train"
VALIDATION: Final = "validation"
TEST: Final = "test"
VALIDATION_SHARE: Final = 0.1
"""Of Fashion-MNIST's training pictures, drawn anew by each seed."""

_SIDES: Final = {LEARNED: TRAIN, TUNE: VALIDATION, CALIBRATE: VALIDATION, REPORT: TEST}


@dataclass(frozen=True)
class DataConfig:
    """Which pictures a run learns from and is measured on.

    `field` and `classes` (only its so many most frequent values on the train side) choose the labels of
    fashion-products. `train_pictures` limits what is learned from, `limit` every side (for a trial); None: all.
    """

    source: str = FASHION_MNIST
    field: str = LABEL
    classes: int | None = None
    train_pictures: int | None = None
    limit: int | None = None


@dataclass(frozen=True)
class StudyData:
    """Class names in the order of the network's outputs, the three sides, and the folder that `--data` names."""

    classes: Sequence[str]
    train: PictureTable
    validation: PictureTable
    test: PictureTable
    folder: Path


def load_data(config: DataConfig, preprocessing: Preprocessing, folder: Path, seed: int) -> StudyData:
    """The sides of one run: Fashion-MNIST's published test set, and ours by `ml.splits`, stay what they are.

    `seed` draws the `train_pictures`, and the validation side where the data set has none. DataError where a file is
    missing or is not what it should be.
    """
    classes, tables = _tables(config.source, config.field, config.classes, config.limit, preprocessing, folder)
    rows = torch.randperm(len(tables[TRAIN]), generator=Generator().manual_seed(seed))
    validation = tables.get(VALIDATION)
    if validation is None:
        count = round(VALIDATION_SHARE * len(rows))
        validation, rows = take(tables[TRAIN], rows[:count]), rows[count:]
    return StudyData(classes, take(tables[TRAIN], rows[: config.train_pictures]), validation, tables[TEST], folder)


def take(table: PictureTable, rows: Tensor) -> PictureTable:
    """The given rows as a table of their own."""
    return PictureTable([table.examples[row] for row in rows.tolist()], *table.take(rows))


def labels_of(table: PictureTable) -> Tensor:
    """Class numbers, int64 [N]."""
    return table.targets.plain[LABEL]


def find_folder(folder: Path, source: str) -> Path:
    """Where a data set lies: in the folder of its name, else the folder itself is it."""
    return folder / source if (folder / source).is_dir() else folder


@lru_cache(maxsize=1)  # arms of one network follow each other, and 60,000 pictures weigh 180 MB and more
def _tables(
    source: str, field: str, classes: int | None, limit: int | None, preprocessing: Preprocessing, folder: Path
) -> tuple[Sequence[str], Mapping[str, PictureTable]]:
    found = find_folder(folder, source)
    if source == FASHION_MNIST:
        files = {TRAIN: "train", TEST: "t10k"}
        return GARMENTS, {side: _read_idx(found, name, limit, preprocessing) for side, name in files.items()}
    by_side: dict[str, list[Example]] = {}
    for side, examples in _split(found).items():
        by_side.setdefault(_SIDES[side], []).extend(example for example in examples if field in example.labels)
    counts = Counter(example.labels[field] for example in by_side.get(TRAIN, ()))
    names = [name for name, _ in counts.most_common(classes)]
    chosen = {
        side: [example for example in by_side.get(side, ()) if example.labels[field] in names][:limit]
        for side in (TRAIN, VALIDATION, TEST)
    }
    for side, examples in chosen.items():
        if not examples:
            raise DataError(f"{found}: no picture with a known {field} on the {side} side; a study needs more.")
    return names, {side: _decoded(examples, field, names, preprocessing, side) for side, examples in chosen.items()}


@lru_cache(maxsize=1)  # looking for twins reads every picture
def _split(folder: Path) -> Mapping[str, Sequence[Example]]:
    return split(read_folder(folder))


def _decoded(
    examples: Sequence[Example], field: str, names: Sequence[str], preprocessing: Preprocessing, side: str
) -> PictureTable:
    canvases = decode([example.picture for example in examples], preprocessing, f"the {side} side")
    return _table(examples, canvases, torch.tensor([names.index(example.labels[field]) for example in examples]))


def _table(examples: Sequence[Example], canvases: Tensor, labels: Tensor) -> PictureTable:
    targets = Targets(torch.zeros(len(labels), 0, dtype=torch.bool), {LABEL: labels})
    return PictureTable(examples, canvases, targets, torch.ones(len(labels), dtype=torch.bool))


def _read_idx(folder: Path, name: str, limit: int | None, preprocessing: Preprocessing) -> PictureTable:
    pixels = _idx(folder / f"{name}-images-idx3-ubyte.gz", 3)[:limit]
    labels = _idx(folder / f"{name}-labels-idx1-ubyte.gz", 1)[:limit]
    if len(pixels) != len(labels) or labels.max() >= len(GARMENTS):
        raise DataError(f"{folder}: pictures and labels of {name!r} do not belong together.")
    canvases = np.stack([preprocessing.canvas(Image.fromarray(picture)) for picture in pixels])
    examples = [
        Example(Path(name, str(number)), {LABEL: GARMENTS[label]}, STUDIO) for number, label in enumerate(labels)
    ]
    return _table(examples, torch.from_numpy(canvases), torch.from_numpy(labels.astype(np.int64)))


def _idx(file: Path, dimensions: int) -> NDArray[np.uint8]:
    """The bytes of a gzipped idx file in their shape, of which the header tells."""
    if not file.is_file():
        raise DataError(f"{file}: no such file.")
    try:
        content = gzip.decompress(file.read_bytes())
        header = np.frombuffer(content, ">u4", 1 + dimensions)
        if header[0] != 0x0800 + dimensions:
            raise ValueError
        return np.frombuffer(content, np.uint8, offset=header.nbytes).reshape(header[1:].astype(int))
    except (ValueError, EOFError, OSError, zlib.error) as error:
        raise DataError(f"{file}: not an idx file of bytes in {dimensions} dimensions.") from error
