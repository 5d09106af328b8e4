"""What one look at every picture of a folder tells, before any network sees them."""

import colorsys
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from rich.progress import track
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from ml.dataset import STDERR
from ml.errors import DataError, UnreadablePicture
from ml.fields import FIELDS
from ml.layouts import Example
from ml.parallel import ordered_map
from ml.pictures import OPENED_FORMATS, fingerprint, open_picture
from ml.preprocessing import Preprocessing
from ml.studies.silhouettes import cut_out

CANVAS: Final = Preprocessing(80, 60)
THUMBNAIL: Final = (16, 12)
NEAR: Final = 0.999
"""Correlation of thumbnails from which on two pictures count as near-identical."""
BATCH: Final = 256
BINS: Final = 20
Labels = Mapping[str, str]


@dataclass(frozen=True)
class Survey:
    """N readable pictures, and those that cannot be read with the reason.

    `marks` are fingerprints, `shapes` width, height and mode of each file; `brightness` float32 [N] is the mean grey
    value in [0, 1]; `colours` float32 [N, 3] the product's mean RGB in [0, 1]; `thumbnails` float32 [N, 576].
    """

    examples: Sequence[Example]
    marks: Sequence[str]
    shapes: Sequence[tuple[int, int, str]]
    brightness: Tensor
    colours: Tensor
    thumbnails: Tensor
    broken: Sequence[tuple[Example, str]]


@dataclass(frozen=True)
class _Look:
    example: Example
    mark: str
    shape: tuple[int, int, str]
    canvas: Tensor


def survey(examples: Sequence[Example]) -> Survey:
    """One pass; memory holds a batch of pictures and all thumbnails. DataError where no picture can be read."""
    looks: list[_Look] = []
    measured: list[tuple[Tensor, Tensor, Tensor]] = []
    broken: list[tuple[Example, str]] = []
    seen = ordered_map(_look, track(examples, "Looking at pictures", console=STDERR), ahead=2 * BATCH)
    readable = _readable(seen, broken)
    while batch := list(islice(readable, BATCH)):
        measured.append(_measured(torch.stack([look.canvas for look in batch])))
        looks += [_Look(look.example, look.mark, look.shape, torch.empty(0)) for look in batch]
    if not looks:
        raise DataError("None of the pictures can be read.")
    kept, marks, shapes = zip(*((look.example, look.mark, look.shape) for look in looks), strict=True)
    greys, products, thumbnails = (torch.cat(parts) for parts in zip(*measured, strict=True))
    return Survey(kept, marks, shapes, greys, products, thumbnails, broken)


def _look(example: Example) -> _Look | tuple[Example, str]:
    try:
        picture = open_picture(example.picture)
    except UnreadablePicture as error:
        return example, error.code
    return _Look(example, fingerprint(picture), _shape(example.picture), torch.from_numpy(CANVAS.canvas(picture)))


def _shape(file: Path) -> tuple[int, int, str]:
    """As the file has it: what was opened is upright, RGB and small."""
    with Image.open(file, formats=OPENED_FORMATS) as image:
        return image.width, image.height, image.mode


def _readable(looks: Iterator[_Look | tuple[Example, str]], broken: list[tuple[Example, str]]) -> Iterator[_Look]:
    for look in looks:
        if isinstance(look, _Look):
            yield look
        else:
            broken.append(look)


def _measured(canvases: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    pictures = CANVAS.scale(canvases)
    mask, _ = cut_out(pictures)
    colours = (pictures * mask).sum((2, 3)) / mask.sum((2, 3))
    thumbnails = F.adaptive_avg_pool2d(pictures, THUMBNAIL).flatten(1)
    return pictures.mean((1, 2, 3)), colours, thumbnails


def balance(rows: Sequence[Labels]) -> dict[str, dict[str, Any]]:
    """By field: pictures per value, the most frequent first, how many lack it, and how uneven that is.

    `evenness` is the entropy as a share of what equal counts would have, 1 for one value.
    """
    found = {}
    for field in FIELDS:
        counts = Counter(labels[field] for labels in rows if field in labels)
        if counts:
            shares = [count / counts.total() for count in counts.values()]
            entropy = sum(-share * math.log2(share) for share in shares)
            found[field] = {
                "counts": dict(counts.most_common()),
                "missing": len(rows) - counts.total(),
                "entropy": round(entropy, 4),
                "evenness": round(entropy / math.log2(len(counts)), 4) if len(counts) > 1 else 1.0,
            }
    return found


def brightness(values: Tensor) -> dict[str, Any]:
    """Quantiles and a histogram over [0, 1] of mean grey values, float [N]."""
    quantiles = {f"{share:.0%}": float(values.quantile(share)) for share in (0.05, 0.25, 0.5, 0.75, 0.95)}
    counts = torch.histc(values, BINS, 0, 1).int().tolist()
    return {"quantiles": {name: round(value, 3) for name, value in quantiles.items()}, "histogram": counts}


def colours(rows: Sequence[Labels], rgb: Tensor) -> dict[str, dict[str, Any]]:
    """By labelled colour, the most frequent first: pictures, mean RGB and HSV in [0, 1], mean and deviation of Lab."""
    found = {}
    for value, count in Counter(labels["colour"] for labels in rows if "colour" in labels).most_common():
        own = rgb[torch.tensor([labels.get("colour") == value for labels in rows])].numpy().astype(np.float64)
        shades = lab(own)
        mean = own.mean(0)
        found[value] = {
            "n": count,
            "rgb": mean.round(3).tolist(),
            "hsv": [round(part, 3) for part in colorsys.rgb_to_hsv(*mean.tolist())],
            "lab": shades.mean(0).round(1).tolist(),
            "lab_deviation": shades.std(0).round(1).tolist(),
        }
    return found


def lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """sRGB in [0, 1] -> CIE L*a*b* under D65, both [N, 3]: equal distances look about equally large."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    )
    xyz = linear @ (to_xyz / to_xyz.sum(1, keepdims=True)).T
    x, y, z = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def near_identical(thumbnails: Tensor, marks: Sequence[str]) -> list[tuple[int, int, float]]:
    """Pairs of rows whose thumbnails correlate by `NEAR` at least while their pixels differ, the closest first."""
    centred = F.normalize(thumbnails - thumbnails.mean(1, keepdim=True)).numpy()
    radius = math.sqrt(2 * (1 - NEAR))  # of unit vectors: |a - b|² = 2 - 2ab
    distances, rows = NearestNeighbors(radius=radius, algorithm="brute").fit(centred).radius_neighbors(centred)
    pairs = [
        (row, int(other), round(1 - float(distance) ** 2 / 2, 5))
        for row in range(len(centred))
        for other, distance in zip(rows[row], distances[row], strict=True)
        if row < other and marks[row] != marks[other]
    ]
    return sorted(pairs, key=lambda pair: -pair[2])
