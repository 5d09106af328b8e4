"""What helps a plain convolutional network more: its most important setting set well, or augmentation?

The task of many notebooks: 13 subcategories of fashion-products, convolution, max-pool, flatten, dense, Adam,
cross-entropy. A search tells which setting matters most; that one alone is then changed, and augmentation alone, each
to the best of three on the validation side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from optuna.distributions import CategoricalDistribution

from ml.augmentation import Augmentation
from ml.preprocessing import Preprocessing
from ml.studies import networks
from ml.studies.data import FASHION_PRODUCTS, DataConfig
from ml.studies.laboratory import Laboratory
from ml.studies.recipes import FLIPS_AND_SHIFTS, NetworkRecipe
from ml.studies.runs import Arm
from ml.studies.tuning import search
from ml.train import TrainingConfig

BASELINE, TUNED, AUGMENTED = "baseline", "most important setting", "augmentation"
SEEDS: Final = (1, 2, 3)
CLASSES: Final = 13
CHOICES: Final[Mapping[str, Sequence[Any]]] = {
    "learning_rate": (1e-4, 3e-4, 1e-3, 3e-3),
    "batch_size": (16, 32, 64, 128),
    "weight_decay": (0.0, 1e-5, 1e-4, 1e-3),
    "dropout": (0.0, 0.2, 0.4, 0.6),
    "hidden": (32, 64, 128, 256),
}
"""What the search chooses from; the last two are options of the network, the others of its training."""

STRENGTHS: Final[Mapping[str, Augmentation]] = {
    "flips and shifts": FLIPS_AND_SHIFTS,
    "light": Augmentation.light(),
    "strong": Augmentation(),
}


def baseline(data: DataConfig, epochs: int) -> Arm:
    """As the notebooks have it: a constant rate, no warm-up, no averaging, no smoothing, the pictures as they are."""
    training = TrainingConfig(
        trunk=networks.small_cnn.__name__,
        preprocessing=Preprocessing(80, 60),
        augmentation=None,
        epochs=epochs,
        optimizer="adam",
        schedule="constant",
        warmup_share=0.0,
        weight_decay=0.0,
        label_smoothing=0.0,
        average_decay=0.0,
    )
    return Arm(BASELINE, data, NetworkRecipe(training, {"dropout": 0.0, "hidden": 128}))


def run(lab: Laboratory) -> None:
    """Search on part of the pictures, then compare on all of them."""
    data = DataConfig(FASHION_PRODUCTS, "sub_category", CLASSES)
    small = lab.scale.pick(replace(data, limit=300), replace(data, train_pictures=8_000), data)
    whole = lab.scale.pick(small, data, data)
    start = baseline(small, lab.scale.pick(1, 3, 10))
    found = search(lab, _space(), lambda settings: changed(start, settings), lab.scale.pick(3, 24, 60))
    setting = next(iter(found.importance))
    others = {choice: changed(start, {setting: choice}) for choice in CHOICES[setting]}
    choice = _best(lab, {choice: arm for choice, arm in others.items() if arm.config != start.config})
    strength = _best(lab, {name: augmented(start, name) for name in STRENGTHS})
    lab.results.facts |= {
        "importance": dict(found.importance),
        "trials": [{**trial.settings, "accuracy": trial.accuracy} for trial in found.trials],
        "setting": setting,
        "choice": choice,
        "strength": strength,
    }
    plain = baseline(whole, lab.scale.pick(1, 8, 30))
    arms = [plain, changed(plain, {setting: choice}, TUNED), augmented(plain, strength, AUGMENTED)]
    lab.run(arms, lab.scale.pick(SEEDS[:2], SEEDS, SEEDS))


def _best(lab: Laboratory, arms: Mapping[Any, Arm]) -> Any:
    """Whatever the best arm stands for."""
    return list(arms)[list(arms.values()).index(lab.best(list(arms.values())))]


def changed(arm: Arm, settings: Mapping[str, Any], name: str | None = None) -> Arm:
    """The arm with other settings of its training or options of its network."""
    assert isinstance(arm.recipe, NetworkRecipe)
    options = {key: value for key, value in settings.items() if key in ("dropout", "hidden")}
    training = replace(arm.recipe.training, **{key: value for key, value in settings.items() if key not in options})
    recipe = replace(arm.recipe, training=training, options={**arm.recipe.options, **options})
    return Arm(name or described(settings), arm.data, recipe)


def augmented(arm: Arm, strength: str, name: str | None = None) -> Arm:
    return changed(arm, {"augmentation": STRENGTHS[strength]}, name or f"augmentation {strength}")


def described(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{key.replace('_', ' ')} {value:g}" for key, value in settings.items())


def _space() -> dict[str, CategoricalDistribution]:
    return {name: CategoricalDistribution(list(choices)) for name, choices in CHOICES.items()}
