"""Is a search for good settings worth its trials, and which way of searching?

Grid, random and TPE choose learning rate, weight decay, depth and dropout of the small CNN in equally many trials, with
several seeds each, on a part of the pictures that makes a trial a few seconds. What each search found best is measured
on the test side once, beside the settings that nobody searched for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from ml.preprocessing import Preprocessing
from ml.studies import networks, plots
from ml.studies.data import DataConfig
from ml.studies.laboratory import Laboratory
from ml.studies.recipes import NetworkRecipe
from ml.studies.report import best_of, compared, cost_table, picture, summary_table, table, with_deviation
from ml.studies.results import Results
from ml.studies.runs import Arm
from ml.studies.statistics import estimate
from ml.studies.study import Study
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


def report(results: Results) -> list[str]:
    arms, traces = results.of(), traces_of(results)
    return [
        verdict(results),
        pace(traces),
        importance(traces),
        picture("best-so-far", "Best validation accuracy so far, over trials"),
        progress_table(traces),
        common_start(traces),
        picture("importance", "Share of the accuracy's variance that each setting explains"),
        importance_table(traces),
        "Grid and TPE do not spread their trials evenly, so their importances say less than those of random search.",
        "## What the best of each search reaches on the test side",
        summary_table(arms),
        best_table(traces),
        cost_table(arms),
    ]


def traces_of(results: Results) -> dict[str, list[Trace]]:
    """Sampler -> its searches."""
    return {name: [Trace(**one) for one in found] for name, found in results.facts["searches"].items()}


def best_so_far(traces: Sequence[Trace]) -> NDArray[np.float64]:
    """float [searches, trials]: the best validation accuracy up to each trial."""
    return np.maximum.accumulate(np.array([trace.accuracies for trace in traces]), axis=1)


def verdict(results: Results) -> str:
    """Which sampler's best is best on the test side, and what it gains over no search."""
    arms = results.of()
    samplers = {name: runs for name, runs in arms.items() if name != UNTUNED}
    best, trials = best_of(samplers), len(traces_of(results)[GRID][0].accuracies)
    sentences = [compared((best, arms[best]), (other, arms[other])) for other in arms if other != best]
    return " ".join([f"With {trials} trials each, what **{best}** finds reads the test pictures best.", *sentences])


def pace(traces: Mapping[str, Sequence[Trace]]) -> str:
    """After how many trials each of the others is where random search ends, on the mean of the seeds."""
    curves = {name: best_so_far(found).mean(0) for name, found in traces.items()}
    goal, trials = float(curves[RANDOM][-1]), len(curves[RANDOM])
    parts = []
    for name in (name for name in curves if name != RANDOM):
        reached = np.flatnonzero(curves[name] >= goal)
        parts.append(f"{name} is there after {reached[0] + 1}" if len(reached) else f"{name} never gets there")
    return f"{RANDOM} reaches {goal:.4f} on the validation side after {trials} trials; {', '.join(parts)}."


def common_start(traces: Mapping[str, Sequence[Trace]]) -> str:
    """How many first trials random search and TPE share: TPE draws as random search does until it has seen some."""
    first, second = (np.array([trace.accuracies for trace in traces[name]]) for name in (RANDOM, TPE))
    shared = int(np.cumprod((first == second).all(axis=0)).sum())
    return f"{RANDOM} and {TPE} begin with the same {shared} trials: {TPE} learns only from what it has seen."


def importance(traces: Mapping[str, Sequence[Trace]]) -> str:
    """The setting that matters most and the one that matters least, by the trials of random search."""
    shares = {name: estimate(found).mean for name, found in importances(traces[RANDOM]).items()}
    first, last = max(shares, key=shares.__getitem__), min(shares, key=shares.__getitem__)
    return (
        f"**{_words(first)}** matters most: it explains {shares[first]:.0%} of the variance between random trials "
        f"(fANOVA, mean over searches), {_words(last)} least ({shares[last]:.0%})."
    )


def importances(traces: Sequence[Trace]) -> dict[str, list[float]]:
    """Setting -> its importance in each search."""
    return {name: [trace.importance[name] for trace in traces] for name in RANGES}


def progress_table(traces: Mapping[str, Sequence[Trace]]) -> str:
    trials = len(traces[GRID][0].accuracies)
    marks = sorted({1, *(max(1, trials * part // 4) for part in (1, 2, 3, 4))})
    rows = []
    for name, found in traces.items():
        curves = best_so_far(found)
        rows.append([name, str(len(found)), *(with_deviation(curves[:, mark - 1].tolist()) for mark in marks)])
    return table(["best validation accuracy so far", "searches", *(f"trial {mark}" for mark in marks)], rows)


def importance_table(traces: Mapping[str, Sequence[Trace]]) -> str:
    shares = {name: importances(found) for name, found in traces.items()}
    rows = [[_words(name), *(with_deviation(of[name]) for of in shares.values())] for name in RANGES]
    return table(["importance", *shares], rows)


def best_table(traces: Mapping[str, Sequence[Trace]]) -> str:
    rows = [
        [name, str(trace.seed), f"{max(trace.accuracies):.4f}", text(trace.best)]
        for name, found in traces.items()
        for trace in found
    ]
    return table(["search", "seed", "validation accuracy", "best settings"], rows)


def draw(results: Results) -> dict[str, Figure]:
    traces = traces_of(results)
    figure, (axes,) = plots.panels(1, 5.0)
    for name, found in traces.items():
        curves = best_so_far(found)
        means = [estimate(column) for column in curves.T.tolist()]
        trials = range(1, len(means) + 1)
        axes.plot(trials, [mean.mean for mean in means], label=name)
        axes.fill_between(trials, [mean.low for mean in means], [mean.high for mean in means], alpha=0.15)
    axes.set(xlabel="trials", ylabel="best validation accuracy so far")
    plots.add_legend(figure)
    shares = {_words(name): found for name, found in importances(traces[RANDOM]).items()}
    return {"best-so-far": figure, "importance": plots.bars(shares, "importance (fANOVA, random search)")}


def _words(name: str) -> str:
    return name.replace("_", " ")


STUDY = Study(
    question="Learning rate, weight decay, depth, dropout of a small CNN: which matters, and which search finds them?",
    run=run,
    report=report,
    draw=draw,
)
