"""Random changes to a whole batch on its device, all drawn from one generator: same seed, same batch.

Colour is a label, so hue hardly moves; the studio's white background is often replaced, because sellers
photograph on floors and beds.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Generator, Tensor


@dataclass(frozen=True)
class Augmentation:
    """Strengths; shares are probabilities per picture, ranges are half-widths around "no change"."""

    rotation_degrees: float = 15.0
    zoom_out: float = 0.80
    zoom_in: float = 1.30
    shift: float = 0.08
    shear: float = 0.08
    aspect: float = 0.10
    brightness: float = 0.20
    contrast: float = 0.20
    saturation: float = 0.15
    cast: float = 0.05
    blur_share: float = 0.15
    noise_share: float = 0.20
    noise: float = 0.03
    erase_share: float = 0.20
    background_share: float = 0.30

    @classmethod
    def light(cls) -> "Augmentation":
        """For the last epochs: close to what pictures look like in the end, so that the network settles on them."""
        return cls(
            rotation_degrees=7.0,
            zoom_out=0.92,
            zoom_in=1.12,
            shift=0.04,
            shear=0.03,
            aspect=0.05,
            brightness=0.10,
            contrast=0.10,
            saturation=0.08,
            cast=0.02,
            blur_share=0.05,
            noise_share=0.10,
            noise=0.02,
            erase_share=0.05,
            background_share=0.15,
        )

    def __call__(self, pictures: Tensor, is_studio: Tensor, generator: Generator) -> Tensor:
        """float32 [N, 3, H, W] in [0, 1] and bool [N] -> the same shape and range, changed at random."""
        draw = Draw(len(pictures), pictures.device, generator)
        swap = is_studio & draw.chance(self.background_share)
        pictures = replace_background(pictures, swap, ~is_studio, draw)
        pictures = self._move(pictures, draw)
        pictures = self._recolour(pictures, draw)
        pictures = self._damage(pictures, draw)
        return self._erase(pictures, draw).clamp_(0, 1)

    def _move(self, pictures: Tensor, draw: "Draw") -> Tensor:
        angle = draw.symmetric(math.radians(self.rotation_degrees))
        zoom = torch.exp(draw.between(math.log(self.zoom_out), math.log(self.zoom_in)))
        stretch = torch.exp(draw.symmetric(self.aspect))
        flip = draw.chance(0.5).float() * 2 - 1
        cos, sin, shear = angle.cos() / zoom, angle.sin() / zoom, draw.symmetric(self.shear)
        ratio = pictures.shape[2] / pictures.shape[3]
        right, below = draw.symmetric(2 * self.shift), draw.symmetric(2 * self.shift)
        across = torch.stack([flip * cos * stretch, (shear - sin) * ratio, right], 1)
        down = torch.stack([flip * sin / ratio, cos / stretch, below], 1)
        grid = F.affine_grid(torch.stack([across, down], 1), list(pictures.shape), align_corners=False)
        return F.grid_sample(pictures, grid, padding_mode="border", align_corners=False)

    def _recolour(self, pictures: Tensor, draw: "Draw") -> Tensor:
        grey = pictures.mean(1, keepdim=True)
        pictures = grey + (pictures - grey) * (1 + draw.symmetric(self.saturation)).view(-1, 1, 1, 1)
        middle = pictures.mean((1, 2, 3), keepdim=True)
        pictures = middle + (pictures - middle) * (1 + draw.symmetric(self.contrast)).view(-1, 1, 1, 1)
        gain = (1 + draw.symmetric(self.brightness)).view(-1, 1) * (1 + draw.symmetric(self.cast, 3))
        return (pictures * gain.view(-1, 3, 1, 1)).clamp(0, 1)

    def _damage(self, pictures: Tensor, draw: "Draw") -> Tensor:
        is_blurred = draw.chance(self.blur_share).view(-1, 1, 1, 1)
        pictures = torch.where(is_blurred, _blur(pictures), pictures)
        level = draw.between(0, self.noise) * draw.chance(self.noise_share)
        return pictures + draw.normal(pictures.shape) * level.view(-1, 1, 1, 1)

    def _erase(self, pictures: Tensor, draw: "Draw") -> Tensor:
        height, width = pictures.shape[2:]
        rows = _inside(draw.between(0.0, 1.0), draw.between(0.1, 0.4), height)
        columns = _inside(draw.between(0.0, 1.0), draw.between(0.1, 0.4), width)
        box = rows[:, None, :, None] & columns[:, None, None, :]
        box &= draw.chance(self.erase_share).view(-1, 1, 1, 1)
        return torch.where(box, draw.between(0.0, 1.0, 3).view(-1, 3, 1, 1), pictures)


@dataclass(frozen=True)
class Draw:
    """Random numbers for `count` pictures from one generator."""

    count: int
    device: torch.device
    generator: Generator

    def between(self, low: float, high: float, width: int | None = None) -> Tensor:
        """Uniform float [N], or [N, width]."""
        shape = (self.count,) if width is None else (self.count, width)
        return low + (high - low) * torch.rand(shape, generator=self.generator, device=self.device)

    def symmetric(self, limit: float, width: int | None = None) -> Tensor:
        """Uniform in [-limit, limit]."""
        return self.between(-limit, limit, width)

    def chance(self, share: float) -> Tensor:
        """bool [N], True with probability `share`."""
        return self.between(0.0, 1.0) < share

    def normal(self, shape: torch.Size) -> Tensor:
        return torch.randn(shape, generator=self.generator, device=self.device)

    def order(self) -> Tensor:
        """A random permutation, int64 [N]."""
        return torch.randperm(self.count, generator=self.generator, device=self.device)


def cut_mix(pictures: Tensor, draw: Draw) -> tuple[Tensor, Tensor, float]:
    """Float [N, 3, H, W], in each of which a box shows another picture of the batch: pictures, whose, the box's share.

    Whose is int64 [N]; the share of the area goes from 0 to 1. Yun et al., CutMix (2019); one box for the batch.
    """
    height, width = pictures.shape[2:]
    share, down, right = (float(draw.between(0.0, 1.0)[0]) for _ in range(3))
    half = math.sqrt(share) / 2
    rows = slice(max(0, round((down - half) * height)), min(height, round((down + half) * height)))
    columns = slice(max(0, round((right - half) * width)), min(width, round((right + half) * width)))
    order, mixed = draw.order(), pictures.clone()
    mixed[:, :, rows, columns] = pictures[order][:, :, rows, columns]
    return mixed, order, mixed[0, 0, rows, columns].numel() / (height * width)


def replace_background(pictures: Tensor, swap: Tensor, is_cluttered: Tensor, draw: Draw) -> Tensor:
    """Put another background behind the pictures marked in `swap` [N] whose background is near white.

    Half of them get a gradient between two random colours, half a magnified piece of a picture marked in
    `is_cluttered` [N] when the batch has one.
    """
    mask = white_background(pictures)
    share = mask.mean((1, 2, 3))
    mask = mask * (swap & (share > 0.10) & (share < 0.90)).view(-1, 1, 1, 1)
    is_piece = draw.chance(0.5).view(-1, 1, 1, 1)
    scenes = torch.where(is_piece, _pieces(pictures, is_cluttered, draw), _gradients(pictures, draw))
    return pictures * (1 - mask) + scenes * mask


def white_background(pictures: Tensor) -> Tensor:
    """float [N, 1, H, W] in [0, 1]: near-white pixels that reach a border in a straight near-white line."""
    white = (pictures.amin(1, keepdim=True) > 0.94).float()
    reach = torch.zeros_like(white)
    for axis in (2, 3):
        reach = torch.maximum(reach, white.cumprod(axis))
        reach = torch.maximum(reach, white.flip(axis).cumprod(axis).flip(axis))
    grown = F.max_pool2d(reach, 3, 1, 1)  # over the pale seam that scaling leaves around the product
    return _blur(grown)


def _gradients(pictures: Tensor, draw: Draw) -> Tensor:
    height, width = pictures.shape[2:]
    down = torch.linspace(0, 1, height, device=pictures.device).view(1, 1, -1, 1)
    across = torch.linspace(0, 1, width, device=pictures.device).view(1, 1, 1, -1)
    tilt = draw.between(0.0, 1.0).view(-1, 1, 1, 1)
    first, second = (draw.between(0.0, 1.0, 3).view(-1, 3, 1, 1) for _ in range(2))
    return first + (second - first) * 0.5 * (tilt * down + (1 - tilt) * across)


def _pieces(pictures: Tensor, is_cluttered: Tensor, draw: Draw) -> Tensor:
    """A magnified corner of a random cluttered picture for each, else of itself (its own background)."""
    order = draw.order()
    sources = order[is_cluttered[order]]
    rows = sources[torch.arange(draw.count, device=order.device) % len(sources)] if len(sources) else order
    zoom = draw.between(0.25, 0.5)
    nowhere = torch.zeros_like(zoom)
    corner = (1 - zoom)[:, None] * draw.symmetric(1.0, 2).sign()
    theta = torch.stack([zoom, nowhere, corner[:, 0], nowhere, zoom, corner[:, 1]], 1).view(-1, 2, 3)
    grid = F.affine_grid(theta, list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures[rows], grid, padding_mode="reflection", align_corners=False)


def _blur(pictures: Tensor) -> Tensor:
    return F.avg_pool2d(pictures, 3, stride=1, padding=1, count_include_pad=False)


def _inside(position: Tensor, extent: Tensor, size: int) -> Tensor:
    """bool [N, size]: a stretch of relative length `extent` starting at relative `position`."""
    places = (torch.arange(size, device=position.device) + 0.5) / size
    start = position[:, None] * (1 - extent[:, None])
    return (places >= start) & (places < start + extent[:, None])
