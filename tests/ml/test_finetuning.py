from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ml import rejection
from ml.artifact import EMBEDDINGS_FILE, load, read_extra
from ml.embeddings import EmbeddingTable, embed_folders
from ml.errors import DataError
from ml.finetuning import MOST_REPEATS, lessons_by_side, repeated
from ml.gear import GENTLE, STEPS, FullGear, RetrainJob
from ml.layouts import PHONE, STUDIO, Example
from ml.pack import from_bytes
from ml.predictor import Predictor
from ml.retrain import Retrained, retrain
from ml.splits import CALIBRATE, REPORT, TRAIN, TUNE
from tests.ml.drawings import COLOURS, JEANS, draw
from tests.ml.tables import table_of

CONFIG = replace(GENTLE, batch_size=16, learning_rate=3e-3, epochs=4, average_decay=0.9)
PUCE = {"colour": "Puce"}


def labelled(predictor: Predictor, folder: Path, side: str, first: int, count: int) -> list[tuple[str, str]]:
    """Names and sides of photos of jeans, green ones, that now lie in the folder."""
    for seed in range(first, first + count):
        draw(JEANS, list(COLOURS)[seed % 3], background=(90, 200, 90), seed=seed).save(folder / f"{seed}.jpg")
    return [(str(seed), side) for seed in range(first, first + count)]


@pytest.fixture(scope="module")
def job(
    tiny_artifact: Path, predictor: Predictor, drawn_data: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> RetrainJob:
    """Thirty photos to learn from in puce, a colour never seen before; eight held out, eight to calibrate."""
    pictures = tmp_path_factory.mktemp("pictures")
    sides = ((TRAIN, 3000, 24), (TUNE, 3050, 6), (REPORT, 3100, 8), (CALIBRATE, 3200, 8))
    rows = [row for side, first, count in sides for row in labelled(predictor, pictures, side, first, count)]
    names, kinds = zip(*rows, strict=True)
    vectors = torch.zeros(
        len(rows), load(tiny_artifact).network.feature_count
    )  # of the trunk before: nobody reads them
    lessons = EmbeddingTable(vectors, names, [PUCE] * len(rows), kinds, [PHONE] * len(rows))
    out = tmp_path_factory.mktemp("fine-tuned") / "candidate"
    return RetrainJob(tiny_artifact, lessons, out, drawn_data, {"labels": 46}, full=FullGear(pictures, CONFIG))


@pytest.fixture(scope="module")
def told() -> list[str]:
    return []


@pytest.fixture(scope="module")
def result(job: RetrainJob, told: list[str]) -> Retrained:
    return retrain(job, lambda step, share: told.append(step))


def test_a_value_that_the_model_has_never_seen_grows_its_head_by_name(result: Retrained, job: RetrainJob) -> None:
    known = load(job.active).card.vocabulary.plain["colour"]
    assert load(result.path).card.vocabulary.plain["colour"] == (*known, "Puce")
    (colour,) = [row for row in result.comparisons if row.pictures == "held_out"]
    assert (colour.output, colour.n, colour.before, colour.after) == ("colour", 8, 0.0, 1.0)
    assert [row.name for row in result.after.rows] == [str(name) for name in range(3100, 3108)]


def test_both_models_are_judged_on_the_very_same_pictures(result: Retrained, job: RetrainJob) -> None:
    report = from_bytes(read_extra(job.active, EMBEDDINGS_FILE)).on_side(REPORT)
    for domain, (before, after) in result.sets.items():
        rows = report.of_domain(domain)
        assert {field: (row["n"], after[field]["n"]) for field, row in before.items()} == {
            field: (count, count) for field in before if (count := sum(field in labels for labels in rows.labels))
        }
    assert set(result.sets) == {STUDIO, PHONE}


def test_the_new_trunks_embeddings_travel_with_the_candidate(result: Retrained, job: RetrainJob) -> None:
    active, candidate = load(job.active), load(result.path, expected_sha256=result.sha256)
    assert candidate.trunk_sha256 != active.trunk_sha256
    packed = from_bytes(read_extra(result.path, EMBEDDINGS_FILE)).on_side(REPORT)
    own = embed_folders(Predictor.load(result.path, device="cpu"), job.folders).on_side(REPORT)
    assert packed.names == own.names
    assert torch.allclose(packed.vectors, own.vectors, atol=float(own.vectors.std()))
    assert torch.nn.functional.cosine_similarity(packed.vectors, own.vectors).min() > 0.999
    assert not set(packed.names) & {f"{name}.jpg" for name in job.lessons.names}


def test_the_card_tells_what_made_the_candidate(result: Retrained, job: RetrainJob) -> None:
    active, card = load(job.active), load(result.path).card
    assert (card.training["gear"], card.training["start"], card.training["lessons"]) == ("full", active.sha256, 30)
    assert (card.training["trunk"], card.training["epochs"]) == (active.card.trunk, CONFIG.epochs)
    assert card.training["trained"] == active.card.training
    assert card.preprocessing == active.card.preprocessing
    assert (card.data["snapshot"], card.data["pictures"]) == ({"labels": 46}, active.card.data["pictures"])
    assert len(card.history) == len(active.card.history) + CONFIG.epochs


def test_progress_names_every_step_in_order(result: Retrained, told: list[str]) -> None:
    assert list(dict.fromkeys(told)) == list(STEPS)


def test_held_out_and_calibrating_labels_teach_nothing(job: RetrainJob, tmp_path: Path) -> None:
    quick = FullGear(job.full.pictures, replace(CONFIG, epochs=1)) if job.full else None
    red = [{"colour": "Red"} if side in (REPORT, CALIBRATE) else PUCE for side in job.lessons.sides]
    weights = []
    for number, labels in enumerate((job.lessons.labels, red)):
        lessons = replace(job.lessons, labels=labels)
        again = retrain(replace(job, lessons=lessons, full=quick, out=tmp_path / str(number)))
        weights.append((again.path / "weights.safetensors").read_bytes())
        assert {row.actual for row in again.after.rows} == {("Puce", "Red")[number]}
    assert weights[0] == weights[1]


def test_folders_that_lack_the_report_set_are_refused_and_nothing_is_written(job: RetrainJob, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="pictures that the active model is measured on are in the folders"):
        retrain(replace(job, folders=job.folders[:1], out=tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_a_lesson_whose_picture_is_gone_is_left_out(tmp_path: Path) -> None:
    draw(JEANS).save(tmp_path / "1.jpg")
    lessons = replace(table_of([PUCE, PUCE], side=TUNE), names=["1", "2"])
    assert lessons_by_side(lessons, tmp_path) == {TRAIN: [Example(tmp_path / "1.jpg", PUCE, STUDIO)]}


def test_few_labelled_photos_have_the_say_of_all_other_phone_photos_but_not_without_end() -> None:
    lesson, phone = Example(Path("lesson.jpg"), PUCE, PHONE), Example(Path("phone.jpg"), {}, PHONE)
    counts = [len(repeated([lesson] * few, [phone] * 100)) for few in (1, 20, 200)]
    assert counts == [MOST_REPEATS, 100, 200]
    assert repeated([], [phone]) == []
    assert repeated([lesson], []) == [lesson]


def test_a_new_trunk_learns_anew_what_is_familiar(
    job: RetrainJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = FullGear(job.full.pictures, replace(CONFIG, epochs=1)) if job.full else None
    assert load(job.active).card.familiarity is None
    monkeypatch.setattr(rejection, "MIN_UNSEEN", 2)
    monkeypatch.setattr(rejection, "STRANGERS", 4)
    result = retrain(replace(job, full=quick, out=tmp_path / "out"))
    candidate = Predictor.load(result.path, "cpu")
    unseen = from_bytes(read_extra(result.path, EMBEDDINGS_FILE)).on_side(CALIBRATE)
    assert candidate.card.familiarity is not None
    assert candidate.is_familiar(unseen.vectors).float().mean() >= 0.8
