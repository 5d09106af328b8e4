"""Retraining in one call: learn from lessons, save a candidate, measure it beside the active model, judge it.

The two gears differ in the learning alone: `ml.refitting` refits the heads, `ml.finetuning` trains the whole network
again. Reading, measuring, verdict and saving are the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ml.artifact import EMBEDDINGS_FILE, EVIDENCE_FILE, Artifact, display_name, load, save, trunk_sha256
from ml.calibration import calibrate
from ml.comparison import HELD_OUT, Comparison, Reference, Verdict, compare, reference_of, verdict
from ml.evidence import FORMAT, as_bytes, figures, metrics
from ml.finetuning import finetune
from ml.gear import Learned, Progress, RetrainJob
from ml.inference import classify
from ml.network import choose_device
from ml.outcomes import Outcome, outcomes
from ml.predictor import Predictor
from ml.refitting import refit

REFERENCE: Final = "reference"


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
    learned = finetune(job, job.full, active, progress) if job.full else refit(job, active, progress)
    progress("calibrate", 0.0)
    candidate = candidate_of(job, active, learned)
    progress("measure", 0.0)
    result = _measure(job.out, active, candidate, learned)
    progress("save", 0.0)
    sha256 = _save(job.out, candidate, result, learned)
    progress("save", 1.0)
    return replace(result, sha256=sha256, name=display_name(candidate.card, sha256))


def candidate_of(job: RetrainJob, active: Artifact, learned: Learned) -> Artifact:
    """The candidate as it will be stored, calibrated; identity and figures come later."""
    calibration = active.card.calibration
    if len(learned.calibrate):
        logits = classify(learned.network, learned.calibrate.vectors)
        calibration = calibrate(logits, learned.calibrate.examples, learned.vocabulary)
    trained = active.card.training.get("trained", active.card.training)  # how its trunk once came to be
    card = replace(
        active.card,
        vocabulary=learned.vocabulary,
        calibration=calibration,
        familiarity=learned.familiarity,
        data={**active.card.data, **learned.data, "snapshot": dict(job.snapshot)},
        training={**learned.training, "start": active.sha256, "trained": trained},
        history=[*active.card.history, *learned.history],
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return Artifact(learned.network, card, "", trunk_sha256(learned.network, card.preprocessing))


def _measure(out: Path, active: Artifact, candidate: Artifact, learned: Learned) -> Retrained:
    models = [
        (Predictor(artifact, choose_device()), judged)
        for artifact, judged in ((active, learned.before), (candidate, learned.after))
    ]
    comparisons: list[Comparison] = []
    sets = {}
    for domain in dict.fromkeys(learned.before.report.domains):
        before, after = (outcomes(model, judged.report.of_domain(domain)) for model, judged in models)
        comparisons += compare(domain, before, after)
        sets[domain] = (figures(before), figures(after))
    before, after = (outcomes(model, judged.held_out) for model, judged in models)
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


def _save(out: Path, candidate: Artifact, result: Retrained, learned: Learned) -> str:
    measured = {domain: after for domain, (_, after) in result.sets.items()}
    extras = {
        EVIDENCE_FILE: as_bytes({"format": FORMAT, "sets": measured}),
        EMBEDDINGS_FILE: learned.pack,
    }
    data = {**candidate.card.data, REFERENCE: _reference(candidate, result.comparisons)}
    card = replace(candidate.card, metrics=metrics(measured), data=data)
    return save(out, candidate.network, card, extras)
