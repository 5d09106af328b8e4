"""Figures per field. Values are compared by name; what the model does not know counts as a miss."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from sklearn.metrics import f1_score
from torch import Tensor

from ml.calibration import Thresholds
from ml.scores import FieldScores, is_correct

CALIBRATION_BINS = 15


@dataclass(frozen=True)
class FieldMetrics:
    """Figures of one field over the `n` pictures that have its label; shares are in [0, 1].

    `coverage`: share that the model does not abstain on; `precision`: accuracy there (None where it always
    abstains).
    """

    n: int
    accuracy: float
    top_3: float
    macro_f1: float
    expected_calibration_error: float
    coverage: float
    precision: float | None


def measure(
    scores: FieldScores, truths: Sequence[str], thresholds: Thresholds, is_familiar: Tensor | None = None
) -> FieldMetrics:
    """All figures of one field; `truths` are the true names of the N pictures in `scores`, N > 0.

    The model abstains where `is_familiar` bool [N] does not hold (None: it holds everywhere).
    """
    hits, confidences = is_correct(scores, truths), scores.confidences
    kept = confidences >= thresholds.abstain_below
    if is_familiar is not None:
        kept = kept & is_familiar
    predicted = [scores.paths[number][-1] for number in scores.chosen.tolist()]
    return FieldMetrics(
        n=len(truths),
        accuracy=float(hits.float().mean()),
        top_3=top_accuracy(scores, truths, 3),
        macro_f1=macro_f1(truths, predicted),
        expected_calibration_error=expected_calibration_error(confidences, hits),
        coverage=float(kept.float().mean()),
        precision=float(hits[kept].float().mean()) if kept.any() else None,
    )


def top_accuracy(scores: FieldScores, truths: Sequence[str], count: int) -> float:
    """Share of pictures whose true name is among the first `count` values."""
    pairs = zip(scores.ranked(count).tolist(), truths, strict=True)
    hits = [any(scores.paths[number][-1] == truth for number in numbers) for numbers, truth in pairs]
    return sum(hits) / len(hits)


def macro_f1(truths: Sequence[str], predicted: Sequence[str]) -> float:
    """scikit-learn's: the mean F1 over every value that occurs among truths or predictions."""
    return float(f1_score(truths, predicted, average="macro", zero_division=0))


def expected_calibration_error(confidences: Tensor, hits: Tensor, bins: int = CALIBRATION_BINS) -> float:
    """Mean |accuracy - mean confidence| over equal-width bins of confidence, weighted by their counts.

    confidences float [N] in [0, 1], hits bool [N]; bin k holds k/15 <= confidence < (k+1)/15, 1.0 the last.
    """
    places = (confidences * bins).long().clamp(0, bins - 1)
    gaps = torch.zeros(bins, dtype=torch.float64).index_add_(0, places, confidences.double() - hits.double())
    return float(gaps.abs().sum() / len(confidences))
