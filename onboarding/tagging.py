"""The bridge to `ml`: the only door besides the training commands, and never through the web process.

Everything of `ml` is imported inside functions, so that importing this module loads no torch.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onboarding.errors import ArtifactDamaged
from onboarding.models import ModelVersion

if TYPE_CHECKING:
    from ml.predictor import FieldPrediction, Predictor

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ArtifactIdentity:
    """What an artifact says about itself; `sha256` covers card and weights."""

    sha256: str
    name: str
    card: dict[str, Any]


@dataclass(frozen=True)
class Guess:
    """One output of the network for one photo. Values are paths of vocabulary keys; confidence is 0 to 1."""

    field: str
    path: tuple[str, ...]
    confidence: float
    band: str
    alternatives: tuple[tuple[tuple[str, ...], float], ...]


@dataclass(frozen=True)
class Unreadable:
    """The photo's stored file is no picture."""

    why: str


Outcome = dict[str, Guess] | Unreadable


def read_identity(folder: Path) -> ArtifactIdentity:
    """Verifies an artifact and reads its card. Raises `ArtifactDamaged` with one sentence."""
    predictor = _load(folder, None)
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    return ArtifactIdentity(predictor.sha256, predictor.name, card)


def _load(folder: Path, expected_sha256: str | None) -> Predictor:
    from ml.errors import ArtifactError
    from ml.predictor import Predictor

    try:
        return Predictor.load(folder, expected_sha256=expected_sha256)
    except ArtifactError as error:
        raise ArtifactDamaged(str(error)) from error


class Tagger:
    """A loaded model version."""

    def __init__(self, version: ModelVersion, predictor: Predictor) -> None:
        self.version = version
        self._predictor = predictor

    @classmethod
    def load(cls, version: ModelVersion, folder: Path) -> Tagger:
        """Raises `ArtifactDamaged`, also when the folder holds another artifact than the version says."""
        try:
            return cls(version, _load(folder, version.sha256))
        except ArtifactDamaged as error:
            raise ArtifactDamaged(f"Model {version.name} cannot be used. {error}") from error

    @property
    def device(self) -> str:
        return str(self._predictor.device)

    def works(self) -> bool:
        """Whether a plain picture can be tagged."""
        from PIL import Image

        try:
            self._predictor.predict([Image.new("RGB", (64, 64), "grey")])
        except Exception:
            logger.exception("model %s fails on a plain picture", self.version.name)
            return False
        return True

    def tag(self, files: Sequence[bytes]) -> list[Outcome]:
        """Tags encoded pictures in one forward pass; outcomes in the order of `files`."""
        from ml.errors import UnreadablePicture
        from ml.pictures import open_picture

        outcomes: list[Outcome] = []
        pictures = []
        for content in files:
            try:
                pictures.append(open_picture(content))
                outcomes.append({})
            except UnreadablePicture as error:
                outcomes.append(Unreadable(error.reason))
        predicted = iter(self._predictor.predict(pictures) if pictures else ())
        return [each if isinstance(each, Unreadable) else _guesses(next(predicted).values()) for each in outcomes]


def _guesses(predictions: Iterable[FieldPrediction]) -> dict[str, Guess]:
    return {
        each.field: Guess(
            field=each.field,
            path=each.path,
            confidence=min(1.0, max(0.0, each.confidence)),
            band=each.band,
            alternatives=tuple((other.path, round(other.confidence, 5)) for other in each.alternatives),
        )
        for each in predictions
    }
