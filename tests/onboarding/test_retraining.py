"""Retraining with a real, tiny network: what is learned from, when it is refused, and who is promoted."""

import json
import os
import signal
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import product as product_of
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from catalog.models import Listing, Photo, PhotoEmbedding, TagField, Term
from onboarding.errors import ActiveModelChanged, RetrainingUnderWay, TooFewLabels
from onboarding.management.commands import retrain as command
from onboarding.models import EvaluatedPhoto, Evaluation, ModelVersion, RetrainRun
from onboarding.services import retrain_runs, retraining
from onboarding.services.confirming import Decision, confirm_listing
from onboarding.services.model_versions import activate_version, active_version, register_artifact
from onboarding.services.retrain_runs import begin_run
from onboarding.services.retraining import RetrainOptions, Snapshot, retrain, take_snapshot
from tests.artifacts import COLOURS, PATHS, Drawn, drawn, published_folder, renamed_artifact, tiny_artifact
from tests.conftest import Cast, make_photo, stored_files, term
from tests.drawing import Kind, as_jpeg, product

State = RetrainRun.State

DRESS = ("Apparel", "Dress", "Dresses")


@pytest.fixture(autouse=True)
def _silent_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread renews the lease: the test's transaction holds the tables, on a busy machine for long."""
    monkeypatch.setattr(retrain_runs, "RENEW_SECONDS", 3600.0)


@pytest.fixture
def base(cast: Cast) -> ModelVersion:
    return register_artifact(tiny_artifact(), activate=True)


def confirmed_photo(cast: Cast, kind: Kind, colour: str, seed: int, path: tuple[str, ...], how: str = "shown") -> Photo:
    """A drawn product that the seller has confirmed to be `path`."""
    listing = Listing.objects.create(shop=cast.shop)
    photo = make_photo(listing, as_jpeg(product(kind, colour, (48, 64), seed=seed)))
    choices: dict[TagField, Term | None] = dict.fromkeys(TagField)
    choices |= {TagField.CATEGORY: term("category", *path), TagField.COLOUR: term("colour", COLOURS[colour])}
    decision = Decision(choices=choices, seen_revision=0, idempotency_key=str(uuid4()), how=how)
    confirm_listing(listing=listing, actor=cast.seller, decision=decision)
    return photo


def teach(cast: Cast, kind: Kind, count: int, path: tuple[str, ...] | None = None, how: str = "shown") -> list[Photo]:
    colours = list(COLOURS)
    return [confirmed_photo(cast, kind, colours[seed % 3], seed, path or PATHS[kind], how) for seed in range(count)]


def quiet(line: str) -> None:
    """Nobody listens."""


def everything() -> dict[str, Any]:
    models = (ModelVersion, RetrainRun, Evaluation, PhotoEmbedding)
    return {**{model.__name__: list(model.objects.order_by("pk").values()) for model in models}, "f": stored_files()}


# --- The snapshot -------------------------------------------------------------------------------------------------


def snapshot(**options: Any) -> Snapshot:
    return take_snapshot(active_version(), RetrainOptions(min_photos=1, **options), store=True, say=quiet)


def sides(taken: Snapshot) -> Mapping[int, str]:
    return {lesson.photo_id: lesson.side for lesson in taken.lessons}


def test_a_photo_never_changes_sides_whatever_is_labelled_beside_it(cast: Cast, base: ModelVersion) -> None:
    teach(cast, "shirt", 40)
    before = sides(snapshot())
    teach(cast, "bag", 20)
    after = sides(snapshot())
    assert (len(before), len(after)) == (40, 60)
    assert {photo: after[photo] for photo in before} == before
    assert set(after.values()) == {"train", "calibrate", "report"}


def test_identical_pictures_are_on_one_side(cast: Cast, base: ModelVersion) -> None:
    first, second = teach(cast, "shirt", 30), teach(cast, "shirt", 30)
    taken = sides(snapshot())
    assert [taken[photo.pk] for photo in first] == [taken[photo.pk] for photo in second]


def test_vectors_that_tagging_stored_are_not_computed_again(cast: Cast, base: ModelVersion, monkeypatch: Any) -> None:
    teach(cast, "shirt", 30)
    first = snapshot()
    default_storage.delete(Photo.objects.all()[0].derivative.name)  # nobody looks at the files any more
    again = snapshot()
    assert [lesson.embedding for lesson in again.lessons] == [lesson.embedding for lesson in first.lessons]
    assert again.facts == first.facts


def test_a_photo_whose_file_cannot_be_read_is_left_out_and_counted(cast: Cast, base: ModelVersion) -> None:
    photos = teach(cast, "shirt", 30)
    default_storage.delete(photos[0].derivative.name)
    taken = snapshot()
    assert (taken.facts["photos"], taken.facts["unreadable"]) == (29, 1)


def test_the_facts_say_what_was_learned_from(cast: Cast, base: ModelVersion) -> None:
    teach(cast, "shirt", 30)
    facts = snapshot().facts
    counts = Counter(sides(snapshot()).values())
    assert (facts["to_learn_from"], facts["to_calibrate"], facts["held_out"]) == (
        counts["train"], counts["calibrate"], counts["report"],
    )  # fmt: skip
    assert facts["labels"] == dict.fromkeys(("master_category", "sub_category", "article_type", "colour"), 30)
    assert (len(facts["sha256"]), facts["bulk"], facts["undone"], facts["data"]) == (64, False, False, [])


# --- Refusals -----------------------------------------------------------------------------------------------------


def test_too_few_labels_are_refused_with_the_number_that_is_missing(cast: Cast, base: ModelVersion) -> None:
    teach(cast, "shirt", 5)
    with pytest.raises(TooFewLabels) as refusal:
        retrain(RetrainOptions(), say=quiet)
    assert str(refusal.value) == "There are 5 labelled photos; retraining needs 33: 28 missing."
    run = RetrainRun.objects.get()
    assert (run.state, run.report) == (State.FAILED, {"reasons": [str(refusal.value)]})
    assert active_version() == base


def test_labels_that_were_given_in_bulk_do_not_count_unless_asked_for(cast: Cast, base: ModelVersion) -> None:
    teach(cast, "shirt", 40, how="bulk")
    with pytest.raises(TooFewLabels) as refusal:
        snapshot()
    assert str(refusal.value) == "There are 0 labelled photos; retraining needs 4: 4 missing."
    assert snapshot(include_bulk=True).facts["photos"] == 40


def test_enough_labels_with_too_few_held_out_are_refused_too(cast: Cast, base: ModelVersion) -> None:
    photos = teach(cast, "shirt", 40)
    kept = [photo for photo in photos if sides(snapshot())[photo.pk] != "report"]
    Listing.objects.exclude(photos__in=kept).delete()
    with pytest.raises(TooFewLabels) as refusal:
        snapshot()
    assert str(refusal.value) == (
        "There are 0 held-out photos to measure on (about one in seven is); retraining needs 3: 3 missing."
    )


@pytest.mark.parametrize("number", ["0", "-5", "x"])
def test_a_number_of_photos_that_is_none_is_refused(db: None, number: str) -> None:
    with pytest.raises(CommandError, match="argument --min-photos"):
        call_command("retrain", "--min-photos", number)
    assert RetrainRun.objects.count() == 0


def test_a_place_where_no_report_can_lie_is_refused_before_anything_is_done(
    cast: Cast, base: ModelVersion, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    before = everything()
    with pytest.raises(CommandError) as refusal:
        run_command(tmp_path / "file")
    assert str(refusal.value) == f"{tmp_path / 'file' / 'reports'} cannot hold the report: Not a directory."
    assert everything() == before


def test_a_second_run_is_refused_and_changes_nothing(cast: Cast, base: ModelVersion) -> None:
    teach(cast, "shirt", 40)
    begin_run(base)
    before = everything()
    with pytest.raises(RetrainingUnderWay):
        retrain(RetrainOptions(), say=quiet)
    with pytest.raises(CommandError, match="Another retraining is under way"):
        call_command("retrain")
    assert everything() == before


# --- What comes of it ---------------------------------------------------------------------------------------------


def run_command(tmp_path: Path, *arguments: str) -> RetrainRun:
    call_command("retrain", "--report", str(tmp_path / "reports"), *arguments)
    return RetrainRun.objects.latest("pk")


def test_a_dry_run_says_what_it_would_learn_from_and_writes_nothing(
    cast: Cast, base: ModelVersion, capsys: Any
) -> None:
    teach(cast, "shirt", 40)
    before = everything()
    call_command("retrain", "--dry-run")
    said = capsys.readouterr().out.splitlines()
    assert (said[0], said[-1]) == ("40 labelled photos.", "Nothing was written: this was a dry run.")
    assert everything() == before


def test_a_candidate_that_is_not_worse_is_promoted_with_its_evidence(
    cast: Cast, base: ModelVersion, tmp_path: Path
) -> None:
    teach(cast, "dress", 60, DRESS)
    run = run_command(tmp_path)
    candidate = active_version()
    assert (run.state, run.candidate, run.base, run.report["reasons"]) == (State.PROMOTED, candidate, base, [])
    assert candidate.pk != base.pk
    assert candidate.card["data"]["snapshot"] == run.report["snapshot"]
    assert ["Apparel", "Dress", "Dresses"] in candidate.card["classes"]["category"]
    held_out = run.report["snapshot"]["held_out"]
    before, after = (
        Evaluation.objects.get(model_version=version, pictures="held_out", run=run) for version in (base, candidate)
    )
    assert (before.figures["article_type"]["accuracy"], after.figures["article_type"]["accuracy"]) == (0.0, 1.0)
    assert after.photos.filter(field="article_type", actual="Dresses", predicted="Dresses").count() == held_out
    assert EvaluatedPhoto.objects.count() == 2 * 4 * held_out
    assert {each.pictures for each in candidate.evaluations.filter(run=None)} == {"studio"}


def test_the_report_is_written_as_json_and_as_text(cast: Cast, base: ModelVersion, tmp_path: Path) -> None:
    teach(cast, "dress", 60, DRESS)
    run = run_command(tmp_path)
    content = json.loads((tmp_path / "reports" / f"run-{run.pk}.json").read_text())
    assert (content["run"], content["outcome"], content["candidate"]) == (run.pk, "promoted", active_version().name)
    text = (tmp_path / "reports" / f"run-{run.pk}.txt").read_text()
    assert "Promoted: it is not worse than the model before." in text
    (row,) = [
        each for each in content["comparison"] if (each["pictures"], each["field"]) == ("held_out", "article_type")
    ]
    assert (row["before"], row["after"], row["only_before"], row["only_after"]) == (0.0, 1.0, 0, row["n"])


def test_with_no_promote_the_candidate_waits_and_can_be_promoted_by_hand(
    cast: Cast, base: ModelVersion, tmp_path: Path
) -> None:
    teach(cast, "dress", 60, DRESS)
    run = run_command(tmp_path, "--no-promote")
    assert (run.state, active_version()) == (State.CANDIDATE, base)
    assert run.candidate is not None
    call_command("models", "promote", run.candidate.name)
    assert active_version() == run.candidate


def test_a_candidate_that_is_worse_is_stored_and_the_active_one_stays(
    cast: Cast, base: ModelVersion, tmp_path: Path, monkeypatch: Any
) -> None:
    from ml import gear
    from ml.heads import HeadsConfig

    forgetful = HeadsConfig(keep_weight=0.0, anchor_weight=0.0, steps=400)
    monkeypatch.setattr(gear, "RetrainJob", partial(gear.RetrainJob, heads=forgetful))
    for kind in ("shirt", "shoe", "bag"):
        teach(cast, kind, 70, PATHS["trousers"])  # somebody confirms nonsense
    run = run_command(tmp_path)
    assert (run.state, active_version()) == (State.KEPT, base)
    assert run.report["reasons"] != []
    assert all("on the report set" in reason for reason in run.report["reasons"])
    assert run.candidate is not None
    assert run.candidate.state == ModelVersion.State.CANDIDATE


def test_a_model_that_became_active_meanwhile_is_not_replaced(
    cast: Cast, base: ModelVersion, tmp_path: Path, monkeypatch: Any
) -> None:
    teach(cast, "dress", 60, DRESS)
    other = register_artifact(renamed_artifact(tiny_artifact(), tmp_path / "other", "lapel-other"), activate=False)
    learn = retraining.learn

    def learn_while_somebody_promotes(**values: Any) -> Any:
        activate_version(other)
        return learn(**values)

    monkeypatch.setattr(retraining, "learn", learn_while_somebody_promotes)
    with pytest.raises(ActiveModelChanged):
        retrain(RetrainOptions(), say=quiet)
    run = RetrainRun.objects.get()
    assert (run.state, active_version()) == (State.FAILED, other)
    assert run.report["reasons"] == [
        "Another model became active meanwhile. The comparison was with the one before; retrain again."
    ]


def dresses(count: int) -> list[Drawn]:
    colours = list(COLOURS)
    each = [(colours[seed % 3], seed) for seed in range(count)]
    return [Drawn("dress", colour, product("dress", colour, (48, 64), seed=seed)) for colour, seed in each]


def test_folders_of_labelled_pictures_teach_too_and_need_no_labels(
    cast: Cast, base: ModelVersion, tmp_path: Path
) -> None:
    folder = published_folder(tmp_path / "more", dresses(60), DRESS)
    run = run_command(tmp_path, "--heads", "--data", str(folder))
    assert run.state == State.PROMOTED
    assert (run.report["snapshot"]["gear"], run.report["snapshot"]["data"]) == ("heads", [str(folder)])
    assert ["Apparel", "Dress", "Dresses"] in active_version().card["classes"]["category"]


# --- The full gear ------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(cast: Cast, tmp_path: Path) -> Path:
    """What the active model was trained on, so to say: its report set is there."""
    from ml.extras import pack_artifact

    folder = published_folder(tmp_path / "known", drawn(range(200, 210)))
    pack_artifact(tiny_artifact(), [folder], tmp_path / "packed")
    register_artifact(tmp_path / "packed", activate=True)
    return folder


def test_the_whole_network_learns_what_it_had_no_name_for(
    cast: Cast, folder: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    from ml import gear

    base = active_version()
    eager = replace(gear.GENTLE, batch_size=32, learning_rate=3e-3, epochs=10, average_decay=0.8)
    monkeypatch.setattr(gear, "FullGear", partial(gear.FullGear, config=eager))
    photos = teach(cast, "dress", 60, DRESS)
    run = run_command(tmp_path, "--full", "--data", str(folder))
    candidate = active_version()
    assert (run.state, run.candidate, run.report["reasons"]) == (State.PROMOTED, candidate, [])
    assert run.report["snapshot"]["gear"] == "full"
    assert (candidate.card["training"]["gear"], candidate.card["training"]["start"]) == ("full", base.sha256)
    assert ["Apparel", "Dress", "Dresses"] in candidate.card["classes"]["category"]
    (row,) = [
        each for each in run.report["comparison"] if (each["pictures"], each["field"]) == ("held_out", "article_type")
    ]
    assert (row["n"], row["before"], row["after"]) == (run.report["snapshot"]["held_out"], 0.0, 1.0)
    held_out = {photo for photo, side in sides(snapshot()).items() if side == "report"}  # by the new trunk's embeddings
    told = EvaluatedPhoto.objects.filter(evaluation__model_version=candidate)
    assert set(told.values_list("photo", flat=True)) == held_out < {photo.pk for photo in photos}


def test_the_full_gear_refuses_to_forget_what_is_not_in_the_folders(
    cast: Cast, base: ModelVersion, tmp_path: Path
) -> None:
    teach(cast, "shirt", 40)
    folder = published_folder(tmp_path / "more", dresses(60), DRESS)
    with pytest.raises(CommandError, match="pictures that the active model is measured on are in the folders"):
        call_command("retrain", "--full", "--data", str(folder))
    run = RetrainRun.objects.get()
    assert (run.state, active_version(), ModelVersion.objects.count()) == (State.FAILED, base, 1)


def test_the_full_gear_needs_data(cast: Cast, base: ModelVersion) -> None:
    before = everything()
    with pytest.raises(CommandError, match="--full needs --data"):
        call_command("retrain", "--full")
    assert everything() == before


def test_where_a_gpu_is_at_hand_data_changes_the_gear(cast: Cast, base: ModelVersion, monkeypatch: Any) -> None:
    chosen: list[bool] = []
    monkeypatch.setattr(command, "take_snapshot", lambda _base, options, **_values: chosen.append(options.full))
    for has_gpu, arguments in product_of((True, False), ([], ["--data", "d"], ["--data", "d", "--heads"])):
        monkeypatch.setattr(command, "has_gpu", lambda has_gpu=has_gpu: has_gpu)
        call_command("retrain", "--dry-run", *arguments)
    assert chosen == [False, True, False, False, False, False]


def test_a_folder_that_is_none_is_refused_with_its_name(cast: Cast, base: ModelVersion, tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("retrain", "--data", str(tmp_path / "nowhere"))
    assert str(refusal.value) == f"{tmp_path / 'nowhere'}: no such folder."
    assert (active_version(), ModelVersion.objects.count()) == (base, 1)


def test_an_interrupted_run_says_so_and_leaves_the_active_model(
    cast: Cast, base: ModelVersion, monkeypatch: Any
) -> None:
    teach(cast, "shirt", 40)

    def interrupted(**values: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(retraining, "learn", interrupted)
    with pytest.raises(KeyboardInterrupt):
        retrain(RetrainOptions(), say=quiet)
    run = RetrainRun.objects.get()
    assert (run.state, run.report, active_version()) == (State.FAILED, {"reasons": ["KeyboardInterrupt"]}, base)


def test_a_run_that_is_told_to_stop_says_so_and_leaves_the_active_model(
    cast: Cast, base: ModelVersion, monkeypatch: Any
) -> None:
    teach(cast, "shirt", 40)
    monkeypatch.setattr(retraining, "learn", lambda **_values: os.kill(os.getpid(), signal.SIGTERM))
    handler = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as stopped:
        call_command("retrain")
    run = RetrainRun.objects.get()
    assert (run.state, run.report, active_version()) == (State.FAILED, {"reasons": [str(stopped.value)]}, base)
    assert signal.getsignal(signal.SIGTERM) == handler


def test_a_process_beside_the_first_starts_no_run_of_its_own(cast: Cast, base: ModelVersion, monkeypatch: Any) -> None:
    followed: list[bool] = []
    monkeypatch.setattr(command, "follow", lambda: followed.append(True))
    monkeypatch.setenv("RANK", "1")
    before = everything()
    for arguments in (["--full", "--data", "d"], ["--full", "--data", "d", "--dry-run"], ["--heads"]):
        call_command("retrain", *arguments)
    assert (followed, everything()) == ([True], before)
