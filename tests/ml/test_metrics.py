import math

import torch

from ml.calibration import Thresholds
from ml.metrics import expected_calibration_error, macro_f1, measure, top_accuracy
from ml.scores import FieldScores

PROBABILITIES = torch.tensor([[0.7, 0.2, 0.1, 0.0], [0.4, 0.3, 0.2, 0.1], [0.1, 0.5, 0.3, 0.1], [0.25, 0.05, 0.3, 0.4]])
SCORES = FieldScores([("a",), ("b",), ("c",), ("d",)], PROBABILITIES, PROBABILITIES.argmax(1))
TRUTHS = ["a", "d", "b", "a"]


def test_macro_f1_by_hand() -> None:
    # a: precision 1/2, recall 1/2, f1 1/2; b: 1; d: one prediction, one truth, no hit: 0
    assert math.isclose(macro_f1(TRUTHS, ["a", "a", "b", "d"]), (0.5 + 1 + 0) / 3)


def test_top_three_by_hand() -> None:
    assert top_accuracy(SCORES, TRUTHS, 1) == 0.5
    assert top_accuracy(SCORES, TRUTHS, 3) == 0.75


def test_calibration_error_by_hand() -> None:
    confidences = torch.tensor([0.95, 0.96, 0.51, 0.52])
    hits = torch.tensor([True, False, True, True])
    # last bin: |(0.95 + 0.96) / 2 - 0.5| = 0.455; the bin of 0.51 and 0.52: |0.515 - 1| = 0.485; half each
    assert math.isclose(expected_calibration_error(confidences, hits), 0.47, rel_tol=1e-5)


def test_confidence_of_one_falls_into_the_last_bin() -> None:
    assert expected_calibration_error(torch.tensor([1.0, 1.0]), torch.tensor([True, True])) == 0.0


def test_measure_collects_all_figures() -> None:
    figures = measure(SCORES, TRUTHS, Thresholds(abstain_below=0.45, sure_from=0.9))
    assert (figures.n, figures.accuracy, figures.top_3) == (4, 0.5, 0.75)
    assert (figures.coverage, figures.precision) == (0.5, 1.0)


def test_truth_that_the_model_does_not_know_is_a_miss() -> None:
    figures = measure(SCORES, ["a", "puce", "b", "d"], Thresholds(0.0, 1.01))
    assert (figures.accuracy, figures.coverage) == (0.75, 1.0)


def test_precision_is_absent_where_the_model_always_abstains() -> None:
    assert measure(SCORES, TRUTHS, Thresholds(1.01, 1.01)).precision is None


def test_model_abstains_on_what_is_not_familiar() -> None:
    is_familiar = torch.tensor([True, False, False, False])
    figures = measure(SCORES, TRUTHS, Thresholds(0.0, 1.01), is_familiar)
    assert (figures.coverage, figures.accuracy) == (0.25, 0.5)
