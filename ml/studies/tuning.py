"""Searches for the settings that do best on the validation side, by Optuna; the test side is never read."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.importance import get_param_importances

from ml.studies.laboratory import Laboratory
from ml.studies.runs import TUNING, Arm

optuna.logging.set_verbosity(optuna.logging.WARNING)

Settings = Mapping[str, Any]
GRID: Final = "grid"
RANDOM: Final = "random"
TPE: Final = "tpe"


@dataclass(frozen=True)
class Trial:
    """Settings tried, and the validation accuracy that they reached."""

    settings: Settings
    accuracy: float


@dataclass(frozen=True)
class Search:
    """Trials in their order, and how much of the accuracy each setting explains (fANOVA), the most important first."""

    trials: Sequence[Trial]
    importance: Mapping[str, float]

    @property
    def best(self) -> Trial:
        return max(self.trials, key=lambda trial: trial.accuracy)


def search(
    lab: Laboratory,
    space: Mapping[str, BaseDistribution],
    arm_of: Callable[[Settings], Arm],
    trials: int,
    sampler: str = TPE,
    seed: int = 0,
    part: str = TUNING,
) -> Search:
    """So many trials, one run each; the samplers are repeatable, so a search that was interrupted goes on.

    A grid needs a `space` of choices alone; it walks through all of them in an order that `seed` draws, then ends.
    """
    chosen = optuna.samplers.TPESampler(seed=seed, n_startup_trials=5) if sampler == TPE else None
    study = optuna.create_study(direction="maximize", sampler=chosen or optuna.samplers.RandomSampler(seed=seed))
    if sampler == GRID:
        places = _grid(space, seed)[:trials]
        trials = len(places)
        for place in places:  # each is what the next trial tries
            study.enqueue_trial(place)
    for _ in range(trials):
        trial = study.ask(dict(space))
        (run,) = lab.run([arm_of(trial.params)], [seed], part)
        study.tell(trial, run.validation["accuracy"])
    found = [Trial(trial.params, float(trial.values[0])) for trial in study.trials]
    has_spread = len({trial.accuracy for trial in found}) > 1
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=seed)
    importance = get_param_importances(study, evaluator=evaluator) if has_spread else dict.fromkeys(space, 0.0)
    return Search(found, {name: round(value, 5) for name, value in importance.items()})


def _grid(space: Mapping[str, BaseDistribution], seed: int) -> list[dict[str, Any]]:
    choices = [values.choices for values in space.values() if isinstance(values, CategoricalDistribution)]
    places = [dict(zip(space, place, strict=True)) for place in product(*choices)]
    return random.Random(seed).sample(places, len(places))  # noqa: S311 - an order, no secret
