"""Which kind of model reads Fashion-MNIST best, and what does that cost?

Networks by one recipe and one budget of epochs, and classical models on features. Each is tried with three values of
the setting that matters most to it, on a part of the training pictures; the best of them learns from all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ml.preprocessing import Preprocessing
from ml.studies import networks
from ml.studies.classical import ClassicalRecipe
from ml.studies.data import DataConfig
from ml.studies.laboratory import Laboratory
from ml.studies.recipes import FLIPS_AND_SHIFTS, NetworkRecipe, Recipe
from ml.studies.runs import Arm
from ml.train import TrainingConfig

SEEDS: Final = (1, 2, 3)
PIXELS: Final = Preprocessing(28, 28, mean=(0.286,) * 3, std=(0.353,) * 3)
TRAINING: Final = TrainingConfig(
    preprocessing=PIXELS,
    augmentation=replace(FLIPS_AND_SHIFTS, erase_share=0.5),
    batch_size=128,
    warmup_share=0.1,
)
RATES: Final = (1e-3, 3e-3, 1e-2)
SMALL_CNN: Final[Mapping[str, Any]] = {
    "widths": (64, 128, 256),
    "hidden": 256,
    "is_normalised": True,
}


@dataclass(frozen=True)
class Contender:
    """A kind of model: what is tried by the setting in which it differs, of which validation chooses one."""

    title: str
    tried: Mapping[str, Recipe]


@dataclass(frozen=True)
class Budget:
    """Epochs of every network, channels that residual networks begin with, how many pictures settings are tried on."""

    epochs: int
    resnet18_width: int
    resnet9_width: int
    larger_width: int
    tried_pictures: int


LARGER: Final = "larger ResNet-9"
LARGER_EPOCHS_TIMES: Final = 3
LARGER_CUT_MIX_SHARE: Final = 0.5
"""A ResNet-9 of width 24 had learned the training pictures by heart (99.5 %) after three times as many epochs; half of
its batches mixed, it had not (97.4 %), and there was room for more channels."""
QUICK: Final = Budget(epochs=1, resnet18_width=8, resnet9_width=8, larger_width=8, tried_pictures=100)
STANDARD: Final = Budget(epochs=20, resnet18_width=16, resnet9_width=24, larger_width=32, tried_pictures=6_000)
FULL: Final = Budget(epochs=40, resnet18_width=64, resnet9_width=64, larger_width=64, tried_pictures=20_000)


def contenders(budget: Budget) -> list[Contender]:
    """Everything but a wide residual network fits two cores; one has more channels, epochs and mixed pictures.

    Only convolutions learn from changed pictures, mirrored and moved ones among them, and are asked about such ones:
    the other networks need more epochs than this before that pays.
    """
    changed = replace(TRAINING, epochs=budget.epochs)
    plain = replace(changed, augmentation=None)
    mixed = replace(changed, epochs=LARGER_EPOCHS_TIMES * budget.epochs, cut_mix_share=LARGER_CUT_MIX_SHARE)
    wide = [network("WRN-16-4", networks.wide_resnet16.__name__, changed, RATES)] if budget == FULL else []
    return [
        network("MLP", networks.mlp.__name__, plain, (3e-4, 1e-3, 3e-3), dropout=0.2),
        network("GRU over rows", networks.gru_rows.__name__, plain, (1e-3, 3e-3, 1e-2)),
        network("small ViT", networks.vit_small.__name__, plain, (5e-4, 1e-3, 2e-3)),
        network("small CNN", networks.small_cnn.__name__, changed, RATES, **SMALL_CNN),
        network("ResNet-18", networks.resnet18_small.__name__, changed, RATES, width=budget.resnet18_width),
        network("ResNet-9", networks.resnet9.__name__, changed, RATES, width=budget.resnet9_width),
        network(LARGER, networks.resnet9.__name__, mixed, RATES, width=budget.larger_width),
        *wide,
        classical("logistic regression on pixels", "pixels", "logistic_regression", C=(0.01, 0.1, 1.0)),
        classical("random forest on pixels", "pixels", "random_forest", min_samples_leaf=(1, 2, 4)),
        classical("linear SVM on HOG", "oriented_gradients", "linear_svm", C=(0.03, 0.1, 0.3)),
        classical("random forest on histograms", "histograms", "random_forest", min_samples_leaf=(1, 2, 4)),
    ]


def network(title: str, trunk: str, training: TrainingConfig, rates: Sequence[float], **options: Any) -> Contender:
    trained = replace(training, trunk=trunk)
    recipe = NetworkRecipe(trained, options, is_mirrored=training.augmentation is not None)
    tried = {f"rate {rate:g}": replace(recipe, training=replace(trained, learning_rate=rate)) for rate in rates}
    return Contender(title, tried)


def classical(title: str, features: str, model: str, **settings: Sequence[float]) -> Contender:
    tried = {
        f"{name} {value:g}": ClassicalRecipe(features, model, {name: value})
        for name, values in settings.items()
        for value in values
    }
    return Contender(title, tried)


def run(lab: Laboratory) -> None:
    """Choose each contender's setting on a part of the training pictures, then let it learn from all."""
    budget = lab.scale.pick(QUICK, STANDARD, FULL)
    data = lab.scale.pick(DataConfig(limit=200), DataConfig(), DataConfig())
    part = replace(data, train_pictures=budget.tried_pictures)
    seeds = lab.scale.pick(SEEDS[:2], SEEDS, SEEDS)
    for contender in contenders(budget):
        arms = {name: Arm(f"{contender.title}, {name}", part, recipe) for name, recipe in contender.tried.items()}
        best = lab.best(list(arms.values()))
        lab.run([Arm(contender.title, data, in_all_views(best.recipe))], seeds)


def in_all_views(recipe: Recipe) -> Recipe:
    """Whoever is asked about both sides of a picture is, in the end, asked about ten views: five times the asking."""
    return replace(recipe, is_moved=True) if isinstance(recipe, NetworkRecipe) and recipe.is_mirrored else recipe
