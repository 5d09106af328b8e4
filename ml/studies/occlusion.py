"""Where a network looks: how much less sure of its answers it is when a part of the picture is covered.

Occlusion asks the network itself, whatever its trunk, where Grad-CAM would have to know its last feature map.
"""

from typing import Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from ml.predictor import Predictor

PLACES: Final = (8, 6)
"""Rows and columns of the places that are covered in turn."""
EXTENT: Final = 0.3
"""Share of height and width that is covered."""
COVER: Final = 128


def occlusion(predictor: Predictor, canvases: Tensor) -> dict[str, Tensor]:
    """uint8 canvases [N, H, W, 3] -> by field what covering each place takes from the chosen value, float32 [N, 8, 6].

    Confidence is lost where it is positive, and won where it is negative.
    """
    before = predictor.scores(canvases)
    losses: dict[str, list[Tensor]] = {field: [] for field in before}
    for place in range(PLACES[0] * PLACES[1]):
        after = predictor.scores(covered(canvases, *divmod(place, PLACES[1])))
        for field, scores in before.items():
            kept = after[field].probabilities.gather(1, scores.chosen[:, None])[:, 0]
            losses[field].append(scores.confidences - kept)
    return {field: torch.stack(found, 1).view(-1, *PLACES).float() for field, found in losses.items()}


def covered(canvases: Tensor, row: int, column: int) -> Tensor:
    """The same with a grey box around the middle of one of the `PLACES`."""
    changed = canvases.clone()
    down, across = (
        _stretch(size, (place + 0.5) / count)
        for size, place, count in zip(canvases.shape[1:3], (row, column), PLACES, strict=True)
    )
    changed[:, down, across] = COVER
    return changed


def _stretch(size: int, middle: float) -> slice:
    return slice(max(0, round((middle - EXTENT / 2) * size)), round((middle + EXTENT / 2) * size))


def overlay(canvas: Tensor, losses: Tensor) -> Image.Image:
    """The picture, uint8 [H, W, 3], under red where covering it takes most, float32 [8, 6]."""
    picture = Image.fromarray(canvas.numpy())
    strength = losses.clamp(min=0) / losses.max().clamp(min=1e-6)
    mask = Image.fromarray((160 * strength.numpy()).astype(np.uint8)).resize(picture.size, Image.Resampling.BICUBIC)
    return Image.composite(Image.new("RGB", picture.size, "red"), picture, mask)
