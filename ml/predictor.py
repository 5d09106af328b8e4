"""Pictures in, calibrated values out: what the tagging worker and the commands call."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from ml.artifact import Artifact, Card, display_name, load
from ml.calibration import Thresholds
from ml.inference import BATCH_SIZE, classify, embed
from ml.network import Network, choose_device
from ml.preprocessing import Preprocessing
from ml.scores import FieldScores, field_scores

ALTERNATIVES = 4


@dataclass(frozen=True)
class Alternative:
    """A runner-up."""

    value: str
    path: tuple[str, ...]
    confidence: float


@dataclass(frozen=True)
class FieldPrediction:
    """The best value of one field, its calibrated confidence in [0, 1], and up to four runners-up.

    `path` leads from the master category down to the value (a 1-tuple for the other fields). `band` is
    `sure`, `check` or `unsure`; with `abstain` the app leaves the field empty.
    """

    field: str
    value: str
    path: tuple[str, ...]
    confidence: float
    band: str
    abstain: bool
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True)
class Reading:
    """What one forward pass says of N pictures: predictions per field, and embeddings float32 [N, D] on the CPU."""

    predictions: list[dict[str, FieldPrediction]]
    embeddings: Tensor


class Predictor:
    """A loaded artifact on a device."""

    def __init__(self, artifact: Artifact, device: torch.device) -> None:
        self.card: Card = artifact.card
        self.sha256: str = artifact.sha256
        self.trunk_sha256: str = artifact.trunk_sha256
        self.name: str = display_name(artifact.card, artifact.sha256)
        self.device: torch.device = device
        self._network: Network = artifact.network.to(device)

    @classmethod
    def load(cls, path: Path, device: str | None = None, expected_sha256: str | None = None) -> "Predictor":
        """Verify and load an artifact onto the named device (default: the GPU when there is one)."""
        return cls(load(path, expected_sha256), choose_device(device))

    @property
    def preprocessing(self) -> Preprocessing:
        return self.card.preprocessing

    def predict(self, pictures: Sequence[Image.Image]) -> list[dict[str, FieldPrediction]]:
        """One dictionary of field predictions per picture (upright sRGB), from one forward pass."""
        return self.read(pictures).predictions

    def read(self, pictures: Sequence[Image.Image]) -> Reading:
        """Predictions and embeddings of pictures (upright sRGB), from one forward pass."""
        embeddings = self.embed_pictures(pictures)
        return Reading(self.predict_embeddings(embeddings), embeddings)

    def embed_pictures(self, pictures: Sequence[Image.Image]) -> Tensor:
        """Pictures (upright sRGB) -> float32 [N, D] on the CPU, from one forward pass."""
        canvases = [torch.from_numpy(self.preprocessing.canvas(picture)) for picture in pictures]
        height, width = self.preprocessing.height, self.preprocessing.width
        table = torch.stack(canvases) if canvases else torch.empty((0, height, width, 3), dtype=torch.uint8)
        return self.embed_canvases(table, batch_size=max(1, len(table)))

    def embed_canvases(self, canvases: Tensor, batch_size: int = BATCH_SIZE) -> Tensor:
        """Preprocessed pictures, uint8 [N, H, W, 3] -> float32 [N, D] on the CPU."""
        return embed(self._network, canvases, self.preprocessing, batch_size)

    def predict_canvases(self, canvases: Tensor) -> list[dict[str, FieldPrediction]]:
        """Predictions for preprocessed pictures, uint8 [N, H, W, 3], from one forward pass."""
        return self.predict_embeddings(self.embed_canvases(canvases, batch_size=len(canvases)))

    def predict_embeddings(self, embeddings: Tensor) -> list[dict[str, FieldPrediction]]:
        """Predictions for embeddings float32 [N, D] made by this trunk."""
        if not len(embeddings):
            return []
        scores = self.embedding_scores(embeddings)
        columns = {field: self._field_predictions(field, values) for field, values in scores.items()}
        return [{field: column[row] for field, column in columns.items()} for row in range(len(embeddings))]

    def scores(self, canvases: Tensor, batch_size: int = BATCH_SIZE) -> dict[str, FieldScores]:
        """Calibrated scores of preprocessed pictures, uint8 [N, H, W, 3], N > 0, per field."""
        return self.embedding_scores(self.embed_canvases(canvases, batch_size))

    def embedding_scores(self, embeddings: Tensor) -> dict[str, FieldScores]:
        """Calibrated scores of embeddings float32 [N, D], N > 0, per field."""
        logits = classify(self._network, embeddings)
        return field_scores(logits, self.card.vocabulary, self.card.calibration.temperatures)

    def _field_predictions(self, field: str, scores: FieldScores) -> list[FieldPrediction]:
        thresholds = self.card.calibration.thresholds[field]
        ranked = scores.ranked(1 + ALTERNATIVES)
        confidences = scores.probabilities.gather(1, ranked).tolist()
        rows = zip(ranked.tolist(), confidences, strict=True)
        return [_prediction(field, scores.paths, numbers, values, thresholds) for numbers, values in rows]


def _prediction(
    field: str,
    paths: Sequence[tuple[str, ...]],
    numbers: list[int],
    confidences: list[float],
    thresholds: Thresholds,
) -> FieldPrediction:
    best, *others = (
        Alternative(paths[number][-1], paths[number], min(1.0, confidence))
        for number, confidence in zip(numbers, confidences, strict=True)
    )
    band = thresholds.band(best.confidence)
    return FieldPrediction(field, best.value, best.path, best.confidence, band, band == "unsure", tuple(others))
