"""Retraining: a snapshot of the labels, a candidate from the active model, a comparison, a promotion or a reason.

It is done by a process of its own, never by a worker or the web process. Killed at any step it leaves the active model
as it was: until the last transaction it adds rows and files, and changes none.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Photo
from onboarding.errors import OnboardingError, TooFewLabels
from onboarding.label_files import write_pictures
from onboarding.labels import LabelledPhoto, count_values, fingerprint, labelled_photos
from onboarding.lessons import Learned, Lesson
from onboarding.models import Confirmation, ModelVersion, RetrainRun
from onboarding.services.artifacts import whole_local_copy
from onboarding.services.embedding import compute_embeddings, stored_embeddings
from onboarding.services.held_out import record_held_out
from onboarding.services.loading import load_tagger
from onboarding.services.model_versions import activate_version, active_version, register_artifact
from onboarding.services.retagging import retag_drafts
from onboarding.services.retrain_runs import begin_run, end_run, hold_run, kept_alive
from onboarding.tagging import Tagger, learn, side_of

State = RetrainRun.State
Say = Callable[[str], None]

MIN_TO_LEARN_FROM = 30
MIN_HELD_OUT = 3
HELD_OUT, CALIBRATE = "report", "calibrate"


@dataclass(frozen=True, kw_only=True)
class RetrainOptions:
    """`min_photos` to learn from; `data`: folders of labelled pictures that are learned from as well.

    `full`: the whole network learns, not its heads alone.
    """

    data: Sequence[Path] = ()
    full: bool = False
    include_bulk: bool = False
    include_undone: bool = False
    min_photos: int = MIN_TO_LEARN_FROM
    promote: bool = True
    retag: bool = False


@dataclass(frozen=True)
class Snapshot:
    """The labels as they were at one moment, with what the base's trunk sees in the photos."""

    base: ModelVersion
    photos: Sequence[Photo]
    lessons: Sequence[Lesson]
    facts: Mapping[str, Any]


def take_snapshot(base: ModelVersion, options: RetrainOptions, *, store: bool, say: Say) -> Snapshot:
    """Reads labels and vectors; computes the missing vectors. Raises `TooFewLabels`, naming how many are missing.

    Without `store` nothing is written.
    """
    rows = labelled_photos(include_bulk=options.include_bulk, include_undone=options.include_undone)
    say(ngettext("%(n)s labelled photo.", "%(n)s labelled photos.", len(rows)) % {"n": len(rows)})
    if not options.data:  # before anything is computed
        _refuse_too_few(len(rows), options.min_photos + MIN_HELD_OUT, _("labelled photos"))
    lessons = _lessons(rows, load_tagger(base), store, say)
    facts = _facts(options, rows, lessons)
    say(_("%(to_learn_from)s to learn from, %(to_calibrate)s to calibrate, %(held_out)s held out.") % facts)
    if not options.data:
        _refuse_too_few(facts["to_learn_from"], options.min_photos, _("labelled photos to learn from"))
        _refuse_too_few(facts["held_out"], MIN_HELD_OUT, _("held-out photos to measure on (about one in seven is)"))
    return Snapshot(base, [row.photo for row in rows], lessons, facts)


def _facts(options: RetrainOptions, rows: Sequence[LabelledPhoto], lessons: Sequence[Lesson]) -> dict[str, Any]:
    """What the snapshot holds, as JSON: for the run's report and for the candidate's card."""
    sides = Counter(lesson.side for lesson in lessons)
    return {
        "photos": len(lessons),
        "unreadable": len(rows) - len(lessons),
        "to_learn_from": len(lessons) - sides[HELD_OUT] - sides[CALIBRATE],
        "to_calibrate": sides[CALIBRATE],
        "held_out": sides[HELD_OUT],
        "labels": count_values(rows),
        "sha256": fingerprint(rows),
        "newest_confirmation": Confirmation.objects.order_by("-pk").values_list("pk", flat=True).first(),
        "bulk": options.include_bulk,
        "undone": options.include_undone,
        "gear": "full" if options.full else "heads",
        "data": [str(folder) for folder in options.data],
    }


def _refuse_too_few(number: int, needed: int, what: str) -> None:
    if number >= needed:
        return
    values = {"number": number, "needed": needed, "missing": needed - number, "what": what}
    raise TooFewLabels(_("There are %(number)s %(what)s; retraining needs %(needed)s: %(missing)s missing.") % values)


def _lessons(rows: Sequence[LabelledPhoto], tagger: Tagger, store: bool, say: Say) -> list[Lesson]:
    photos = [row.photo for row in rows]
    found = stored_embeddings(photos, tagger.trunk_hash)
    missing = [photo for photo in photos if photo.pk not in found]
    if missing:
        say(_("%(n)s of them have not been looked at by this model's trunk: looking now.") % {"n": len(missing)})
        found |= compute_embeddings(missing, tagger, store=store)
    seen = [(row, found[row.photo.pk]) for row in rows if row.photo.pk in found]
    return [Lesson(row.photo.pk, row.labels, embedding, side_of(embedding)) for row, embedding in seen]


def retrain(options: RetrainOptions, *, say: Say) -> RetrainRun:
    """Runs it all and returns the run's row, ended. `say` hears each step as it begins.

    Raises `RetrainingUnderWay`, `TooFewLabels`, and whatever else stops it; the run's row says so too, and the active
    model stays.
    """
    run = begin_run(active_version())
    try:
        with kept_alive(run):
            _carry_out(run, options, say)
    except BaseException as error:  # Ctrl-C too
        reason = str(error) if isinstance(error, OnboardingError | SystemExit) else type(error).__name__
        end_run(run, State.FAILED, report={"reasons": [reason]})
        raise
    run.refresh_from_db()
    return run


def _carry_out(run: RetrainRun, options: RetrainOptions, say: Say) -> None:
    say(_("Step 1 of 5: reading the labels."))
    snapshot = take_snapshot(run.base, options, store=True, say=say)
    with tempfile.TemporaryDirectory(prefix="lapel-retrain-") as private:
        out = Path(private) / "candidate"
        say(_("Step 2 of 5: learning and measuring."))
        learned = learn(
            artifact=whole_local_copy(snapshot.base),
            lessons=snapshot.lessons,
            folders=options.data,
            pictures=_pictures(snapshot, Path(private)) if options.full else None,
            out=out,
            snapshot=snapshot.facts,
            say=say,
        )
        say(_("Step 3 of 5: storing the candidate."))
        candidate = register_artifact(out, activate=False)
    say(_("Step 4 of 5: recording the evidence."))
    for version, held_out in ((snapshot.base, learned.before), (candidate, learned.after)):
        record_held_out(run=run, version=version, held_out=held_out)
    say(_("Step 5 of 5: deciding."))
    _decide(run, options, snapshot, candidate, learned)
    if options.retag and ModelVersion.objects.filter(pk=candidate.pk, state=ModelVersion.State.ACTIVE).exists():
        retagged = retag_drafts(candidate)
        say(_("%(queued)s photos of unreviewed listings are tagged anew.") % asdict(retagged))


def _pictures(snapshot: Snapshot, private: Path) -> Path:
    folder = private / "pictures"
    folder.mkdir()
    write_pictures(snapshot.photos, folder)
    return folder


@transaction.atomic
def _decide(
    run: RetrainRun, options: RetrainOptions, snapshot: Snapshot, candidate: ModelVersion, learned: Learned
) -> None:
    """Promotes the candidate or leaves it, and says so in the run's row, in one transaction."""
    hold_run(run)
    is_promoted = options.promote and not learned.objections
    if is_promoted:
        activate_version(candidate, instead_of=snapshot.base)
    state = State.PROMOTED if is_promoted else State.KEPT if learned.objections else State.CANDIDATE
    report = {
        "base": snapshot.base.name,
        "candidate": candidate.name,
        "snapshot": snapshot.facts,
        "comparison": list(learned.comparison),
        "reasons": list(learned.objections),
    }
    end_run(run, state, report=report, candidate=candidate)
