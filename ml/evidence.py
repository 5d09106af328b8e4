"""The evidence for a model: figures per set of pictures and field, each with a 95 % interval, and every error.

Counted by scikit-learn, or by counts that equal its (a test compares them). Shares come with Wilson intervals;
macro-F1 and calibration error, which are no shares, with percentile intervals of a bootstrap over pictures.
"""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_fscore_support

from ml.embeddings import EmbeddingTable
from ml.metrics import CALIBRATION_BINS, expected_calibration_error, macro_f1
from ml.outcomes import Outcome, outcomes
from ml.predictor import Predictor
from ml.splits import REPORT

FORMAT: Final = 1
RESAMPLES: Final = 1000
RESAMPLES_AT_ONCE: Final = 50
SEED: Final = 1
Z: Final = 1.959964
"""Quantile of the normal distribution for two-sided 95 %."""

Figures = dict[str, Any]


def evidence(predictor: Predictor, table: EmbeddingTable) -> dict[str, Any]:
    """The content of `evidence.json`: figures of each domain in the table."""
    domains = list(dict.fromkeys(table.domains))
    sets = {domain: figures(outcomes(predictor, table.of_domain(domain))) for domain in domains}
    return {"format": FORMAT, "sets": sets}


def as_bytes(content: Mapping[str, Any]) -> bytes:
    """Compact JSON, the same bytes for the same figures."""
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


def figures(by_field: Mapping[str, Outcome]) -> Figures:
    """Figures of every field; shares are in [0, 1]."""
    return {field: field_figures(outcome) for field, outcome in by_field.items()}


def metrics(sets: Mapping[str, Figures]) -> dict[str, Any]:
    """The figures of the report side that stand in the card, by domain: shares alone, without their evidence."""
    keys = {"calibration_error": "expected_calibration_error"}
    wanted = ("n", "accuracy", "top_3", "macro_f1", "calibration_error", "coverage", "precision")
    return {
        f"{domain} {REPORT}": {
            output: {keys.get(key, key): values[key] for key in wanted} for output, values in by_field.items()
        }
        for domain, by_field in sets.items()
    }


def field_figures(outcome: Outcome) -> dict[str, Any]:
    """All figures of one field.

    `precision` is the accuracy where the model does not abstain (null where it always does), a value's own precision
    is null where it was never predicted. `cells` are confusions, most frequent first, then the diagonal.
    """
    hits, kept = outcome.hits, outcome.is_kept
    f1_interval, error_interval = bootstrap(outcome)
    error = expected_calibration_error(torch.from_numpy(outcome.confidences), torch.from_numpy(hits))
    return {
        "n": len(outcome),
        "accuracy": _rounded(hits.mean()),
        "accuracy_interval": wilson(int(hits.sum()), len(outcome)),
        "top_3": _rounded(outcome.in_top_3.mean()),
        "macro_f1": _rounded(macro_f1(outcome.actual, outcome.predicted)),
        "macro_f1_interval": f1_interval,
        "calibration_error": _rounded(error),
        "calibration_error_interval": error_interval,
        "coverage": _rounded(kept.mean()),
        "precision": _rounded(hits[kept].mean()) if kept.any() else None,
        "bins": _bins(outcome),
        "values": _values(outcome),
        "cells": _cells(outcome),
        "errors": _errors(outcome),
    }


def wilson(hits: int, n: int) -> list[float]:
    """The 95 % Wilson score interval of the share hits / n, n > 0."""
    share, spread = hits / n, Z**2 / n
    centre = (share + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * np.sqrt(share * (1 - share) / n + spread / (4 * n))
    return [_rounded(max(0.0, centre - half)), _rounded(min(1.0, centre + half))]


def bootstrap(outcome: Outcome, resamples: int = RESAMPLES) -> tuple[list[float], list[float]]:
    """95 % percentile intervals of macro-F1 and calibration error, over `resamples` drawings of n pictures."""
    random, n = np.random.default_rng(SEED), len(outcome)
    confusions = _Confusions(outcome)
    gaps, places = outcome.confidences - outcome.hits, _places(outcome)
    f1_scores, errors = [], []
    for _ in range(0, resamples, RESAMPLES_AT_ONCE):
        rows = random.integers(0, n, (RESAMPLES_AT_ONCE, n), dtype=np.int32)
        f1_scores.append(confusions.macro_f1(rows))
        sums = _sums_per_row(places[rows], CALIBRATION_BINS, gaps[rows])
        errors.append(np.abs(sums).sum(1) / n)
    return _interval(np.concatenate(f1_scores)), _interval(np.concatenate(errors))


class _Confusions:
    """The distinct (actual, predicted) pairs, so that a resample is a vector of their counts."""

    def __init__(self, outcome: Outcome) -> None:
        pairs = np.array([outcome.actual, outcome.predicted])
        values, codes = np.unique(pairs, return_inverse=True)
        cells, self._cell_of_row = np.unique(codes.reshape(2, -1), axis=1, return_inverse=True)
        one_hot = np.eye(len(values), dtype=np.float32)
        self._actual, self._predicted = one_hot[cells[0]], one_hot[cells[1]]

    def macro_f1(self, rows: NDArray[np.int32]) -> NDArray[np.float64]:
        """Rows of pictures [B, n] -> scikit-learn's macro-F1 of each resample [B]."""
        cells = self._cell_of_row.reshape(-1)[rows]
        counts = _sums_per_row(cells, len(self._actual)).astype(np.float32)
        right = counts @ (self._actual * self._predicted)
        support = counts @ self._actual + counts @ self._predicted
        scores = np.divide(2 * right, support, out=np.zeros_like(right), where=support > 0)
        averages: NDArray[np.float64] = scores.sum(1, dtype=np.float64) / (support > 0).sum(1)
        return averages


def _sums_per_row(
    places: NDArray[np.int64], count: int, weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """For each row of `places` [B, n]: how often (or with what total weight) each of `count` places occurs."""
    shifted = places + count * np.arange(len(places))[:, None]
    flat = None if weights is None else weights.ravel()
    sums = np.bincount(shifted.ravel(), flat, minlength=count * len(places)).reshape(len(places), count)
    return sums.astype(np.float64, copy=False)


def _interval(values: NDArray[np.float64]) -> list[float]:
    low, high = np.percentile(values, (2.5, 97.5))
    return [_rounded(low), _rounded(high)]


def _places(outcome: Outcome) -> NDArray[np.int64]:
    """The calibration bin of every picture."""
    return (outcome.confidences * CALIBRATION_BINS).astype(np.int64).clip(0, CALIBRATION_BINS - 1)


def _bins(outcome: Outcome) -> list[dict[str, Any]]:
    places = _places(outcome)
    return [
        {
            "from": _rounded(place / CALIBRATION_BINS),
            "to": _rounded((place + 1) / CALIBRATION_BINS),
            "n": int((places == place).sum()),
            "confidence": _rounded(outcome.confidences[places == place].mean()),
            "accuracy": _rounded(outcome.hits[places == place].mean()),
            "interval": wilson(int(outcome.hits[places == place].sum()), int((places == place).sum())),
        }
        for place in np.unique(places).tolist()
    ]


def _values(outcome: Outcome) -> list[dict[str, Any]]:
    """Figures of every value that occurs among the truths."""
    names = sorted(set(outcome.actual))
    columns = precision_recall_fscore_support(outcome.actual, outcome.predicted, labels=names, zero_division=0)
    predicted = set(outcome.predicted)
    rows = [
        {
            "value": name,
            "n": int(n),
            "precision": _rounded(precision) if name in predicted else None,
            "recall": _rounded(recall),
            "f1": _rounded(f1),
        }
        for name, precision, recall, f1, n in zip(names, *columns, strict=True)
    ]
    return sorted(rows, key=lambda row: -row["n"])


def _cells(outcome: Outcome) -> list[list[Any]]:
    counts = Counter(zip(outcome.actual, outcome.predicted, strict=True))
    order = sorted(counts.items(), key=lambda item: (item[0][0] == item[0][1], -item[1], item[0]))
    return [[actual, predicted, n] for (actual, predicted), n in order]


def _errors(outcome: Outcome) -> list[list[Any]]:
    rows = np.flatnonzero(~outcome.hits)
    order = rows[np.argsort(-outcome.confidences[rows], kind="stable")]
    return [
        [outcome.names[row], outcome.actual[row], outcome.predicted[row], round(float(outcome.confidences[row]), 4)]
        for row in order.tolist()
    ]


def _rounded(value: float | np.floating[Any]) -> float:
    return round(float(value), 5)
