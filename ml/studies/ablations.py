"""What is taken away from pictures to see what a network reads: colour, texture, shape, or the truth of one region.

Each function takes float32 [N, 3, H, W] in [0, 1] and gives the same shape and range.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import torch
from torch import Generator, Tensor

from ml.studies.silhouettes import cut_out

Ablation = Callable[[Tensor], Tensor]
GREY: Final = (0.299, 0.587, 0.114)
"""How bright red, green and blue look."""
INK: Final = 0.2
BACKGROUND: Final = 1.0


def grey(pictures: Tensor) -> Tensor:
    """No colour; brightness stays."""
    return _luma(pictures).expand_as(pictures)


def blurred(pictures: Tensor, sigma_share: float) -> Tensor:
    """No fine texture: blurred by a Gaussian whose deviation is that share of the height."""
    from torchvision.transforms.v2.functional import gaussian_blur  # brings the compiler, which takes a second to load

    sigma = sigma_share * pictures.shape[2]
    changed: Tensor = gaussian_blur(pictures, [2 * round(3 * sigma) + 1] * 2, [sigma] * 2)
    return changed


def shuffled(pictures: Tensor, rows: int, columns: int, seed: int = 0) -> Tensor:
    """No shape, but colour and texture: cut into patches that change places, each picture's in its own order.

    What is left of the size stays where it is.
    """
    count, channels, *size = pictures.shape
    height, width = size[0] // rows, size[1] // columns
    order = torch.rand(count, rows * columns, generator=Generator().manual_seed(seed)).argsort(1)
    whole = pictures[:, :, : rows * height, : columns * width]
    patches = whole.reshape(count, channels, rows, height, columns, width).permute(0, 2, 4, 1, 3, 5).flatten(1, 2)
    mixed = patches[torch.arange(count)[:, None], order].view(count, rows, columns, channels, height, width)
    changed = pictures.clone()
    changed[:, :, : rows * height, : columns * width] = mixed.permute(0, 3, 1, 4, 2, 5).reshape(whole.shape)
    return changed


def silhouette(pictures: Tensor) -> Tensor:
    """Shape alone: the product in one dark grey on white."""
    mask, _ = cut_out(pictures)
    return (INK * mask + BACKGROUND * (1 - mask)).expand_as(pictures)


def flat_colour(pictures: Tensor) -> Tensor:
    """Shape and colour, no texture: the product in its mean colour on white."""
    mask, _ = cut_out(pictures)
    mean = (pictures * mask).sum((2, 3), keepdim=True) / mask.sum((2, 3), keepdim=True)
    return mean * mask + BACKGROUND * (1 - mask)


ABLATIONS: Final[Mapping[str, Ablation]] = {
    "grey": grey,
    "blurred": partial(blurred, sigma_share=0.02),
    "strongly blurred": partial(blurred, sigma_share=0.05),
    "patches shuffled": partial(shuffled, rows=4, columns=3),
    "small patches shuffled": partial(shuffled, rows=8, columns=6),
    "silhouette": silhouette,
    "silhouette in its mean colour": flat_colour,
}
ON_CUT_OUTS: Final = frozenset({"silhouette", "silhouette in its mean colour"})
"""Those that need a product that can be told from its background."""

REGIONS: Final = (4, 3)
"""Rows and columns of the regions whose importance is measured."""
BRIGHTNESS: Final = "brightness"
COLOUR: Final = "colour"


def swapped_region(pictures: Tensor, row: int, column: int, seed: int) -> Tensor:
    """One region of `REGIONS` taken from another picture each, drawn by the seed."""
    height, width = (size / count for size, count in zip(pictures.shape[2:], REGIONS, strict=True))
    down = slice(round(row * height), round((row + 1) * height))
    across = slice(round(column * width), round((column + 1) * width))
    changed = pictures.clone()
    changed[:, :, down, across] = _others(pictures, seed)[:, :, down, across]
    return changed


def swapped_plane(pictures: Tensor, plane: str, seed: int) -> Tensor:
    """`BRIGHTNESS` or `COLOUR` (what is left of a picture without its brightness) taken from another picture each."""
    others, luma = _others(pictures, seed), _luma(pictures)
    changed = _luma(others) + pictures - luma if plane == BRIGHTNESS else luma + others - _luma(others)
    return changed.clamp(0, 1)


def _others(pictures: Tensor, seed: int) -> Tensor:
    return pictures[torch.randperm(len(pictures), generator=Generator().manual_seed(seed))]


def _luma(pictures: Tensor) -> Tensor:
    weights = pictures.new_tensor(GREY).view(1, 3, 1, 1)
    return (pictures * weights).sum(1, keepdim=True)
