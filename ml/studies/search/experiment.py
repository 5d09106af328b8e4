"""Is a search for good settings worth its trials, and which way of searching?

Grid, random and TPE choose learning rate, weight decay, depth and dropout of the small CNN in equally many trials, with
several seeds each, on a part of the pictures that makes a trial a few seconds. What each search found best is measured
on the test side once, beside the settings that nobody searched for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from ml.preprocessing import Preprocessing
from ml.studies import networks
from ml.studies.data import DataConfig
from ml.studies.laboratory import Laboratory
from ml.studies.recipes import NetworkRecipe
from ml.studies.runs import Arm
from ml.studies.tuning import GRID, RANDOM, TPE, Search, Settings, search
from ml.train import TrainingConfig

UNTUNED: Final = "untuned"
SEEDS: Final = (1, 2, 3, 4, 5)
TRIALS: Final = 24
"""As many as the grid has points."""

WIDTHS: Final = (16, 32, 64, 128)
DEFAULTS: Final[Settings] = {"learning_rate": 1e-3, "weight_decay": 0.01, "depth": 3, "dropout": 0.0}
"""AdamW's own, and the network as it stands."""

RANGES: Final[Mapping[str, BaseDistribution]] = {
    "learning_rate": FloatDistribution(1e-4, 3e-2, log=True),
    "weight_decay": FloatDistribution(1e-3, 1.0, log=True),
    "depth": IntDistribution(1, len(WIDTHS)),
    "dropout": FloatDistribution(0.0, 0.6),
}
GRID_CHOICES: Final[Mapping[str, BaseDistribution]] = {
    "learning_rate": CategoricalDistribution((3e-4, 2e-3, 1e-2)),
    "weight_decay": CategoricalDistribution((0.01, 0.3)),
    "depth": CategoricalDistribution((2, 4)),
    "dropout": CategoricalDistribution((0.1, 0.4)),
}
"""24 points inside the ranges."""

SPACES: Final[Mapping[str, Mapping[str, BaseDistribution]]] = {GRID: GRID_CHOICES, RANDOM: RANGES, TPE: RANGES}


@dataclass(frozen=True)
class Trace:
    """One search as the report needs it: validation accuracies in the order of the trials, importances, the best."""

    seed: int
    accuracies: Sequence[float]
    importance: Mapping[str, float]
    best: Settings

    @classmethod
    def of(cls, seed: int, found: Search) -> "Trace":
        return cls(seed, [trial.accuracy for trial in found.trials], found.importance, found.best.settings)


def arm_of(name: str, settings: Settings, data: DataConfig, epochs: int) -> Arm:
    """The small CNN with some settings; dropout and depth are the network's, the others its training's."""
    training = TrainingConfig(
        trunk=networks.small_cnn.__name__,
        preprocessing=Preprocessing(28, 28),
        augmentation=None,
        epochs=epochs,
        batch_size=64,
        learning_rate=settings["learning_rate"],
        weight_decay=settings["weight_decay"],
        label_smoothing=0.0,
        average_decay=0.0,
    )
    options = {"widths": WIDTHS[: settings["depth"]], "dropout": settings["dropout"]}
    return Arm(name, data, NetworkRecipe(training, options))


def run(lab: Laboratory) -> None:
    """Every sampler with every seed; the seed of a search is that of its runs too."""
    data = lab.scale.pick(DataConfig(limit=400, train_pictures=100), DataConfig(train_pictures=3_000), DataConfig())
    epochs, trials = lab.scale.pick((1, 4), (5, TRIALS), (15, TRIALS))
    seeds = lab.scale.pick(SEEDS[:2], SEEDS, SEEDS)

    def arm(settings: Settings) -> Arm:
        return arm_of(text(settings), settings, data, epochs)

    lab.run([replace(arm(DEFAULTS), name=UNTUNED)], seeds)
    traces: dict[str, list[dict[str, Any]]] = {sampler: [] for sampler in SPACES}
    for seed in seeds:
        for sampler, space in SPACES.items():
            found = search(lab, space, arm, trials, sampler, seed, part=sampler)
            lab.run([replace(arm(found.best.settings), name=sampler)], [seed])
            traces[sampler].append(vars(Trace.of(seed, found)))
    lab.results.facts["searches"] = traces


def text(settings: Settings) -> str:
    """`learning_rate 0.001, …`: the name of a trial."""
    return ", ".join(f"{name} {value:.3g}" for name, value in settings.items())
