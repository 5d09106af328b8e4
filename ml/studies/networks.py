"""Networks of the studies' own, known to `ml.network` by their names once this module is imported.

Each ends in a linear layer, in whose place `Network` puts its heads, and takes pictures of any size.
"""

from collections.abc import Sequence
from typing import Final

from torch import nn

from ml.zoo import models, register

POOLED: Final = 4
"""Side of the last feature map, in cells: the last max-pool makes it so, whatever the size of the picture."""


@register
def small_cnn(widths: Sequence[int] = (32, 64, 128), hidden: int = 128, dropout: float = 0.0) -> nn.Module:
    """Convolution and max-pool for each width, flatten, dense: the network that tutorials begin with."""
    layers: list[nn.Module] = []
    for before, width in zip((3, *widths), widths, strict=False):
        is_last = len(layers) == 3 * (len(widths) - 1)
        pool = nn.AdaptiveMaxPool2d(POOLED) if is_last else nn.MaxPool2d(2)
        layers += [nn.Conv2d(before, width, 3, padding=1), nn.ReLU(), pool]
    dense = [nn.Flatten(), nn.Linear(widths[-1] * POOLED**2, hidden), nn.ReLU(), nn.Dropout(dropout)]
    return nn.Sequential(*layers, *dense, nn.Linear(hidden, hidden))


@register
def vgg16_narrow(dropout: float = 0.5) -> nn.Module:
    """VGG-16's thirteen convolutions under one dense layer of 512, as is usual for small pictures.

    torchvision's three dense layers hold 120 of its 134 million numbers, for 7×7 cells of which a picture of 32×32 px
    has one.
    """
    model: nn.Module = models.vgg16(weights=None)
    model.avgpool = nn.AdaptiveAvgPool2d(1)
    model.classifier = nn.Sequential(nn.Linear(512, 512), nn.ReLU(), nn.Dropout(dropout), nn.Linear(512, 512))
    return model
