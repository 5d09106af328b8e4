"""Making the reference of `colour_check.py` of labelled pictures: shades by k-means, names by softmax regression.

Of the train side alone, and of the names that it has enough pictures of.
"""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import torch
import torch.nn.functional as F
from scipy.cluster.vq import kmeans2
from torch import Generator, Tensor, nn

from ml.colour_check import ColourReference, cell_lab, cells_of, histograms_of, product_weights, thinned
from ml.dataset import decode, split
from ml.errors import DataError
from ml.layouts import read_folders
from ml.preprocessing import Preprocessing
from ml.splits import TRAIN

LEAST_PICTURES: Final = 100
"""Of fewer the regression learns that a name is rare, and little of how it looks: it is left out."""
SHADES: Final = 128
SHADE_PICTURES: Final = 3_000
SHADE_PIXELS: Final = 20_000
EPOCHS: Final = 20
BATCH_SIZE: Final = 256
LEARNING_RATE: Final = 0.03
SEED: Final = 1


def colour_reference(folders: Sequence[Path]) -> ColourReference:
    """The reference that the train side of these folders teaches; DataError where it has too few labelled pictures."""
    examples = [each for each in split(read_folders(folders)).get(TRAIN, ()) if "colour" in each.labels]
    counts = Counter(each.labels["colour"] for each in examples)
    names = tuple(sorted(name for name, count in counts.items() if count >= LEAST_PICTURES))
    if len(names) < 2:
        raise DataError(f"The train side has no two colours with {LEAST_PICTURES} pictures each.")
    known = [each for each in examples if each.labels["colour"] in names]
    canvases = decode([each.picture for each in known], Preprocessing(), "pictures")
    return fit_reference(canvases, [each.labels["colour"] for each in known], names)


def fit_reference(canvases: Tensor, values: Sequence[str], names: tuple[str, ...]) -> ColourReference:
    """From pictures uint8 [N, H, W, 3] and their colours, each of which is in `names`. Repeatable."""
    generator = Generator().manual_seed(SEED)
    blank = ColourReference(names, _palette(canvases, generator), torch.empty(0), torch.empty(0))
    targets = torch.tensor([names.index(value) for value in values])
    weights, bias = _regression(histograms_of(blank, canvases).sqrt(), targets, len(names), generator)
    return ColourReference.from_json(ColourReference(names, blank.palette, weights, bias).to_json())


def written(reference: ColourReference) -> str:
    """As JSON, one row a line."""
    lists = {key: ",\n".join(f"  {json.dumps(row)}" for row in rows) for key, rows in reference.to_json().items()}
    return "{\n" + ",\n".join(f' "{key}": [\n{rows}\n ]' for key, rows in lists.items()) + "\n}\n"


def _palette(canvases: Tensor, generator: Generator) -> Tensor:
    """Shades float32 [SHADES, 3] among which the products' pixels are spread; a frequent colour gets more of them."""
    rows = torch.randperm(len(canvases), generator=generator)[:SHADE_PICTURES]
    pictures = thinned(canvases[rows])
    cells, weights = cells_of(pictures).flatten().long(), product_weights(pictures).flatten()
    frequency = torch.zeros(len(cell_lab())).scatter_add_(0, cells, weights)
    drawn = torch.multinomial(frequency.sqrt(), SHADE_PIXELS, replacement=True, generator=generator)
    palette, _ = kmeans2(cell_lab()[drawn].numpy(), SHADES, minit="++", seed=SEED, iter=30)
    return torch.from_numpy(palette).float().round(decimals=1)


def _regression(inputs: Tensor, targets: Tensor, count: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Inputs float32 [N, K] and classes int64 [N] -> weights [count, K] and bias [count]."""
    layer = nn.Linear(inputs.shape[1], count)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    optimizer = torch.optim.AdamW(layer.parameters(), LEARNING_RATE, weight_decay=1e-4)
    steps = EPOCHS * -(-len(inputs) // BATCH_SIZE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(EPOCHS):
        for rows in torch.split(torch.randperm(len(inputs), generator=generator), BATCH_SIZE):
            optimizer.zero_grad()
            loss = F.cross_entropy(layer(inputs[rows]), targets[rows])
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    return layer.weight.detach(), layer.bias.detach()
