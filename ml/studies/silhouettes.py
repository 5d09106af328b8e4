"""Where the product is on a picture with a white background."""

import torch
from torch import Tensor

from ml.augmentation import white_background

MOST_BACKGROUND = 0.95
LEAST_BACKGROUND = 0.05


def cut_out(pictures: Tensor) -> tuple[Tensor, Tensor]:
    """float32 [N, 3, H, W] in [0, 1] -> the product's share of each pixel, float32 [N, 1, H, W], and bool [N].

    Where the latter does not hold, no product could be told from a background, and it is the whole picture.
    """
    background = white_background(pictures)
    share = background.mean((1, 2, 3))
    is_found = (share > LEAST_BACKGROUND) & (share < MOST_BACKGROUND)
    return torch.where(is_found.view(-1, 1, 1, 1), 1 - background, 1.0), is_found
