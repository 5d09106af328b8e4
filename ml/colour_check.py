"""Whether a photo's own pixels contradict the colour that the network has named.

The network sees bed and floor too, and sometimes names their colour. A histogram of the product's pixels knows nothing
of shapes, but can have most of the background taken off; where it speaks clearly for another name, the network is wrong
far more often than its confidence says (ml/README.md has the measurement). `ml/colours.json` is the reference;
`colour_reference.py` makes it of labelled pictures.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from ml.augmentation import white_background

REFERENCE_FILE: Final = Path(__file__).with_name("colours.json")
NEVER_CONTRADICTED: Final = frozenset({"Multi"})
"""Any pixels can be those of a product in many colours."""
RELATED: Final = (
    frozenset({"Blue", "Navy Blue"}),
    frozenset({"Red", "Maroon"}),
    frozenset({"Green", "Olive"}),
    frozenset({"Yellow", "Gold"}),
    frozenset({"Orange", "Peach"}),
    frozenset({"Pink", "Peach"}),
    frozenset({"White", "Silver"}),
    frozenset({"White", "Off White", "Cream"}),
    frozenset({"Beige", "Off White", "Cream", "Skin"}),
    frozenset({"Grey", "Charcoal", "Silver", "Steel"}),
    frozenset({"Black", "Charcoal"}),
)
"""Names that people use for the same shade: pixels of one are no evidence against the other."""
CLEARLY: Final = 3.0
"""So many times as likely as the named colour an unrelated one must be. Chosen on the tune and calibrate sides."""

LONGER_SIDE: Final = 64
"""Pixels that are looked at: more of them change nothing."""
BORDER_SHARE: Final = 0.05
"""Of the longer side: how wide the border is whose colours count as background."""
CENTRE_SPREAD: Final = 0.25
"""Deviation of the Gaussian that weighs the middle of the picture most, as a share of each side."""
SHADE_SPREAD: Final = 8.0
"""Deviation in Lab by which a pixel counts for like shades too: else one that few products have means anything."""
WHITE: Final = 239
"""Darker pixels are none of a white background, see `white_background`: its own limit lies just above."""
LEAST_PRODUCT: Final = 0.03
"""A white background that leaves less of the picture than this has swallowed a white product."""
PICTURES_AT_ONCE: Final = 64

_BITS: Final = 5
_LEVELS: Final = 1 << _BITS


@dataclass(frozen=True)
class ColourReference:
    """What the pixels of products of each colour name look like.

    `palette` float32 [K, 3] are shades in CIE Lab (D65), into which pixels are counted. `weights` float32 [C, K] and
    `bias` float32 [C] turn the square roots of a histogram's K shares into logits of the C `names`.
    """

    names: tuple[str, ...]
    palette: Tensor
    weights: Tensor
    bias: Tensor

    @cached_property
    def shades(self) -> Tensor:
        """int64 [32768]: the nearest shade of every RGB cell, see `cells_of`."""
        return torch.cdist(cell_lab(), self.palette).argmin(1)

    @cached_property
    def neighbours(self) -> Tensor:
        """float32 [K, K]: how a pixel of each shade is spread over all of them, 1 in each row."""
        return (-torch.cdist(self.palette, self.palette).square() / (2 * SHADE_SPREAD**2)).softmax(1)

    @cached_property
    def is_related(self) -> Tensor:
        """bool [C, C]: whether two names may mean the same shade, as each does with itself."""
        groups = [{name}.union(*(group for group in RELATED if name in group)) for name in self.names]
        return torch.tensor([[other in group for other in self.names] for group in groups])

    def histograms(self, canvases: Tensor) -> Tensor:
        """uint8 [N, H, W, 3], N > 0 -> float32 [N, K]: each shade's share of the product, 1 in all.

        A pixel counts for shades like its own too.
        """
        pictures = thinned(canvases)
        shades = self.shades[cells_of(pictures)].flatten(1)
        weights = product_weights(pictures)
        _, height, width, _ = pictures.shape
        middle = _shares_sum_to_one(self._counts(shades, weights * _centre(height, width)))
        edge = _border(height, width)
        border = self._counts(shades[:, edge], weights[:, edge]) / int(edge.sum())
        product = (middle - border).clamp(min=0)
        is_there = product.sum(1, keepdim=True) > 1e-6
        return _shares_sum_to_one(torch.where(is_there, product, middle)) @ self.neighbours

    def log_probabilities(self, histograms: Tensor) -> Tensor:
        """float32 [N, K] -> float32 [N, C]."""
        return (histograms.sqrt() @ self.weights.T + self.bias).log_softmax(1)

    def contradicts(self, values: Sequence[str], canvases: Tensor) -> list[bool]:
        """For N colour names and their pictures, uint8 [N, H, W, 3]; a name that is not known is never contradicted."""
        rows = [row for row, value in enumerate(values) if self.knows(value)]
        answers = [False] * len(values)
        if rows:
            numbers = torch.tensor([self.names.index(values[row]) for row in rows])
            odds = self.odds_against(numbers, histograms_of(self, thinned(canvases)[torch.tensor(rows)]))
            for row, found in zip(rows, odds.tolist(), strict=True):
                answers[row] = found >= CLEARLY
        return answers

    def knows(self, value: str) -> bool:
        """Whether this colour can be contradicted."""
        return value in self.names and value not in NEVER_CONTRADICTED

    def odds_against(self, numbers: Tensor, histograms: Tensor) -> Tensor:
        """float32 [N], 1 or more: how many times as likely as the named colour or a related one the likeliest is.

        `numbers` int64 [N] are places in `names`, `histograms` float32 [N, K].
        """
        found = self.log_probabilities(histograms)
        related = found.masked_fill(~self.is_related[numbers], -torch.inf)
        return (found.amax(1) - related.amax(1)).exp()

    def _counts(self, shades: Tensor, weights: Tensor) -> Tensor:
        """int64 and float32 [N, P] -> float32 [N, K]: the summed weights of each shade."""
        counts = weights.new_zeros((len(shades), len(self.palette)))
        return counts.scatter_add_(1, shades, weights)

    def to_json(self) -> dict[str, Any]:
        """Rounded: a hundredth of a logit means nothing."""
        return {
            "names": list(self.names),
            "palette": _rounded(self.palette, 1),
            "weights": _rounded(self.weights, 2),
            "bias": _rounded(self.bias, 2),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "ColourReference":
        """KeyError, TypeError or ValueError for what `to_json` did not make."""
        palette, weights, bias = (torch.tensor(content[key]) for key in ("palette", "weights", "bias"))
        return cls(tuple(content["names"]), palette, weights, bias)


def histograms_of(reference: ColourReference, canvases: Tensor) -> Tensor:
    """Many pictures, uint8 [N, H, W, 3], N > 0 -> float32 [N, K]; memory holds some of them at a time."""
    return torch.cat([reference.histograms(some) for some in torch.split(canvases, PICTURES_AT_ONCE)])


@cache
def shipped_reference() -> ColourReference:
    return ColourReference.from_json(json.loads(REFERENCE_FILE.read_text()))


def thinned(canvases: Tensor) -> Tensor:
    """uint8 [N, H, W, 3] -> some of the rows and columns, evenly, so that the longer side comes near `LONGER_SIDE`."""
    step = max(1, round(max(canvases.shape[1:3]) / LONGER_SIDE))
    return canvases[:, ::step, ::step]


def cells_of(pixels: Tensor) -> Tensor:
    """uint8 [..., 3] RGB -> int32 [...]: the number of the cell, 5 bits a channel, red first."""
    red, green, blue = (pixels >> (8 - _BITS)).int().unbind(-1)
    return (red << 2 * _BITS) | (green << _BITS) | blue


def cell_lab() -> Tensor:
    """float32 [32768, 3]: the middle of every cell in CIE Lab."""
    middles = (torch.arange(_LEVELS) + 0.5) / _LEVELS
    return lab(torch.cartesian_prod(middles, middles, middles))


def lab(colours: Tensor) -> Tensor:
    """sRGB float32 [N, 3] in [0, 1] -> CIE Lab (D65): L in [0, 100], a and b about [-110, 110] (IEC 61966-2-1)."""
    linear = torch.where(colours > 0.04045, ((colours + 0.055) / 1.055) ** 2.4, colours / 12.92)
    to_xyz = torch.tensor(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    )
    xyz = linear @ to_xyz.T / torch.tensor([0.95047, 1.0, 1.08883])
    root = torch.where(xyz > 216 / 24389, xyz ** (1 / 3), (24389 / 27 * xyz + 16) / 116)
    x, y, z = root.unbind(1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], 1)


def product_weights(pictures: Tensor) -> Tensor:
    """uint8 [N, h, w, 3] -> float32 [N, h * w] in [0, 1]: how much each pixel is not a white background."""
    count, height, width, _ = pictures.shape
    darkest = pictures.amin(3)
    weights = torch.ones(count, height * width)
    may_be_white = (darkest.flatten(1)[:, _border(height, width)] >= WHITE).any(1)  # of phone photos hardly any
    if may_be_white.any():
        background = white_background(darkest[may_be_white, None].float() / 255).flatten(1)
        weights[may_be_white] -= background
    return torch.where(weights.mean(1, keepdim=True) < LEAST_PRODUCT, 1.0, weights)


def _centre(height: int, width: int) -> Tensor:
    down, across = (_bell(size) for size in (height, width))
    return (down[:, None] * across[None, :]).flatten()


def _bell(size: int) -> Tensor:
    places = (torch.arange(size) + 0.5) / size - 0.5
    return torch.exp(-places.square() / (2 * CENTRE_SPREAD**2))


def _border(height: int, width: int) -> Tensor:
    """bool [h * w]."""
    thickness = max(1, round(BORDER_SHARE * max(height, width)))
    edge = torch.ones((height, width), dtype=torch.bool)
    edge[thickness : height - thickness, thickness : width - thickness] = False
    return edge.flatten()


def _shares_sum_to_one(counts: Tensor) -> Tensor:
    return counts / counts.sum(1, keepdim=True).clamp(min=1e-12)


def _rounded(values: Tensor, digits: int) -> list[Any]:
    return [_rounded(row, digits) if row.ndim else round(float(row), digits) for row in values]
