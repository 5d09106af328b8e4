"""Does the batch size change what a network learns, or only how long it takes?

Four networks, each at sizes that are powers of two apart. A larger batch makes fewer steps of the same pictures, so
sizes are compared at equal epochs and at equal steps, with the learning rate as it is and scaled with the size.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from ml.preprocessing import Preprocessing
from ml.studies import networks
from ml.studies.data import DataConfig
from ml.studies.laboratory import Laboratory
from ml.studies.recipes import NetworkRecipe
from ml.studies.runs import Arm
from ml.train import TrainingConfig

EPOCHS, STEPS = "equal epochs", "equal steps"
FIXED, SCALED = "rate fixed", "rate scaled"
SIZES: Final = (32, 64, 128, 256)
ALL_SIZES: Final = (16, 32, 64, 128, 256, 512, 1024)
TUNED_AT: Final = 64
"""The size at which the learning rate is chosen: what was chosen at 256 kept smaller batches from learning at all."""
STEPS_OF: Final = 256
"""The size whose number of steps in equal epochs all make at equal steps."""

RATES: Final = (0.01, 0.03, 0.1)
SEEDS: Final = (1, 2, 3)


@dataclass(frozen=True)
class Contender:
    """A network and how large its pictures are; its epochs on two cores, and which part of the grid is run there."""

    title: str
    trunk: str
    pixels: int
    epochs: int
    rates: Sequence[str] = (FIXED, SCALED)
    sizes: Sequence[int] = SIZES


CONTENDERS: Final = (
    Contender("small CNN", networks.small_cnn.__name__, 32, 8),
    Contender("AlexNet", networks.alexnet_narrow.__name__, 64, 8),
    Contender("VGG-16", networks.vgg16_narrow.__name__, 32, 3, (FIXED,)),
    Contender("ResNet-152", "resnet152", 32, 2, (FIXED,), (32, 256)),
)


@dataclass(frozen=True)
class Cell:
    """One place of the grid; its name is the arm's."""

    network: str
    budget: str
    rate: str
    size: int

    @property
    def condition(self) -> str:
        return f"{self.network}, {self.budget}, {self.rate}"

    @property
    def name(self) -> str:
        return f"{self.condition}, batch {self.size}"


def grid(sizes: Sequence[int] = SIZES) -> list[Cell]:
    """Every network at every size under every control."""
    titles = [contender.title for contender in CONTENDERS]
    return [Cell(*place) for place in product(titles, (EPOCHS, STEPS), (FIXED, SCALED), sizes)]


def run(lab: Laboratory) -> None:
    """Choose each network's learning rate at one size, then walk through its part of the grid."""
    whole = [replace(one, rates=(FIXED, SCALED), sizes=ALL_SIZES) for one in CONTENDERS]
    contenders = lab.scale.pick([replace(CONTENDERS[0], sizes=(TUNED_AT, STEPS_OF))], CONTENDERS, whole)
    data = lab.scale.pick(DataConfig(limit=600), DataConfig(train_pictures=10_000), DataConfig())
    for contender in contenders:
        epochs = lab.scale.pick(1, contender.epochs, 30)
        tried = [_arm(f"{contender.title}, rate {rate:g}", data, contender, epochs, rate) for rate in RATES]
        rate = RATES[tried.index(lab.best(tried))]
        cells = [cell for cell in grid(contender.sizes) if cell.network == contender.title]
        own = [cell for cell in cells if cell.rate in contender.rates]
        steps = epochs * math.ceil(lab.results.runs[-1].pictures["train"] / STEPS_OF)
        lab.run([_placed(cell, data, contender, epochs, steps, rate) for cell in own], SEEDS)


def _arm(name: str, data: DataConfig, contender: Contender, epochs: int, rate: float) -> Arm:
    """At the size of tuning: momentum, cosine, no averaging, no augmentation, so that nothing but the batch differs."""
    training = TrainingConfig(
        trunk=contender.trunk,
        preprocessing=Preprocessing(contender.pixels, contender.pixels),
        augmentation=None,
        epochs=epochs,
        batch_size=TUNED_AT,
        optimizer="sgd",
        learning_rate=rate,
        weight_decay=5e-4,
        label_smoothing=0.0,
        average_decay=0.0,
    )
    return Arm(name, data, NetworkRecipe(training))


def _placed(cell: Cell, data: DataConfig, contender: Contender, epochs: int, steps: int, rate: float) -> Arm:
    arm = _arm(cell.name, data, contender, epochs, rate)
    assert isinstance(arm.recipe, NetworkRecipe)
    scaled = rate * cell.size / TUNED_AT if cell.rate == SCALED else rate
    budget = steps if cell.budget == STEPS and cell.size != STEPS_OF else None
    training = replace(arm.recipe.training, batch_size=cell.size, learning_rate=scaled, steps=budget)
    return replace(arm, recipe=replace(arm.recipe, training=training))
