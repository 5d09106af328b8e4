"""The one way from a picture to the network's input, for training, evaluation and every prediction."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor


@dataclass(frozen=True)
class Preprocessing:
    """Input size in pixels and the per-channel mean and standard deviation of RGB in [0, 1]."""

    height: int = 128
    width: int = 96
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)

    def __call__(self, picture: Image.Image) -> Tensor:
        """float32 [3, H, W], normalised."""
        return self.normalise(self.scale(torch.from_numpy(self.canvas(picture))[None]))[0]

    def canvas(self, picture: Image.Image) -> NDArray[np.uint8]:
        """uint8 [H, W, 3] RGB: the whole picture at its aspect, the rest in its mean border colour."""
        rgb = picture if picture.mode == "RGB" else picture.convert("RGB")
        scale = min(self.width / rgb.width, self.height / rgb.height)
        size = max(1, round(rgb.width * scale)), max(1, round(rgb.height * scale))
        resized = rgb.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)
        if size == (self.width, self.height):
            return np.array(resized, dtype=np.uint8)
        sheet = Image.new("RGB", (self.width, self.height), border_colour(resized))
        sheet.paste(resized, ((self.width - size[0]) // 2, (self.height - size[1]) // 2))
        return np.array(sheet, dtype=np.uint8)

    def scale(self, canvases: Tensor) -> Tensor:
        """uint8 [N, H, W, 3] -> float32 [N, 3, H, W] in [0, 1], channels last in memory."""
        return canvases.permute(0, 3, 1, 2).float().div_(255.0)

    def normalise(self, pictures: Tensor) -> Tensor:
        """float32 [N, 3, H, W] in [0, 1] -> the network's input of the same shape."""
        mean = pictures.new_tensor(self.mean).view(1, 3, 1, 1)
        std = pictures.new_tensor(self.std).view(1, 3, 1, 1)
        return (pictures - mean) / std


def border_colour(picture: Image.Image) -> tuple[int, int, int]:
    """Mean RGB of the picture's outermost pixels, 0 to 255."""
    pixels = np.asarray(picture, dtype=np.float64)
    edges = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    red, green, blue = (round(float(value)) for value in edges.mean(axis=0))
    return red, green, blue
