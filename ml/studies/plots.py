"""The plots of a study, as matplotlib figures, and how they become SVG files that are the same every time."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
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


def save(figure: Figure, file: Path) -> None:
    """As SVG (or what the file is named after), without a date."""
    figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)


def panels(count: int, width: float = 4.0, height: float = 3.2) -> tuple[Figure, Sequence[Axes]]:
    """A figure with so many axes side by side, each so many inches wide."""
    figure = Figure(figsize=(width * count, height))
    return figure, list(np.atleast_1d(figure.subplots(1, count)))


def learning_curves(arms: Mapping[str, Sequence[Run]]) -> Figure:
    """Loss on training (dashed) and validation pictures after each epoch, and validation accuracy; means over seeds."""
    figure, (left, right) = panels(2)
    for number, (name, runs) in enumerate(arms.items()):
        colour = f"C{number}"
        left.plot(*_epochs(runs, "train_loss"), ".--", color=colour)
        left.plot(*_epochs(runs, "validation_loss"), ".-", color=colour, label=name)
        right.plot(*_epochs(runs, "validation_accuracy"), ".-", color=colour, label=name)
    left.set(xlabel="epoch", ylabel="cross-entropy (dashed: training)")
    right.set(xlabel="epoch", ylabel="accuracy, validation")
    right.legend()
    return figure


def confusion(runs: Sequence[Run]) -> Figure:
    """All runs of one arm together: counts, shares of the true class, and the same, the most confused class first."""
    classes = np.array(runs[0].classes)
    counts = summed([run.detail for run in runs if run.detail])
    shares = counts / counts.sum(1, keepdims=True).clip(min=1)
    order = np.argsort(shares.diagonal(), kind="stable")
    figure, axes = panels(3, *(max(2.8, 1.6 + 0.28 * len(classes)),) * 2)
    _matrix(axes[0], counts, classes, "counts", "{:d}")
    _matrix(axes[1], shares, classes, "share of the true class", "{:.2f}")
    _matrix(axes[2], shares[order][:, order], classes[order], "sorted by confusion", "{:.2f}")
    return figure


def calibration(arms: Mapping[str, Sequence[Run]]) -> Figure:
    """Accuracy over confidence in 15 bins, all runs of an arm together; on the dotted line confidence is honest."""
    figure, (axes,) = panels(1)
    axes.plot([0, 1], [0, 1], ":", color="grey")
    for name, runs in arms.items():
        bins = np.array([run.detail["reliability"] for run in runs if run.detail])  # [runs, bins, 3]
        weights = bins[:, :, 0].sum(0)
        filled = weights > 0
        means = (bins[:, :, :1] * bins[:, :, 1:]).sum(0)[filled] / weights[filled, None]
        axes.plot(means[:, 0], means[:, 1], ".-", label=name)
    axes.set(xlabel="confidence", ylabel="accuracy", xlim=(0, 1), ylim=(0, 1))
    axes.legend()
    return figure


def precision_recall(runs: Sequence[Run]) -> Figure:
    """Precision over recall of every class, mean over the runs of one arm."""
    figure, (axes,) = panels(1, 5.5, 3.6)
    for number, name in enumerate(runs[0].classes):
        curves = [run.detail["precision"][number] for run in runs if run.detail and run.detail["precision"][number]]
        if curves:
            axes.plot(RECALL_LEVELS, np.mean(curves, axis=0), "-" if number < 10 else "--", label=name)
    axes.set(xlabel="recall", ylabel="precision", ylim=(0, 1.02))
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
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
    axes.legend()
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
    return [epoch["epoch"] for epoch in runs[0].curves[:length]], rows.mean(0)


def _matrix(axes: Axes, cells: NDArray[Any], names: NDArray[np.str_], title: str, form: str) -> None:
    axes.imshow(cells / max(float(cells.max()), 1e-9), cmap="Blues", vmin=0, vmax=1)
    for (row, column), value in np.ndenumerate(cells):
        if value:
            colour = "white" if value > 0.6 * cells.max() else "black"
            axes.text(column, row, form.format(value), ha="center", va="center", fontsize=5, color=colour)
    places = range(len(names))
    axes.set_xticks(places, names, rotation=90)
    axes.set_yticks(places, names)
    axes.set(xlabel="predicted", ylabel="true", title=title)
    axes.grid(visible=False)
