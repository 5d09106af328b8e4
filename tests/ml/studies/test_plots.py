from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from ml.studies import plots
from tests.ml.studies.made import make_results, make_runs

ARMS = make_results({"A": [0.90, 0.92], "B": [0.80, 0.84]}).of()


def texts(figure: Figure, place: int = 0) -> list[str]:
    return [text.get_text() for text in figure.axes[place].texts]


def test_same_figures_make_the_same_file_on_a_white_patch(tmp_path: Path) -> None:
    for name in ("first", "second"):
        plots.save(plots.learning_curves(ARMS), tmp_path / f"{name}.svg")
    first, second = ((tmp_path / f"{name}.svg").read_bytes() for name in ("first", "second"))
    assert first == second
    assert b"fill: #ffffff" in first
    assert b"<dc:date>" not in first
    assert b"accuracy, validation</text>" in first


def test_confusion_comes_as_counts_shares_and_sorted() -> None:
    figure = plots.confusion(make_runs("A", [0.9, 0.9]))
    assert [axes.get_title() for axes in figure.axes] == ["counts", "share of the true class", "sorted by confusion"]
    assert texts(figure, 0) == ["6", "2", "8"]
    assert texts(figure, 1) == ["0.75", "0.25", "1.00"]
    labels = [label.get_text() for label in figure.axes[2].get_yticklabels()]
    assert labels == ["left", "right"]  # the more confused class first


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
    assert [line.get_label() for line in axes.lines] == ["left", "right"]


def test_bars_and_lines_show_every_value() -> None:
    axes = plots.bars({"A": [0.90, 0.92], "B": [0.8]}, "accuracy").axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["A", "B"]
    axes = plots.lines({"A": {32: [0.9, 0.8], 64: [0.7]}}, "size", "accuracy").axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["32", "64"]
    assert np.allclose(axes.lines[0].get_ydata(), [0.85, 0.7])


def test_standard_plots_are_four() -> None:
    assert sorted(plots.standard(ARMS, "A")) == ["calibration", "confusion", "learning-curves", "precision-recall"]
