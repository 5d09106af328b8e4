"""What the search study found, in sentences, tables and plots: from its results alone."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ml.studies import plots
from ml.studies.report import best_of, compared, cost_table, picture, plain, summary_table, table, with_deviation
from ml.studies.results import Results
from ml.studies.search.experiment import RANGES, UNTUNED, Trace, text
from ml.studies.statistics import estimate
from ml.studies.tuning import GRID, RANDOM, TPE


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
    """The settings by how much they matter, by the trials of random search."""
    shares = {name: estimate(found).mean for name, found in importances(traces[RANDOM]).items()}
    first, *others = sorted(shares, key=lambda name: -shares[name])
    then = ", ".join(f"{plain(name)} {shares[name]:.0%}" for name in others)
    return (
        f"**{plain(first)}** matters most: it explains {shares[first]:.0%} of the variance between random trials "
        f"(fANOVA, mean over searches), then {then}."
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
    rows = [[plain(name), *(with_deviation(of[name]) for of in shares.values())] for name in RANGES]
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
    shares = {plain(name): found for name, found in importances(traces[RANDOM]).items()}
    return {"best-so-far": figure, "importance": plots.bars(shares, "importance (fANOVA, random search)")}
