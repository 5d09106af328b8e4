"""The plots of a study, as matplotlib figures, and how they become SVG files that are the same every time."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from ml.studies.measures import RECALL_LEVELS, summed
from ml.studies.runs import Run
from ml.studies.statistics import estimate

mpl.rc("svg", hashsalt="lapel", fonttype="none")  # the same file every time; text that can be searched
mpl.rc("font", family="sans-serif", size=9)
mpl.rc("axes", grid=True)
mpl.rc("axes.spines", top=False, right=False)
mpl.rc("grid", alpha=0.3)
mpl.rc("legend", frameon=False)
mpl.rc("figure", facecolor="white")  # a patch of its own: legible on a dark page too
mpl.rc("savefig", facecolor="white")
mpl.rc("figure.constrained_layout", use=True)

MOST_CLASSES: Final = 16
"""So many classes stand in a plot by name; where there are more, those that are mistaken most."""
OTHERS: Final = "all others"


def save(figure: Figure, file: Path) -> None:
    """As SVG (or what the file is named after), without a date."""
    figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)


def panels(count: int, width: float = 4.0, height: float = 3.2) -> tuple[Figure, Sequence[Axes]]:
    """A figure with so many axes side by side, each so many inches wide."""
    figure = Figure(figsize=(width * count, height))
    return figure, list(np.atleast_1d(figure.subplots(1, count)))


def add_legend(figure: Figure) -> None:
    """To the right of all axes, where it covers nothing; each name once."""
    found = [axes.get_legend_handles_labels() for axes in figure.axes]
    handles = {label: line for lines, labels in found for line, label in zip(lines, labels, strict=True)}
    figure.legend(handles.values(), handles.keys(), loc="outside right center")


def learning_curves(arms: Mapping[str, Sequence[Run]]) -> Figure:
    """Loss on training (dashed) and validation pictures after each epoch, and validation accuracy; means over seeds."""
    figure, (left, right) = panels(2, 4.8)
    for number, (name, runs) in enumerate(arms.items()):
        colour = f"C{number}"
        left.plot(*_epochs(runs, "train_loss"), ".--", color=colour)
        left.plot(*_epochs(runs, "validation_loss"), ".-", color=colour, label=name)
        right.plot(*_epochs(runs, "validation_accuracy"), ".-", color=colour, label=name)
    left.set(xlabel="epochs", ylabel="cross-entropy (dashed: training)")
    right.set(xlabel="epochs", ylabel="accuracy, validation")
    for axes in (left, right):
        axes.set_xlim(left=0)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    add_legend(figure)
    return figure


def confusion(runs: Sequence[Run]) -> Figure:
    """All runs of one arm together: shares of the true class, and counts below; the most confused class first."""
    counts = summed([run.detail for run in runs if run.detail])
    counts, names = _most_confused(counts, list(runs[0].classes))
    shares = counts / counts.sum(1, keepdims=True).clip(min=1)
    side = 1.8 + 0.42 * len(names)
    figure, (axes,) = panels(1, side + 0.6, side)
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            colour = "white" if shares[row, column] > 0.6 else "black"
            text = f"{shares[row, column]:.0%}\n{count:d}"
            axes.text(column, row, text, ha="center", va="center", fontsize=6, color=colour)
    places = range(len(names))
    axes.set_xticks(places, names, rotation=90)
    axes.set_yticks(places, names)
    together = f" (counts of {len(runs)} seeds together)" if len(runs) > 1 else ""
    axes.set(xlabel=f"predicted{together}", ylabel="true")
    axes.grid(visible=False)
    figure.colorbar(image, label="share of the true class", shrink=0.6)
    return figure


def _most_confused(counts: NDArray[np.int64], names: list[str]) -> tuple[NDArray[np.int64], list[str]]:
    """Rows and columns sorted by the share that is read rightly; classes in few confusions are put together."""
    sizes, right = counts.sum(1), counts.diagonal()
    confusions = sizes + counts.sum(0) - 2 * right
    shares = np.where(sizes > 0, right / sizes.clip(min=1), 1)
    shown = np.argsort(-confusions, kind="stable")[:MOST_CLASSES]
    shown = shown[np.argsort(shares[shown], kind="stable")]
    rest = np.setdiff1d(np.arange(len(names)), shown)
    order = np.concatenate([shown, rest])
    starts = [*range(len(shown)), *([len(shown)] if len(rest) else [])]
    together = np.add.reduceat(np.add.reduceat(counts[order][:, order], starts, axis=0), starts, axis=1)
    return together, [*(names[place] for place in shown), *([OTHERS] if len(rest) else [])]


def calibration(arms: Mapping[str, Sequence[Run]]) -> Figure:
    """Accuracy over confidence in 15 bins, all runs of an arm together; on the dotted line confidence is honest."""
    figure, (axes,) = panels(1, 5.5)
    axes.plot([0, 1], [0, 1], ":", color="grey")
    for name, runs in arms.items():
        bins = np.array([run.detail["reliability"] for run in runs if run.detail])  # [runs, bins, 3]
        weights = bins[:, :, 0].sum(0)
        filled = weights > 0
        means = (bins[:, :, :1] * bins[:, :, 1:]).sum(0)[filled] / weights[filled, None]
        axes.plot(means[:, 0], means[:, 1], ".-", label=name)
    axes.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1), ylim=(0, 1))
    add_legend(figure)
    return figure


def precision_recall(runs: Sequence[Run]) -> Figure:
    """Precision over recall of every class, mean over the runs of one arm; of many classes the worst have colours.

    From the first level above 0 on: at recall 0 precision is 1 by definition.
    """
    figure, (axes,) = panels(1, 6.0, 3.6)
    curves: dict[str, NDArray[np.float64]] = {}
    for number, name in enumerate(runs[0].classes):
        found = [run.detail["precision"][number] for run in runs if run.detail and run.detail["precision"][number]]
        if found:
            curves[name] = np.mean(found, axis=0)[1:]
    worst = sorted(curves, key=lambda name: float(curves[name].mean()))
    for name in worst[MOST_CLASSES:]:
        axes.plot(RECALL_LEVELS[1:], curves[name], color="lightgrey", label=OTHERS)
    for number, name in enumerate(worst[:MOST_CLASSES]):
        axes.plot(RECALL_LEVELS[1:], curves[name], "-" if number < 10 else "--", color=f"C{number % 10}", label=name)
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02))
    add_legend(figure)
    return figure


def bars(values: Mapping[str, Sequence[float]], label: str) -> Figure:
    """A mean per name with its 95 % interval over seeds, and every seed as a dot."""
    figure, (axes,) = panels(1, 5.0, 0.9 + 0.32 * len(values))
    for place, found in enumerate(values.values()):
        mean = estimate(found)
        axes.errorbar(mean.mean, place, xerr=mean.high - mean.mean, fmt="s", color="C0", capsize=3)
        axes.plot(found, [place] * len(found), ".", color="C1", alpha=0.7)
    axes.set(xlabel=label, yticks=range(len(values)), yticklabels=list(values))
    axes.invert_yaxis()
    return figure


def lines(series: Mapping[str, Mapping[float, Sequence[float]]], x_label: str, y_label: str) -> Figure:
    """A line per name over a logarithmic x axis: means with 95 % intervals over seeds."""
    figure, (axes,) = panels(1, 5.0)
    draw_lines(axes, series)
    axes.set(xlabel=x_label, ylabel=y_label)
    add_legend(figure)
    return figure


def draw_lines(axes: Axes, series: Mapping[str, Mapping[float, Sequence[float]]]) -> None:
    """The same into axes at hand."""
    axes.set_xscale("log", base=2)
    for number, (name, points) in enumerate(series.items()):
        means = [estimate(found) for found in points.values()]
        widths = [mean.high - mean.mean for mean in means]
        beside = [x * 1.03**number for x in points]  # else intervals would lie on each other
        axes.errorbar(beside, [mean.mean for mean in means], yerr=widths, fmt=".-", capsize=3, label=name)
    places = sorted({x for points in series.values() for x in points})
    axes.set_xticks(places, [f"{x:g}" for x in places])
    axes.minorticks_off()


def standard(arms: Mapping[str, Sequence[Run]], best: str) -> dict[str, Figure]:
    """What every comparison shows, by file name: all arms where they fit into one plot, else the best one."""
    return {
        "learning-curves": learning_curves({name: runs for name, runs in arms.items() if runs[0].curves}),
        "calibration": calibration(arms),
        "confusion": confusion(arms[best]),
        "precision-recall": precision_recall(arms[best]),
    }


def _epochs(runs: Sequence[Run], name: str) -> tuple[list[float], NDArray[np.float64]]:
    length = min(len(run.curves) for run in runs)
    rows = np.array([[epoch[name] for epoch in run.curves[:length]] for run in runs])
    seen = [epoch["images"] / runs[0].pictures["train"] for epoch in runs[0].curves[:length]]  # budgets end in between
    return seen, rows.mean(0)
