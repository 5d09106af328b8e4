"""Retraining in one call: learn from lessons, save a candidate, measure it beside the active model, judge it.

The gear here refits the heads (`ml.heads`); training the whole network again would be another step between
the same reading, measuring and saving.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from ml.artifact import EMBEDDINGS_FILE, EVIDENCE_FILE, Artifact, display_name, load, round_weights, save
from ml.calibration import calibrate
from ml.comparison import HELD_OUT, Comparison, Reference, Verdict, compare, reference_of, verdict
from ml.embeddings import EmbeddingTable
from ml.evidence import FORMAT, as_bytes, figures, metrics
from ml.heads import HeadsConfig, refit_heads
from ml.inference import classify
from ml.material import Material, gather
from ml.network import choose_device
from ml.outcomes import Outcome, outcomes
from ml.predictor import Predictor
from ml.replay import packed

REFERENCE: Final = "reference"
STEPS: Final = ("read", "embed", "train", "calibrate", "measure", "save")

Progress = Callable[[str, float], None]
"""Called with the step's name, one of `STEPS`, and the share of it that is done, in [0, 1]."""


@dataclass(frozen=True)
class RetrainJob:
    """What to learn from, and where the candidate goes.

    `lessons` were embedded by the active model's trunk; their sides say what each is for: `train` teaches,
    `calibrate` recalibrates, `report` is held out, so that both models can be measured on it. `folders` are further
    labelled pictures in any layout; the stable hash of each gives its side. `snapshot` goes into the card as it is.
    """

    active: Path
    lessons: EmbeddingTable
    out: Path
    folders: Sequence[Path] = ()
    snapshot: Mapping[str, Any] = field(default_factory=dict)
    heads: HeadsConfig = field(default_factory=HeadsConfig)


@dataclass(frozen=True)
class HeldOutRow:
    """What a model said of one held-out label; `confidence` in [0, 1]."""

    name: str
    output: str
    actual: str
    predicted: str
    confidence: float


@dataclass(frozen=True)
class HeldOut:
    """One model on the held-out lessons: every row, right or wrong, and the figures (`ml.evidence`, no errors)."""

    rows: list[HeldOutRow]
    figures: dict[str, Any]


@dataclass(frozen=True)
class Retrained:
    """The candidate and how it compares. `sets`: report figures (before, after) by domain, as in `ml.evidence`."""

    path: Path
    sha256: str
    name: str
    comparisons: list[Comparison]
    verdict: Verdict
    before: HeldOut
    after: HeldOut
    sets: dict[str, tuple[dict[str, Any], dict[str, Any]]]


def retrain(job: RetrainJob, progress: Progress = lambda step, share: None) -> Retrained:
    """Write the candidate artifact to `job.out` and return how it compares with the active model.

    MlError (one sentence) where there is nothing to learn from, nothing to remember by, or a folder or an artifact
    cannot be used; nothing is written then.
    """
    progress("read", 0.0)
    active = load(job.active)
    material = gather(
        job.active, Predictor(active, choose_device()), job.lessons, job.folders, partial(progress, "embed")
    )
    candidate = refit(job, active, material, progress)
    progress("measure", 0.0)
    result = _measure(job.out, active, candidate, material)
    progress("save", 0.0)
    sha256 = _save(job.out, candidate, result, material)
    progress("save", 1.0)
    return replace(result, sha256=sha256, name=display_name(candidate.card, sha256))


def refit(job: RetrainJob, active: Artifact, material: Material, progress: Progress) -> Artifact:
    """The gear that refits the heads: a candidate as it will be stored, calibrated; identity and figures come later."""
    fitted = refit_heads(active, material.replay, material.lessons, job.heads, partial(progress, "train"))
    progress("calibrate", 0.0)
    round_weights(fitted.network)
    calibration = active.card.calibration
    if len(material.calibrate):
        logits = classify(fitted.network, material.calibrate.vectors)
        calibration = calibrate(logits, material.calibrate.examples, fitted.vocabulary)
    card = replace(
        active.card,
        vocabulary=fitted.vocabulary,
        calibration=calibration,
        data={**active.card.data, "snapshot": dict(job.snapshot)},
        training=_training(job, active, material),
        history=[*active.card.history, *fitted.history],
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return replace(active, network=fitted.network, card=card, sha256="")


def _training(job: RetrainJob, active: Artifact, material: Material) -> dict[str, Any]:
    """What made the candidate: the gear, its settings and counts, and how its trunk was once trained."""
    return {
        "gear": "heads",
        "start": active.sha256,
        **asdict(job.heads),
        "lessons": [len(table) for table in material.lessons],
        "replay": len(material.replay),
        "trained": active.card.training.get("trained", active.card.training),
    }


def _measure(out: Path, active: Artifact, candidate: Artifact, material: Material) -> Retrained:
    models = [Predictor(artifact, choose_device()) for artifact in (active, candidate)]
    comparisons: list[Comparison] = []
    sets = {}
    for domain in dict.fromkeys(material.report.domains):
        before, after = (outcomes(model, material.report.of_domain(domain)) for model in models)
        comparisons += compare(domain, before, after)
        sets[domain] = (figures(before), figures(after))
    before, after = (outcomes(model, material.held_out) for model in models)
    comparisons += compare(HELD_OUT, before, after)
    judged = verdict(comparisons, _reference(active, comparisons))
    return Retrained(out, "", "", comparisons, judged, _held_out(before), _held_out(after), sets)


def _reference(active: Artifact, comparisons: Sequence[Comparison]) -> Reference:
    """What the network could do before its first retraining; the card carries it from then on."""
    carried: Reference | None = active.card.data.get(REFERENCE)
    return carried or reference_of(comparisons)


def _held_out(by_field: Mapping[str, Outcome]) -> HeldOut:
    rows = [
        HeldOutRow(name, output, actual, predicted, confidence)
        for output, outcome in by_field.items()
        for name, actual, predicted, confidence in zip(
            outcome.names, outcome.actual, outcome.predicted, outcome.confidences.tolist(), strict=True
        )
    ]
    return HeldOut(rows, {output: {**values, "errors": []} for output, values in figures(by_field).items()})


def _save(out: Path, candidate: Artifact, result: Retrained, material: Material) -> str:
    measured = {domain: after for domain, (_, after) in result.sets.items()}
    extras = {
        EVIDENCE_FILE: as_bytes({"format": FORMAT, "sets": measured}),
        EMBEDDINGS_FILE: material.pack or packed(candidate.network, material.known),
    }
    data = {**candidate.card.data, REFERENCE: _reference(candidate, result.comparisons)}
    card = replace(candidate.card, metrics=metrics(measured), data=data)
    return save(out, candidate.network, card, extras)
