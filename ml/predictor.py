"""Pictures in, calibrated values out: what the tagging worker and the commands call."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from ml.artifact import Artifact, Card, display_name, load
from ml.calibration import ALWAYS_ABSTAIN, Thresholds, lower_band
from ml.colour_check import shipped_reference
from ml.engines import EngineName, choose_engine
from ml.errors import UnreadablePicture
from ml.inference import classify
from ml.network import Network, choose_device
from ml.parallel import one_thread, ordered_map
from ml.pictures import fingerprint, open_picture
from ml.preprocessing import Preprocessing
from ml.scores import FieldScores, field_scores

ALTERNATIVES = 4
COLOUR = "colour"
NEVER = Thresholds(ALWAYS_ABSTAIN, ALWAYS_ABSTAIN)
"""What no confidence meets."""


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
    `sure`, `check` or `unsure`; with `abstain` the app leaves the field empty. A picture that does not look like a
    product is unsure in every field, whatever the confidence: that is how often the value is right on products.
    A colour that the picture's own pixels contradict is one band lower; value and confidence stay the network's.
    """

    field: str
    value: str
    path: tuple[str, ...]
    confidence: float
    band: str
    abstain: bool
    alternatives: tuple[Alternative, ...]
    contradicted: bool = False

    def once_contradicted(self) -> "FieldPrediction":
        band = lower_band(self.band)
        return replace(self, band=band, abstain=band == "unsure", contradicted=True)


@dataclass(frozen=True)
class Reading:
    """What one forward pass says of N pictures: predictions per field, and embeddings float32 [N, D] on the CPU."""

    predictions: list[dict[str, FieldPrediction]]
    embeddings: Tensor


@dataclass(frozen=True)
class Seen:
    """What one file shows: the fingerprint of its pixels, its predictions, and its embedding float32 [D]."""

    fingerprint: str
    fields: dict[str, FieldPrediction]
    embedding: Tensor


@dataclass(frozen=True)
class Opened:
    """A file before the network has seen it; `canvas` is uint8 [H, W, 3]."""

    fingerprint: str
    canvas: Tensor


class Predictor:
    """A loaded artifact on a device.

    `engine` names what computes the trunk, `cache` is a folder where a file for it may be kept: see `choose_engine`.
    """

    def __init__(
        self,
        artifact: Artifact,
        device: torch.device,
        engine: EngineName = "auto",
        cache: Path | None = None,
    ) -> None:
        self.card: Card = artifact.card
        self.sha256: str = artifact.sha256
        self.trunk_sha256: str = artifact.trunk_sha256
        self.name: str = display_name(artifact.card, artifact.sha256)
        self.device: torch.device = device
        self._network: Network = artifact.network.to(device)
        file = cache / f"trunk-{self.trunk_sha256}.onnx" if cache else None
        self._engine = choose_engine(self._network, self.preprocessing, file, engine)

    @classmethod
    def load(
        cls,
        path: Path,
        device: str | None = None,
        expected_sha256: str | None = None,
        engine: EngineName = "auto",
        cache: Path | None = None,
    ) -> "Predictor":
        """Verify and load an artifact onto the named device (default: the GPU when there is one)."""
        return cls(load(path, expected_sha256), choose_device(device), engine, cache)

    @property
    def preprocessing(self) -> Preprocessing:
        return self.card.preprocessing

    def predict(self, pictures: Sequence[Image.Image]) -> list[dict[str, FieldPrediction]]:
        """One dictionary of field predictions per picture (upright sRGB), from one forward pass."""
        return self.read(pictures).predictions

    def read(self, pictures: Sequence[Image.Image]) -> Reading:
        """Predictions and embeddings of pictures (upright sRGB)."""
        canvases = [self._canvas(picture) for picture in pictures]
        embeddings = self._embed(canvases)
        return Reading(checked(self.predict_embeddings(embeddings), canvases), embeddings)

    def read_files(self, files: Sequence[Path | bytes]) -> list[Seen | UnreadablePicture]:
        """What each file shows, or why it cannot be read; threads decode while the network runs."""
        opened: list[Opened | UnreadablePicture] = []

        def canvases() -> Iterator[Tensor]:
            for each in ordered_map(self.open, files):
                opened.append(each)
                if isinstance(each, Opened):
                    yield each.canvas

        embeddings = self._embed(canvases())
        kept = [each.canvas for each in opened if isinstance(each, Opened)]
        seen = zip(checked(self.predict_embeddings(embeddings), kept), embeddings, strict=True)
        return [Seen(each.fingerprint, *next(seen)) if isinstance(each, Opened) else each for each in opened]

    def open(self, file: Path | bytes) -> Opened | UnreadablePicture:
        """What the network needs of one file, or why it cannot be read."""
        try:
            picture = open_picture(file)
        except UnreadablePicture as error:
            return error
        return Opened(fingerprint(picture), self._canvas(picture))

    def _canvas(self, picture: Image.Image) -> Tensor:
        return torch.from_numpy(self.preprocessing.canvas(picture))

    def embed_pictures(self, pictures: Sequence[Image.Image]) -> Tensor:
        """Pictures (upright sRGB) -> float32 [N, D] on the CPU."""
        return self._embed(self._canvas(picture) for picture in pictures)

    def embed_canvases(self, canvases: Tensor) -> Tensor:
        """Preprocessed pictures, uint8 [N, H, W, 3] -> float32 [N, D] on the CPU."""
        return self._embed(canvases)

    def _embed(self, canvases: Iterable[Tensor]) -> Tensor:
        """From uint8 [H, W, 3] each; what comes next may still be on its way while some are computed."""
        remaining = iter(canvases)
        parts = [torch.empty(0, self._network.feature_count)]
        while rows := list(islice(remaining, self._engine.rows_at_once)):
            parts.append(self._engine(torch.stack(rows)))
        return torch.cat(parts)

    def predict_canvases(self, canvases: Tensor) -> list[dict[str, FieldPrediction]]:
        """Predictions for preprocessed pictures, uint8 [N, H, W, 3]."""
        return checked(self.predict_embeddings(self.embed_canvases(canvases)), list(canvases))

    def predict_embeddings(self, embeddings: Tensor) -> list[dict[str, FieldPrediction]]:
        """Predictions for embeddings float32 [N, D] made by this trunk; without pixels no colour is contradicted."""
        if not len(embeddings):
            return []
        with one_thread():
            scores = self.embedding_scores(embeddings)
        familiar = self.is_familiar(embeddings).tolist()
        columns = {field: self._field_predictions(field, values, familiar) for field, values in scores.items()}
        return [{field: column[row] for field, column in columns.items()} for row in range(len(embeddings))]

    def scores(self, canvases: Tensor) -> dict[str, FieldScores]:
        """Calibrated scores of preprocessed pictures, uint8 [N, H, W, 3], N > 0, per field."""
        return self.embedding_scores(self.embed_canvases(canvases))

    def embedding_scores(self, embeddings: Tensor) -> dict[str, FieldScores]:
        """Calibrated scores of embeddings float32 [N, D], N > 0, per field."""
        logits = classify(self._network, embeddings)
        return field_scores(logits, self.card.vocabulary, self.card.calibration.temperatures)

    def is_familiar(self, embeddings: Tensor) -> Tensor:
        """bool [N]: whether embeddings float32 [N, D] look like products; all do where the card cannot tell."""
        familiarity = self.card.familiarity
        return familiarity.holds(embeddings) if familiarity else torch.ones(len(embeddings), dtype=torch.bool)

    def _field_predictions(self, field: str, scores: FieldScores, familiar: list[bool]) -> list[FieldPrediction]:
        thresholds = self.card.calibration.thresholds[field]
        ranked = scores.ranked(1 + ALTERNATIVES)
        confidences = scores.probabilities.gather(1, ranked).tolist()
        rows = zip(ranked.tolist(), confidences, familiar, strict=True)
        return [
            _prediction(field, scores.paths, numbers, values, thresholds if is_familiar else NEVER)
            for numbers, values, is_familiar in rows
        ]


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


def checked(
    predictions: list[dict[str, FieldPrediction]], canvases: Sequence[Tensor]
) -> list[dict[str, FieldPrediction]]:
    """The same, with every colour that its picture contradicts a band lower; canvases uint8 [H, W, 3]."""
    rows = [row for row, fields in enumerate(predictions) if COLOUR in fields]
    if not rows:
        return predictions
    with one_thread():
        answers = shipped_reference().contradicts(
            [predictions[row][COLOUR].value for row in rows], torch.stack([canvases[row] for row in rows])
        )
    checked = list(predictions)
    for row, is_contradicted in zip(rows, answers, strict=True):
        if is_contradicted:
            checked[row] = {**predictions[row], COLOUR: predictions[row][COLOUR].once_contradicted()}
    return checked
