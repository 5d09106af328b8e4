"""Networks of the studies' own, known to `ml.network` by their names once this module is imported.

Each ends in a linear layer, in whose place `Network` puts its heads, and takes pictures of any size unless its option
`side` says how many pixels high and wide they are.
"""

from collections.abc import Sequence
from typing import Final

from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from ml.zoo import models, register

POOLED: Final = 4
"""Side of the last feature map, in cells: the last max-pool makes it so, whatever the size of the picture."""


@register
def small_cnn(
    widths: Sequence[int] = (32, 64, 128), hidden: int = 128, dropout: float = 0.0, is_normalised: bool = False
) -> nn.Module:
    """Convolution and max-pool for each width, flatten, dense: the network that tutorials begin with.

    `is_normalised` puts batch normalisation behind each convolution.
    """
    layers: list[nn.Module] = []
    for number, (before, width) in enumerate(zip((3, *widths), widths, strict=False), 1):
        pool = nn.AdaptiveMaxPool2d(POOLED) if number == len(widths) else nn.MaxPool2d(2)
        norm = [nn.BatchNorm2d(width)] if is_normalised else []
        layers += [nn.Conv2d(before, width, 3, padding=1), *norm, nn.ReLU(), pool]
    dense = [nn.Flatten(), nn.Linear(widths[-1] * POOLED**2, hidden), nn.ReLU(), nn.Dropout(dropout)]
    return nn.Sequential(*layers, *dense, nn.Linear(hidden, hidden))


@register
def alexnet_narrow(dropout: float = 0.5) -> nn.Module:
    """AlexNet's five convolutions under one dense layer of 512: its three hold 55 of its 57 million numbers."""
    return _with_one_dense(models.alexnet(weights=None), 256, dropout)


@register
def vgg16_narrow(dropout: float = 0.5) -> nn.Module:
    """VGG-16's thirteen convolutions, batch-normalised, under one dense layer of 512, as is usual for small pictures.

    torchvision's three dense layers hold 120 of its 134 million numbers, for 7×7 cells of which a picture of 32×32 px
    has one.
    """
    return _with_one_dense(models.vgg16_bn(weights=None), 512, dropout)


def _with_one_dense(model: nn.Module, channels: int, dropout: float) -> nn.Module:
    model.avgpool = nn.AdaptiveAvgPool2d(1)
    model.classifier = nn.Sequential(nn.Linear(channels, 512), nn.ReLU(), nn.Dropout(dropout), nn.Linear(512, 512))
    return model


@register
def mlp(hidden: Sequence[int] = (512, 512), dropout: float = 0.0, side: int = 28) -> nn.Module:
    """Dense layers over the grey values of all pixels."""
    layers: list[nn.Module] = [_Grey(), nn.Flatten()]
    for before, width in zip((side**2, *hidden), hidden, strict=False):
        layers += [nn.Linear(before, width), nn.ReLU(), nn.Dropout(dropout)]
    return nn.Sequential(*layers, nn.Linear(hidden[-1], hidden[-1]))


@register
def gru_rows(hidden: int = 128, side: int = 28) -> nn.Module:
    """Gated recurrent units that read a grey picture row by row, downwards and upwards; their states' mean."""
    units = nn.GRU(side, hidden, batch_first=True, bidirectional=True)
    return nn.Sequential(_Grey(), _MeanState(units), nn.Linear(2 * hidden, 2 * hidden))


@register
def vit_small(width: int = 96, depth: int = 4, patch: int = 7, side: int = 28) -> nn.Module:
    """torchvision's vision transformer for small pictures: 16 patches of 7×7 px, 4 layers of 96 numbers in 4 heads."""
    return _PlainAttention(models.VisionTransformer(side, patch, depth, 4, width, 2 * width))


@register
def resnet18_small(width: int = 64) -> nn.Module:
    """ResNet-18 for small pictures: the stem is one convolution of 3×3 that keeps the size, nothing pools before it.

    As for CIFAR; torchvision's stem would leave a picture of 28×28 px 7×7 cells. 64 is the published width.
    """
    return _residual_network(width, [width * 2**number for number in range(4)])


@register
def resnet9(width: int = 64) -> nn.Module:
    """Six convolutions, three of which max-pool, around two residual blocks; 64 is the published width.

    As David Page trained it on CIFAR-10 (How to train your ResNet, 2018): it learns with few epochs.
    """
    first = [_convolved(3, width), _convolved(width, 2 * width, is_pooled=True), _Around(2 * width)]
    second = [_convolved(2 * width, 4 * width, is_pooled=True), _convolved(4 * width, 8 * width, is_pooled=True)]
    pooled = [_Around(8 * width), nn.AdaptiveMaxPool2d(1), nn.Flatten()]
    return nn.Sequential(*first, *second, *pooled, nn.Linear(8 * width, 8 * width))


@register
def wide_resnet16(factor: int = 4) -> nn.Module:
    """WRN-16: three groups of two residual blocks, `factor` times as wide as 16, 32 and 64."""
    return _residual_network(16, [16 * factor, 32 * factor, 64 * factor])


class _PlainAttention(nn.Module):
    """Attention as matrix products: a step on 17 tokens takes a third of the blockwise kernel's time on a processor."""

    def __init__(self, transformer: nn.Module) -> None:
        super().__init__()
        self.transformer = transformer

    def forward(self, pictures: Tensor) -> Tensor:
        with sdpa_kernel(SDPBackend.MATH):
            features: Tensor = self.transformer(pictures)
        return features


class _Grey(nn.Module):
    """float32 [N, 3, H, W] -> the grey values [N, H, W]."""

    def forward(self, pictures: Tensor) -> Tensor:
        return pictures.mean(1)


class _MeanState(nn.Module):
    def __init__(self, units: nn.GRU) -> None:
        super().__init__()
        self.units = units

    def forward(self, rows: Tensor) -> Tensor:
        states: Tensor = self.units(rows)[0]
        return states.mean(1)


def _convolved(before: int, after: int, *, is_pooled: bool = False) -> nn.Sequential:
    pool = [nn.MaxPool2d(2)] if is_pooled else []
    return nn.Sequential(nn.Conv2d(before, after, 3, padding=1, bias=False), *pool, nn.BatchNorm2d(after), nn.ReLU())


class _Around(nn.Module):
    """Two convolutions, and a way around them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.change = nn.Sequential(_convolved(width, width), _convolved(width, width))

    def forward(self, features: Tensor) -> Tensor:
        changed: Tensor = self.change(features)
        return features + changed


class _Residual(nn.Module):
    """Two convolutions, each after its normalisation, beside a way that leaves their input as it is."""

    def __init__(self, before: int, after: int, stride: int = 1) -> None:
        super().__init__()
        self.normalise = nn.Sequential(nn.BatchNorm2d(before), nn.ReLU())
        self.change = nn.Sequential(
            nn.Conv2d(before, after, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(),
            nn.Conv2d(after, after, 3, padding=1, bias=False),
        )
        self.way = None if before == after and stride == 1 else nn.Conv2d(before, after, 1, stride, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        active = self.normalise(features)
        changed: Tensor = self.change(active)
        return changed + (self.way(active) if self.way else features)


def _residual_network(stem: int, widths: Sequence[int]) -> nn.Module:
    """Two residual blocks for each width, all but the first at half the size of those before."""
    layers: list[nn.Module] = [nn.Conv2d(3, stem, 3, padding=1, bias=False)]
    for before, width in zip((stem, *widths), widths, strict=False):
        layers += [_Residual(before, width, 1 if len(layers) == 1 else 2), _Residual(width, width)]
    last = widths[-1]
    pooled = [nn.BatchNorm2d(last), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*layers, *pooled, nn.Linear(last, last))
