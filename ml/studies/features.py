"""What classical models see of a picture: its pixels, oriented gradients, histograms."""

import math
from collections.abc import Callable, Mapping
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

ORIENTATIONS: Final = 9
LEVELS: Final = 16
_CELL: Final = 4
_AT_ONCE: Final = 2048
"""So many pictures' gradients are in memory together."""


def pixels(canvases: Tensor) -> Tensor:
    """uint8 [N, H, W, 3] -> the grey values float32 [N, H·W] in [0, 1]."""
    return _grey(canvases).flatten(1)


def oriented_gradients(canvases: Tensor) -> Tensor:
    """uint8 [N, H, W, 3] -> float32 [N, D], histograms of oriented gradients as Dalal and Triggs made them.

    Cells of 4×4 px, blocks of 2×2 cells that overlap, each clipped at 0.2 between two L2 normalisations.
    """
    return _in_parts(canvases, lambda grey: _blocks(F.avg_pool2d(_votes(grey), _CELL)))


def histograms(canvases: Tensor) -> Tensor:
    """uint8 [N, H, W, 3] -> float32 [N, 100]: in each quarter the shares of 16 grey levels and of 9 edge directions."""
    return _in_parts(canvases, lambda grey: torch.cat([_quarters(_levels(grey)), _quarters(_votes(grey))], 1))


FEATURES: Final[Mapping[str, Callable[[Tensor], Tensor]]] = {
    function.__name__: function for function in (pixels, oriented_gradients, histograms)
}


def _grey(canvases: Tensor) -> Tensor:
    return canvases.float().mean(3) / 255


def _in_parts(canvases: Tensor, describe: Callable[[Tensor], Tensor]) -> Tensor:
    return torch.cat([describe(_grey(part)) for part in torch.split(canvases, _AT_ONCE)])


def _votes(grey: Tensor) -> Tensor:
    """float [N, H, W] -> [N, 9, H, W]: each pixel's gradient, shared between the two directions nearest to its own."""
    padded = F.pad(grey[:, None], (1, 1, 1, 1), mode="replicate")[:, 0]
    down, across = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1], padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    angle = torch.atan2(down, across) / math.pi * ORIENTATIONS  # opposite directions are one
    centres = torch.arange(ORIENTATIONS, device=grey.device).view(1, -1, 1, 1)
    half = ORIENTATIONS / 2
    distance = ((angle[:, None] - centres + half) % ORIENTATIONS - half).abs()
    return torch.hypot(down, across)[:, None] * (1 - distance).clamp(min=0)


def _blocks(cells: Tensor) -> Tensor:
    blocks = F.unfold(cells, 2)
    return F.normalize(F.normalize(blocks, dim=1, eps=1e-3).clamp(max=0.2), dim=1, eps=1e-3).flatten(1)


def _levels(grey: Tensor) -> Tensor:
    places = (grey * LEVELS).long().clamp(max=LEVELS - 1)
    return F.one_hot(places, LEVELS).permute(0, 3, 1, 2).float()


def _quarters(maps: Tensor) -> Tensor:
    return F.adaptive_avg_pool2d(maps, 2).flatten(1)
