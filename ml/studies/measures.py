"""How good predictions are: scikit-learn's figures, and what the plots of one run are drawn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch.nn.functional as F
from numpy.typing import NDArray
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    precision_recall_curve,
    precision_recall_fscore_support,
    roc_auc_score,
)
from torch import Tensor

from ml.metrics import CALIBRATION_BINS, expected_calibration_error

MEASURES: Final[Mapping[str, str]] = {
    "accuracy": "accuracy",
    "precision_macro": "precision (macro)",
    "recall_macro": "recall (macro)",
    "f1_macro": "F1 (macro)",
    "precision_weighted": "precision (weighted)",
    "recall_weighted": "recall (weighted)",
    "f1_weighted": "F1 (weighted)",
    "auc": "AUC",
    "loss": "cross-entropy",
    "calibration_error": "calibration error",
}
"""Figures of a run and what people call them; AUC is one-vs-rest, the mean over the classes that occur."""

RECALL_LEVELS: Final = np.linspace(0, 1, 21)


@dataclass(frozen=True)
class Detail:
    """What the plots of one run on one side need.

    `confusion` int [K][K]: true class, predicted class. `reliability` per bin of confidence: how many pictures, their
    mean confidence and accuracy. `precision` [K][21]: the best precision of each class at recall 0, 0.05, … 1; empty
    for a class that does not occur.
    """

    confusion: Sequence[Sequence[int]]
    reliability: Sequence[tuple[int, float, float]]
    precision: Sequence[Sequence[float]]


def measure(probabilities: Tensor, truths: Tensor) -> dict[str, float]:
    """The figures that `MEASURES` names, of float [N, K] probabilities and int64 [N] class numbers, N > 0."""
    confidences, chosen = probabilities.max(1)
    hits = chosen == truths
    figures: dict[str, float] = {"accuracy": accuracy_score(truths, chosen)}
    for average in ("macro", "weighted"):
        shares = precision_recall_fscore_support(truths, chosen, average=average, zero_division=0)
        figures |= dict(zip([f"{name}_{average}" for name in ("precision", "recall", "f1")], shares, strict=False))
    figures["auc"] = _auc(probabilities, truths)
    figures["loss"] = float(F.nll_loss(probabilities.clamp(min=1e-12).log(), truths))
    figures["calibration_error"] = expected_calibration_error(confidences, hits)
    return {name: round(float(figures[name]), 6) for name in MEASURES}


def detail(probabilities: Tensor, truths: Tensor) -> Detail:
    """What can be drawn of the same; see `Detail`."""
    confidences, chosen = probabilities.max(1)
    numbers = range(probabilities.shape[1])
    return Detail(
        confusion=confusion_matrix(truths, chosen, labels=list(numbers)).tolist(),
        reliability=_reliability(confidences, chosen == truths),
        precision=[_precision(truths == number, probabilities[:, number]) for number in numbers],
    )


def summed(details: Sequence[Mapping[str, Any]]) -> NDArray[np.int64]:
    """The confusion matrices of several runs in one, int64 [K, K]."""
    total: NDArray[np.int64] = np.sum([detail["confusion"] for detail in details], axis=0, dtype=np.int64)
    return total


def _auc(probabilities: Tensor, truths: Tensor) -> float:
    """NaN is no JSON: where only one class occurs, the chance level."""
    one_vs_rest = [(truths == number, probabilities[:, number]) for number in sorted(set(truths.tolist()))]
    areas = [roc_auc_score(*pair) for pair in one_vs_rest if not pair[0].all()]
    return float(np.mean(areas)) if areas else 0.5


def _reliability(confidences: Tensor, hits: Tensor) -> list[tuple[int, float, float]]:
    places = (confidences * CALIBRATION_BINS).long().clamp(0, CALIBRATION_BINS - 1)
    rows = []
    for number in range(CALIBRATION_BINS):
        inside = places == number
        count = int(inside.sum())
        confidence, accuracy = (
            float(values[inside].float().mean()) if count else 0.0 for values in (confidences, hits)
        )
        rows.append((count, round(confidence, 5), round(accuracy, 5)))
    return rows


def _precision(is_class: Tensor, scores: Tensor) -> list[float]:
    if not is_class.any():
        return []
    precision, recall, _ = precision_recall_curve(is_class, scores)
    return [round(float(precision[recall >= level].max()), 4) for level in RECALL_LEVELS]
