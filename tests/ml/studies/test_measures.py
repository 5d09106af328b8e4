import math

import numpy as np
import pytest
import torch
from torch import Tensor

from ml.metrics import CALIBRATION_BINS
from ml.studies.measures import MEASURES, RECALL_LEVELS, detail, measure, summed

TRUTHS = torch.tensor([0, 0, 0, 1])


def certain(chosen: list[int], classes: int = 2, confidence: float = 0.9) -> Tensor:
    rest = (1 - confidence) / (classes - 1)
    return torch.full((len(chosen), classes), rest).scatter_(1, torch.tensor(chosen)[:, None], confidence)


def test_figures_of_a_case_done_by_hand() -> None:
    figures = measure(certain([0, 0, 1, 1]), TRUTHS)
    assert list(figures) == list(MEASURES)
    assert figures["accuracy"] == figures["recall_weighted"] == 0.75
    assert figures["precision_macro"] == 0.75
    assert figures["recall_macro"] == pytest.approx((2 / 3 + 1) / 2, abs=1e-6)
    assert figures["f1_macro"] == pytest.approx((0.8 + 2 / 3) / 2, abs=1e-6)
    assert figures["f1_weighted"] == pytest.approx(0.75 * 0.8 + 0.25 * 2 / 3, abs=1e-6)
    assert figures["auc"] == pytest.approx(5 / 6, abs=1e-6)
    assert figures["loss"] == pytest.approx(-(3 * math.log(0.9) + math.log(0.1)) / 4, abs=1e-5)
    assert figures["calibration_error"] == pytest.approx(0.15, abs=1e-5)


def test_classes_that_do_not_occur_do_not_break_the_figures() -> None:
    figures = measure(certain([0, 0, 0, 1], classes=4), TRUTHS)
    assert (figures["accuracy"], figures["auc"]) == (1.0, 1.0)
    assert measure(certain([0, 0]), torch.tensor([0, 0]))["auc"] == 0.5


def test_detail_holds_what_the_plots_need() -> None:
    found = detail(certain([0, 0, 1, 1], classes=3), TRUTHS)
    assert found.confusion == [[2, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert len(found.reliability) == CALIBRATION_BINS
    assert [row for row in found.reliability if row[0]] == [(4, pytest.approx(0.9), 0.75)]
    assert [len(curve) for curve in found.precision] == [len(RECALL_LEVELS), len(RECALL_LEVELS), 0]
    assert found.precision[0][0] == 1.0
    assert found.precision[0][-1] == 0.75
    assert found.precision[1][-1] == 0.5


def test_confusions_of_several_runs_add_up() -> None:
    total = summed([{"confusion": [[1, 2], [0, 3]]}, {"confusion": [[1, 0], [4, 1]]}])
    assert np.array_equal(total, [[2, 2], [4, 4]])
