"""Data sets of a study, drawn by code: the files that the published ones have, and far fewer pictures."""

import gzip
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.ml.drawings import write_published

CLASSES = 10


def write_fashion_mnist(folder: Path, train: int = 120, test: int = 40) -> Path:
    """Pictures of 28×28 px in which a bright bar's place tells the class; classes take turns."""
    folder.mkdir(parents=True)
    for name, count in (("train", train), ("t10k", test)):
        labels = np.arange(count, dtype=np.uint8) % CLASSES
        pixels = np.random.default_rng(count).integers(0, 60, (count, 28, 28)).astype(np.uint8)
        for picture, label in zip(pixels, labels, strict=True):
            picture[2 * label + 3 : 2 * label + 6, 4:24] = 220
        write_idx(folder / f"{name}-images-idx3-ubyte.gz", pixels)
        write_idx(folder / f"{name}-labels-idx1-ubyte.gz", labels)
    return folder


def write_idx(file: Path, values: NDArray[np.uint8]) -> None:
    header = np.array([0x0800 + values.ndim, *values.shape], dtype=">u4")
    file.write_bytes(gzip.compress(header.tobytes() + values.tobytes()))


def write_data(folder: Path) -> Path:
    """Both data sets side by side, as `--data` wants them."""
    write_fashion_mnist(folder / "fashion-mnist")
    write_published(folder / "fashion-products", 120)
    return folder
