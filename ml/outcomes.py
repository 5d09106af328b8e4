"""What a model says of labelled pictures, field by field: the one basis of figures and comparisons."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from ml.calibration import Thresholds
from ml.embeddings import EmbeddingTable
from ml.fields import FIELDS
from ml.predictor import Predictor
from ml.scores import FieldScores


@dataclass(frozen=True)
class Outcome:
    """One field of the n pictures that have its label, n > 0.

    Names of pictures, true and chosen values; calibrated confidences float64 [n] in [0, 1]; whether the truth is
    among the first three values, bool [n]; whether the model does not abstain, bool [n].
    """

    names: Sequence[str]
    actual: Sequence[str]
    predicted: Sequence[str]
    confidences: NDArray[np.float64]
    in_top_3: NDArray[np.bool_]
    is_kept: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def hits(self) -> NDArray[np.bool_]:
        """bool [n]: values are compared by name, so what the model does not know is a miss."""
        return np.array([truth == guess for truth, guess in zip(self.actual, self.predicted, strict=True)])


def outcomes(predictor: Predictor, table: EmbeddingTable) -> dict[str, Outcome]:
    """Outcomes of every field that both the model and the table know; `table` comes from the model's trunk."""
    if not len(table):
        return {}
    found, familiar = {}, predictor.is_familiar(table.vectors).numpy()
    for field, scores in predictor.embedding_scores(table.vectors).items():
        rows = [row for row, labels in enumerate(table.labels) if field in labels]
        if rows:
            thresholds = predictor.card.calibration.thresholds[field]
            found[field] = _outcome(field, table, rows, scores, thresholds, familiar)
    return {field: found[field] for field in FIELDS if field in found}


def _outcome(
    field: str,
    table: EmbeddingTable,
    rows: Sequence[int],
    scores: FieldScores,
    thresholds: Thresholds,
    familiar: NDArray[np.bool_],
) -> Outcome:
    numbers = torch.tensor(rows)
    scores = FieldScores(scores.paths, scores.probabilities[numbers], scores.chosen[numbers])
    values = np.array([path[-1] for path in scores.paths])
    actual = [table.labels[row][field] for row in rows]
    confidences = scores.confidences.numpy().astype(np.float64).clip(0, 1)
    return Outcome(
        names=[table.names[row] for row in rows],
        actual=actual,
        predicted=values[scores.chosen.numpy()].tolist(),
        confidences=confidences,
        in_top_3=(values[scores.ranked(3).numpy()] == np.array(actual)[:, None]).any(1),
        is_kept=(confidences >= thresholds.abstain_below) & familiar[rows],
    )
