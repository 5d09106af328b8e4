"""Confidence that means something: a temperature per field, and the thresholds that follow from it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from ml.fields import CATEGORY_FIELDS, FIELDS
from ml.layouts import Example
from ml.scores import field_scores, is_correct, known_fields
from ml.vocabulary import Vocabulary

ALWAYS_ABSTAIN: Final = 1.01
MIN_SUPPORT: Final = 30
"""A threshold must leave at least this many calibration pictures above it (all, if there are fewer)."""

FULL_VOICE: Final = 100
"""From so many calibration pictures on a kind of picture weighs as much as any other."""

_LOG_TEMPERATURES: Final = (-1.5, 1.5)


BANDS: Final = ("sure", "check", "unsure")


def lower_band(band: str) -> str:
    """The next band below; there is none below `unsure`."""
    return BANDS[min(BANDS.index(band) + 1, len(BANDS) - 1)]


@dataclass(frozen=True)
class Thresholds:
    """Below `abstain_below` the app leaves the field empty; from `sure_from` on it calls the value sure."""

    abstain_below: float
    sure_from: float

    def band(self, confidence: float) -> str:
        """`sure`, `check` or `unsure`."""
        if confidence < self.abstain_below:
            return "unsure"
        return "sure" if confidence >= self.sure_from else "check"


@dataclass(frozen=True)
class Calibration:
    """Temperature and thresholds per field."""

    temperatures: Mapping[str, float]
    thresholds: Mapping[str, Thresholds]


NEUTRAL: Final = Calibration(
    dict.fromkeys(FIELDS, 1.0), dict.fromkeys(FIELDS, Thresholds(abstain_below=0.0, sure_from=ALWAYS_ABSTAIN))
)
"""For a model without calibration pictures: confidences as they come, nothing is ever sure."""


def calibrate(logits: Mapping[str, Tensor], examples: Sequence[Example], vocabulary: Vocabulary) -> Calibration:
    """Fit temperatures, then thresholds, on pictures that no training step has seen.

    logits float [N, classes] per label space. To a temperature every picture counts the same: a confidence is the
    share of all pictures that are right. To a threshold studio and other pictures weigh the same in a field where both
    have labels: a precision must hold for the fewer too.
    """
    temperatures, thresholds = dict(NEUTRAL.temperatures), dict(NEUTRAL.thresholds)
    for field in known_fields(vocabulary):
        rows = [row for row, example in enumerate(examples) if field in example.labels]
        if not rows:
            continue
        known = {space: values[rows] for space, values in logits.items()}
        labelled = [examples[row] for row in rows]
        truths = [example.labels[field] for example in labelled]
        weights = even_weights([example.domain for example in labelled])
        temperatures[field] = _fit_temperature(field, known, truths, vocabulary)
        scores = field_scores(known, vocabulary, temperatures, (field,))[field]
        hits = is_correct(scores, truths)
        thresholds[field] = field_thresholds(field, scores.confidences, hits, weights)
    return Calibration(temperatures, thresholds)


def even_weights(domains: Sequence[str]) -> Tensor:
    """float [N] that sum to 1, each domain's to the same, but less for one of fewer than `FULL_VOICE` pictures."""
    counts = {domain: domains.count(domain) for domain in set(domains)}
    voices = {domain: min(1.0, count / FULL_VOICE) for domain, count in counts.items()}
    if max(voices.values()) < 1:  # all are few: nobody is drowned
        voices = dict.fromkeys(counts, 1.0)
    total = sum(voices.values())
    return torch.tensor([voices[domain] / total / counts[domain] for domain in domains])


def field_thresholds(field: str, confidences: Tensor, hits: Tensor, weights: Tensor) -> Thresholds:
    """Precision 0.97 and 0.99 for the category levels, 0.90 and 0.95 for the other fields."""
    usual, sure = (0.97, 0.99) if field in CATEGORY_FIELDS else (0.90, 0.95)
    abstain_below = lowest_threshold(confidences, hits, weights, usual)
    return Thresholds(abstain_below, max(abstain_below, lowest_threshold(confidences, hits, weights, sure)))


def lowest_threshold(confidences: Tensor, hits: Tensor, weights: Tensor, precision: float) -> float:
    """The lowest threshold whose weighted precision (of all pictures at or above it) meets the target.

    It does so by one standard error: of all thresholds the luckiest is found, and on other pictures luck is gone.
    confidences float [N], hits bool [N], weights float [N]. 0 where no threshold is needed, 1.01 where none
    is enough.
    """
    order = confidences.argsort(descending=True)
    weights = weights[order]
    kept = weights.cumsum(0)
    reached = (weights * hits[order]).cumsum(0) / kept
    standard_errors = (precision * (1 - precision) * weights.square().cumsum(0)).sqrt() / kept
    ranks = torch.arange(1, len(order) + 1)
    meets = (reached - standard_errors >= precision - 1e-6) & (ranks >= min(MIN_SUPPORT, len(order)))
    if not meets.any():
        return ALWAYS_ABSTAIN
    last = int(meets.nonzero()[-1])
    return 0.0 if last == len(order) - 1 else float(confidences[order[last]])


def _fit_temperature(field: str, logits: Mapping[str, Tensor], truths: Sequence[str], vocabulary: Vocabulary) -> float:
    """The temperature under which confidences best tell whether the chosen values are right.

    The least binary cross-entropy of being right: what is shown is the confidence in one value. The likelihood of the
    true value, which is usual, leaves that too sure where the network spreads the rest over many values.
    """
    from scipy.optimize import minimize_scalar  # a third of a second, which workers and commands need not wait for

    def loss(log_temperature: float) -> float:
        temperatures = dict.fromkeys(FIELDS, math.exp(log_temperature))
        scores = field_scores(logits, vocabulary, temperatures, (field,))[field]
        confidences = scores.confidences.double().clamp(1e-6, 1 - 1e-6)
        return float(F.binary_cross_entropy(confidences, is_correct(scores, truths).double()))

    return math.exp(minimize_scalar(loss, bounds=_LOG_TEMPERATURES, method="bounded", options={"xatol": 0.003}).x)
