"""The bridge to `ml`, for tagging and for retraining: the only door, and never through the web process.

Everything of `ml` is imported inside functions, so that importing this module loads no torch.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from onboarding.errors import ArtifactDamaged, NetworkNotInstalled, TrainingFailed
from onboarding.lessons import Answer, Embedding, HeldOut, Learned, Lesson
from onboarding.models import ModelVersion

if TYPE_CHECKING:
    from ml.comparison import Comparison
    from ml.embeddings import EmbeddingTable
    from ml.likeness import LikenessSpace
    from ml.predictor import FieldPrediction, Predictor, Seen
    from ml.retrain import HeldOut as MeasuredHeldOut

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
    contradicted: bool = False
    """The photo's own pixels speak for another value; the band is lower for it."""


@dataclass(frozen=True)
class Unreadable:
    """The photo's stored file is no picture."""

    why: str


@dataclass(frozen=True)
class Tagged:
    """What the network says of one photo, by output, and what its trunk saw."""

    guesses: dict[str, Guess]
    embedding: Embedding


Outcome = Tagged | Unreadable


def require_network() -> None:
    """Raises `NetworkNotInstalled` where PyTorch is missing, as in the web server's image."""
    if find_spec("torch") is None:
        raise NetworkNotInstalled


def read_identity(folder: Path) -> ArtifactIdentity:
    """Verifies an artifact and reads its card. Raises `ArtifactDamaged` with one sentence."""
    predictor = _load(folder, None)
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    return ArtifactIdentity(predictor.sha256, predictor.name, card)


def _load(folder: Path, expected_sha256: str | None, **engine: Any) -> Predictor:
    require_network()
    from ml.errors import ArtifactError
    from ml.predictor import Predictor

    try:
        return Predictor.load(folder, expected_sha256=expected_sha256, **engine)
    except ArtifactError as error:
        raise ArtifactDamaged(str(error)) from error


class Tagger:
    """A loaded model version."""

    def __init__(self, version: ModelVersion, predictor: Predictor) -> None:
        self.version = version
        self.likeness: Likeness | None = None
        self._predictor = predictor

    @classmethod
    def load(cls, version: ModelVersion, folder: Path) -> Tagger:
        """Raises `ArtifactDamaged`, also when the folder holds another artifact than the version says.

        Beside the folder a file for a faster engine may be kept, for all versions of this trunk.
        """
        try:
            return cls(version, _load(folder, version.sha256, engine=settings.TAGGING_ENGINE, cache=folder.parent))
        except ArtifactDamaged as error:
            raise ArtifactDamaged(f"Model {version.name} cannot be used. {error}") from error

    @property
    def device(self) -> str:
        return str(self._predictor.device)

    @property
    def trunk_hash(self) -> str:
        return self._predictor.trunk_sha256

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
        """Tags encoded pictures together; outcomes in the order of `files`."""
        from ml.errors import UnreadablePicture

        return [
            Unreadable(each.reason) if isinstance(each, UnreadablePicture) else self._tagged(each)
            for each in self._predictor.read_files(files)
        ]

    def _tagged(self, seen: Seen) -> Tagged:
        vector = seen.embedding.numpy().astype("<f2").tobytes()
        return Tagged(_guesses(seen.fields.values()), Embedding(self.trunk_hash, seen.fingerprint, vector))


class Likeness:
    """Tells from stored vectors which photos may show one item."""

    def __init__(self, folder: Path) -> None:
        """Read from a whole artifact; one without embeddings finds nothing. Raises `ArtifactDamaged`."""
        from ml.artifact import EMBEDDINGS_FILE
        from ml.errors import ArtifactError
        from ml.likeness import LikenessSpace

        self._space: LikenessSpace | None = None
        if (folder / EMBEDDINGS_FILE).exists():
            try:
                self._space = LikenessSpace.of_artifact(folder)
            except ArtifactError as error:
                raise ArtifactDamaged(str(error)) from error

    def same_items(self, photos: Sequence[bytes], others: Sequence[bytes]) -> list[list[int]]:
        """For each photo's vector the places of the others that may be of its item, likest first."""
        from ml.embeddings import vectors_of

        if self._space is None or not photos:
            return [[] for _ in photos]
        return self._space.same_items(vectors_of(photos), vectors_of(others))


def _guesses(predictions: Iterable[FieldPrediction]) -> dict[str, Guess]:
    return {
        each.field: Guess(
            field=each.field,
            path=each.path,
            confidence=min(1.0, max(0.0, each.confidence)),
            band=each.band,
            alternatives=tuple((other.path, round(other.confidence, 5)) for other in each.alternatives),
            contradicted=each.contradicted,
        )
        for each in predictions
    }


def side_of(embedding: Embedding) -> str:
    """Where a photo belongs, by its decoded pixels, so that identical pictures share it: see `Lesson`."""
    from ml.splits import TRAIN, TUNE, side_of

    side = side_of(f"picture:{embedding.fingerprint}")
    return TRAIN if side == TUNE else side


def learn(
    *,
    artifact: Path,
    lessons: Sequence[Lesson],
    folders: Sequence[Path],
    pictures: Path | None,
    out: Path,
    snapshot: Mapping[str, Any],
    say: Callable[[str], None],
) -> Learned:
    """Makes a candidate artifact in `out` from the one in `artifact`. Raises `TrainingFailed` with one sentence.

    With `pictures`, a folder that holds `<photo id>.jpg` for every lesson, the whole network learns; else its heads.
    """
    from ml.errors import MlError
    from ml.gear import FullGear, RetrainJob
    from ml.retrain import retrain

    job = RetrainJob(
        active=artifact,
        lessons=_table(lessons),
        out=out,
        folders=folders,
        snapshot=snapshot,
        full=FullGear(pictures) if pictures else None,
    )
    try:
        result = retrain(job, _announced(say))
    except MlError as error:
        raise TrainingFailed(str(error)) from error
    return Learned(
        comparison=[_comparison(row) for row in result.comparisons],
        objections=result.verdict.reasons,
        before=_held_out(result.before),
        after=_held_out(result.after),
    )


def has_gpu() -> bool:
    """Raises `NetworkNotInstalled`."""
    require_network()
    from ml.network import choose_device

    return choose_device().type == "cuda"


def leads() -> bool:
    """Whether this is the first process of its training, as torchrun numbers them, or the only one."""
    require_network()
    from ml.distributed import leads

    return leads()


def follow() -> None:
    """Learns along with the first process until it is done. Raises `TrainingFailed` when that is gone."""
    from ml.distributed import follow
    from ml.errors import MlError

    try:
        follow()
    except MlError as error:
        raise TrainingFailed(str(error)) from error


def _table(lessons: Sequence[Lesson]) -> EmbeddingTable:
    from ml.embeddings import EmbeddingTable
    from ml.layouts import PHONE

    return EmbeddingTable.from_bytes(
        [lesson.embedding.vector for lesson in lessons],
        names=[str(lesson.photo_id) for lesson in lessons],
        labels=[lesson.labels for lesson in lessons],
        sides=[lesson.side for lesson in lessons],
        domains=[PHONE] * len(lessons),
    )


def _announced(say: Callable[[str], None]) -> Callable[[str, float], None]:
    """Each of ml's own steps is said once, when it begins."""
    said: set[str] = set()

    def progress(step: str, _share: float) -> None:
        if step not in said:
            said.add(step)
            say(f"  {step}")

    return progress


def _comparison(row: Comparison) -> dict[str, Any]:
    return {
        "pictures": row.pictures,
        "field": row.output,
        "n": row.n,
        "before": row.before,
        "after": row.after,
        "only_before": row.lost,
        "only_after": row.gained,
    }


def _held_out(measured: MeasuredHeldOut) -> HeldOut:
    rows = measured.rows
    answers = [Answer(int(row.name), row.output, row.actual, row.predicted, row.confidence) for row in rows]
    return HeldOut(figures=measured.figures, answers=answers)
