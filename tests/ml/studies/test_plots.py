from dataclasses import replace
from pathlib import Path

import numpy as np

from ml.studies import plots
from ml.studies.measures import RECALL_LEVELS
from ml.studies.runs import Run
from tests.ml.studies.made import make_results, make_runs

ARMS = make_results({"A": [0.90, 0.92], "B": [0.80, 0.84]}).of()


def test_same_figures_make_the_same_file_on_a_white_patch(tmp_path: Path) -> None:
    for name in ("first", "second"):
        plots.save(plots.learning_curves(ARMS), tmp_path / f"{name}.svg")
    first, second = ((tmp_path / f"{name}.svg").read_bytes() for name in ("first", "second"))
    assert first == second
    assert b"fill: #ffffff" in first
    assert b"<dc:date>" not in first
    assert b"accuracy, validation</text>" in first


def made_of(classes: int) -> Run:
    """Each class has 40 pictures, of which as many as its number pass for the next one, the last ones for the first."""
    counts = np.diag(40 - np.arange(classes)) + np.roll(np.diag(np.arange(classes)), 1, axis=1)
    precision = [[number / classes] * len(RECALL_LEVELS) for number in range(classes)]
    run = make_runs("A", [0.9])[0]
    detail = {**(run.detail or {}), "confusion": counts.tolist(), "precision": precision}
    return replace(run, classes=[f"class {number}" for number in range(classes)], detail=detail)


def test_confusion_shows_counts_and_shares_and_the_most_confused_class_first() -> None:
    axes = plots.confusion(make_runs("A", [0.9, 0.9])).axes[0]
    assert [text.get_text() for text in axes.texts] == ["75%\n6", "25%\n2", "100%\n8"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["left", "right"]


def test_of_many_classes_those_in_most_confusions_are_shown_and_the_others_together() -> None:
    axes = plots.confusion([made_of(30)]).axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == [*(f"class {number}" for number in range(29, 14, -1)), "class 0", "all others"]
    texts = [text.get_text() for text in axes.texts]
    assert sum(int(text.split("\n")[1]) for text in texts) == 30 * 40
    within = 14 * 40 - 14  # of the others only pictures of class 14 pass for one that is shown
    assert texts[-1] == f"{within / (14 * 40):.0%}\n{within}"


def test_learning_curves_show_both_losses_of_every_arm() -> None:
    figure = plots.learning_curves(ARMS)
    assert [len(axes.lines) for axes in figure.axes] == [4, 2]
    assert np.array_equal(figure.axes[1].lines[0].get_ydata(), [0.7, 0.7])


def test_calibration_leaves_out_empty_bins() -> None:
    diagonal, first, second = plots.calibration(ARMS).axes[0].lines
    assert [np.asarray(line.get_xdata()).tolist() for line in (diagonal, first, second)] == [[0, 1], [0.95], [0.95]]
    assert np.asarray(first.get_ydata()).tolist() == [0.875]


def test_precision_recall_has_a_line_per_class() -> None:
    axes = plots.precision_recall(ARMS["A"]).axes[0]
    assert sorted(str(line.get_label()) for line in axes.lines) == ["left", "right"]


def test_of_many_classes_those_of_little_precision_are_named() -> None:
    figure = plots.precision_recall([made_of(30)])
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["all others", *(f"class {number}" for number in range(16))]
    assert len(figure.axes[0].lines) == 30


def test_a_legend_says_each_name_once_beside_the_axes() -> None:
    figure = plots.learning_curves(ARMS)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["A", "B"]
    assert [axes.get_legend() for axes in figure.axes] == [None, None]


def test_bars_and_lines_show_every_value() -> None:
    axes = plots.bars({"A": [0.90, 0.92], "B": [0.8]}, "accuracy").axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["A", "B"]
    axes = plots.lines({"A": {32: [0.9, 0.8], 64: [0.7]}}, "size", "accuracy").axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["32", "64"]
    assert np.allclose(axes.lines[0].get_ydata(), [0.85, 0.7])


def test_standard_plots_are_four() -> None:
    assert sorted(plots.standard(ARMS, "A")) == ["calibration", "confusion", "learning-curves", "precision-recall"]
