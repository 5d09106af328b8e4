import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ml.artifact import EMBEDDINGS_FILE, EVIDENCE_FILE, Artifact, load, read_extra, save
from ml.calibration import NEUTRAL
from ml.embeddings import EmbeddingTable, concatenate
from ml.errors import DataError, MlError
from ml.fields import FIELDS
from ml.gear import STEPS, RetrainJob
from ml.heads import HeadsConfig
from ml.layouts import PHONE
from ml.predictor import Predictor
from ml.retrain import Retrained, retrain
from ml.splits import CALIBRATE, REPORT, TRAIN
from tests.ml.drawings import COLOURS, JEANS, PATHS, draw
from tests.ml.tables import familiarity_below_median

QUICK = HeadsConfig(steps=40, learning_rate=1e-2, lesson_batch=32, replay_batch=64, anchor_weight=0.05)
PUCE = {"colour": "Puce"}


def photos(predictor: Predictor, first: int, side: str, labels: dict[str, str], count: int = 8) -> EmbeddingTable:
    """Photos of jeans that sellers labelled so."""
    pictures = [draw(JEANS, list(COLOURS)[seed % 3], seed=seed) for seed in range(first, first + count)]
    vectors = predictor.embed_pictures(pictures)
    names = [f"photo-{seed}" for seed in range(first, first + count)]
    return EmbeddingTable(vectors, names, [labels] * count, [side] * count, [PHONE] * count)


def lessons(predictor: Predictor, labels: dict[str, str]) -> EmbeddingTable:
    """Thirty to learn from, eight held out, eight to calibrate on."""
    sides = ((3000, TRAIN, 30), (3100, REPORT, 8), (3200, CALIBRATE, 8))
    return concatenate(photos(predictor, first, side, labels, count) for first, side, count in sides)


def weights(artifact: Artifact) -> dict[str, torch.Tensor]:
    return dict(artifact.network.state_dict())


@pytest.fixture(scope="module")
def job(tiny_artifact: Path, predictor: Predictor, tmp_path_factory: pytest.TempPathFactory) -> RetrainJob:
    out = tmp_path_factory.mktemp("retrained") / "candidate"
    return RetrainJob(tiny_artifact, lessons(predictor, PUCE), out, snapshot={"labels": 46}, heads=QUICK)


@pytest.fixture(scope="module")
def told() -> list[tuple[str, float]]:
    return []


@pytest.fixture(scope="module")
def result(job: RetrainJob, told: list[tuple[str, float]]) -> Retrained:
    return retrain(job, lambda step, share: told.append((step, share)))


def test_candidate_learned_what_sellers_said(result: Retrained) -> None:
    (colour,) = [row for row in result.comparisons if row.pictures == "held_out"]
    assert (colour.output, colour.n, colour.before) == ("colour", 8, 0.0)
    assert colour.after >= 0.75


def test_candidate_shares_the_trunk_and_carries_the_same_embeddings(result: Retrained, job: RetrainJob) -> None:
    active, candidate = load(job.active), load(result.path, expected_sha256=result.sha256)
    assert candidate.trunk_sha256 == active.trunk_sha256
    assert candidate.sha256 != active.sha256
    assert read_extra(result.path, EMBEDDINGS_FILE) == read_extra(job.active, EMBEDDINGS_FILE)
    assert result.name == Predictor.load(result.path, device="cpu").name


def test_card_tells_where_the_candidate_comes_from(result: Retrained, job: RetrainJob) -> None:
    active, card = load(job.active), load(result.path).card
    assert card.data["snapshot"] == {"labels": 46}
    assert card.data["split"] == active.card.data["split"]
    assert (card.training["gear"], card.training["start"]) == ("heads", active.sha256)
    assert (card.training["lessons"], card.training["trained"]) == ([30], active.card.training)
    assert len(card.history) == len(active.card.history) + 5
    assert card.vocabulary.plain["colour"] == (*active.card.vocabulary.plain["colour"], "Puce")


def test_evidence_and_card_hold_the_candidates_figures(result: Retrained) -> None:
    evidence = json.loads(read_extra(result.path, EVIDENCE_FILE))
    assert evidence["sets"] == {domain: after for domain, (_, after) in result.sets.items()}
    metrics = load(result.path).card.metrics
    for domain, figures in evidence["sets"].items():
        for field, row in figures.items():
            assert metrics[f"{domain} report"][field]["accuracy"] == row["accuracy"]


def test_comparisons_and_figures_agree(result: Retrained) -> None:
    report = [row for row in result.comparisons if row.pictures != "held_out"]
    assert {row.pictures for row in report} == set(result.sets) == {"studio", "phone"}
    for row in report:
        before, after = (figures[row.output] for figures in result.sets[row.pictures])
        assert (row.n, round(row.before, 5), round(row.after, 5)) == (
            before["n"],
            before["accuracy"],
            after["accuracy"],
        )


def test_held_out_rows_name_every_photo_for_both_models(result: Retrained) -> None:
    for held_out in (result.before, result.after):
        assert [row.name for row in held_out.rows] == [f"photo-{seed}" for seed in range(3100, 3108)]
        assert {(row.output, row.actual) for row in held_out.rows} == {("colour", "Puce")}
        assert all(0 <= row.confidence <= 1 for row in held_out.rows)
        assert (held_out.figures["colour"]["n"], held_out.figures["colour"]["errors"]) == (8, [])
    assert all(row.predicted != "Puce" for row in result.before.rows)


def test_progress_names_every_step_in_order(result: Retrained, told: list[tuple[str, float]]) -> None:
    names = list(dict.fromkeys(step for step, _ in told))
    assert names == [step for step in STEPS if step != "embed"]  # there were no folders
    assert told[-1] == ("save", 1.0)


def test_held_out_labels_teach_nothing(result: Retrained, job: RetrainJob, tmp_path: Path) -> None:
    other = [
        {"colour": "Red"} if side == REPORT else labels
        for side, labels in zip(job.lessons.sides, job.lessons.labels, strict=True)
    ]
    again = retrain(replace(job, lessons=replace(job.lessons, labels=other), out=tmp_path / "again"))
    first, second = weights(load(result.path)), weights(load(again.path))
    assert all(torch.equal(second[name], value) for name, value in first.items())
    assert {row.actual for row in again.after.rows} == {"Red"}


def test_candidate_that_forgot_is_refused(job: RetrainJob, predictor: Predictor, tmp_path: Path) -> None:
    wrong = dict(zip(("master_category", "sub_category", "article_type"), PATHS[3], strict=True))
    careless = replace(QUICK, keep_weight=0.0, anchor_weight=0.0, steps=60)
    result = retrain(replace(job, lessons=lessons(predictor, wrong), heads=careless, out=tmp_path / "forgot"))
    assert not result.verdict.is_not_worse
    assert any("on the report set (studio)" in reason for reason in result.verdict.reasons)


def test_a_candidate_can_be_retrained_again(result: Retrained, job: RetrainJob, tmp_path: Path) -> None:
    again = retrain(replace(job, active=result.path, out=tmp_path / "again", heads=replace(QUICK, steps=2)))
    card = load(again.path).card
    assert card.training["trained"] == load(job.active).card.training
    assert card.vocabulary == load(result.path).card.vocabulary
    reference = {"studio": {}, "phone": {}}
    for row in result.comparisons:
        if row.pictures in reference:
            reference[row.pictures][row.output] = row.before  # of the first model, not of its first descendant
    assert card.data["reference"] == {pictures: fields for pictures, fields in reference.items() if fields}


def test_field_that_the_model_has_no_head_for_stays_uncalibrated(
    job: RetrainJob, predictor: Predictor, tmp_path: Path
) -> None:
    usage = {"usage": "Party"}  # one value of a known field, and on the calibrate side only
    table = lessons(predictor, PUCE)
    table = replace(table, labels=[usage if side == CALIBRATE else PUCE for side in table.sides])
    result = retrain(replace(job, lessons=table, heads=replace(QUICK, steps=2), out=tmp_path / "usage"))
    assert load(result.path).card.vocabulary.plain["usage"] == load(job.active).card.vocabulary.plain["usage"]


def test_model_without_embeddings_gets_them_from_the_folders(
    job: RetrainJob, drawn_data: list[Path], tmp_path: Path
) -> None:
    artifact = load(job.active)
    save(tmp_path / "bare", artifact.network, replace(artifact.card, calibration=NEUTRAL))
    told: list[str] = []
    bare = replace(
        job, active=tmp_path / "bare", folders=drawn_data, out=tmp_path / "out", heads=replace(QUICK, steps=2)
    )
    result = retrain(bare, lambda step, share: told.append(step))
    assert list(dict.fromkeys(told)) == list(STEPS)
    assert set(load(result.path).card.files) == {EMBEDDINGS_FILE, EVIDENCE_FILE}
    assert set(result.sets["studio"][1]) == set(FIELDS)


@pytest.mark.parametrize("error", [DataError, MlError])
def test_run_that_cannot_be_done_writes_nothing(job: RetrainJob, tmp_path: Path, error: type[MlError]) -> None:
    artifact = load(job.active)
    save(tmp_path / "bare", artifact.network, artifact.card)
    cannot = {
        DataError: replace(job, lessons=EmbeddingTable.empty(), out=tmp_path / "out"),
        MlError: replace(job, active=tmp_path / "bare", out=tmp_path / "out"),
    }
    with pytest.raises(error) as caught:
        retrain(cannot[error])
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_what_people_taught_becomes_familiar(tiny_artifact: Path, job: RetrainJob, tmp_path: Path) -> None:
    artifact = load(tiny_artifact)
    familiarity = familiarity_below_median(torch.rand(9, artifact.network.feature_count))
    extras = {name: read_extra(tiny_artifact, name) for name in artifact.card.files}
    save(tmp_path / "active", artifact.network, replace(artifact.card, familiarity=familiarity), extras)
    quick = replace(job, active=tmp_path / "active", out=tmp_path / "out", heads=replace(QUICK, steps=1))
    found = load(retrain(quick).path).card.familiarity
    assert found == familiarity.including(job.lessons.on_side(TRAIN).vectors)
