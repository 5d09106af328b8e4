from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

from ml.artifact import DEFAULT_PATH, load
from ml.calibration import lower_band
from ml.errors import UnreadablePicture
from ml.fields import CATEGORY_FIELDS, FIELDS
from ml.pictures import fingerprint, open_picture
from ml.predictor import FieldPrediction, Predictor, Seen, checked
from tests.drawing import KINDS, Kind, product
from tests.ml.drawings import COLOURS, PATHS, draw, encoded
from tests.ml.tables import familiarity_below_median

Predictions = dict[str, FieldPrediction]


def drawn(count: int) -> list[Image.Image]:
    return [draw(PATHS[seed % 4], list(COLOURS)[seed % 3], seed=500 + seed) for seed in range(count)]


def assert_close(first: Predictions, second: Predictions) -> None:
    assert list(first) == list(second)
    for field in first:
        assert first[field].value == second[field].value
        assert abs(first[field].confidence - second[field].confidence) < 1e-3
        others = zip(first[field].alternatives, second[field].alternatives, strict=True)
        assert all(abs(one.confidence - other.confidence) < 1e-3 for one, other in others)


def test_every_picture_gets_all_fields_in_order(predictor: Predictor) -> None:
    predictions = predictor.predict(drawn(3))
    assert [list(prediction) for prediction in predictions] == [list(FIELDS)] * 3


def test_results_do_not_depend_on_batch_size_or_order(predictor: Predictor) -> None:
    pictures = drawn(9)
    together = predictor.predict(pictures)
    backwards = predictor.predict(pictures[::-1])[::-1]
    alone = [predictor.predict([picture])[0] for picture in pictures]
    for row in range(9):
        assert_close(together[row], alone[row])
        assert_close(together[row], backwards[row])


def test_no_pictures_give_no_predictions(predictor: Predictor) -> None:
    assert predictor.predict([]) == []


def test_tiny_network_has_learned_the_drawings(predictor: Predictor) -> None:
    predictions = predictor.predict(drawn(40))
    hits = [prediction["sub_category"].value == PATHS[seed % 4][1] for seed, prediction in enumerate(predictions)]
    assert sum(hits) / len(hits) >= 0.8


def test_category_levels_never_contradict(predictor: Predictor) -> None:
    for prediction in predictor.predict(drawn(24)):
        article = prediction["article_type"].path
        assert [prediction[field].path for field in CATEGORY_FIELDS] == [article[:1], article[:2], article]


def test_alternatives_are_the_runners_up(predictor: Predictor) -> None:
    for field, prediction in predictor.predict(drawn(1))[0].items():
        confidences = [other.confidence for other in prediction.alternatives]
        assert confidences == sorted(confidences, reverse=True)
        assert prediction.path not in [other.path for other in prediction.alternatives]
        assert len(prediction.alternatives) <= 4
        assert prediction.field == field


def test_confidences_of_a_field_sum_to_one_at_most(predictor: Predictor) -> None:
    for prediction in predictor.predict(drawn(2))[0].values():
        total = prediction.confidence + sum(other.confidence for other in prediction.alternatives)
        assert 0 < total <= 1.0001


def test_band_and_abstention_follow_the_card(predictor: Predictor) -> None:
    for field, prediction in predictor.predict(drawn(1))[0].items():
        thresholds = predictor.card.calibration.thresholds[field]
        assert prediction.band == thresholds.band(prediction.confidence)
        assert prediction.abstain == (prediction.confidence < thresholds.abstain_below)


def test_a_picture_that_looks_like_no_product_is_unsure_in_every_field_and_keeps_its_values(
    tiny_artifact: Path, predictor: Predictor
) -> None:
    vectors = predictor.embed_pictures(drawn(6))
    artifact = load(tiny_artifact)
    card = replace(artifact.card, familiarity=familiarity_below_median(vectors))
    found = Predictor(replace(artifact, card=card), torch.device("cpu"))
    assert sorted(found.is_familiar(vectors).tolist()) == [False] * 3 + [True] * 3
    rows = zip(found.is_familiar(vectors), found.predict_embeddings(vectors), strict=True)
    for (is_familiar, row), before in zip(rows, predictor.predict_embeddings(vectors), strict=True):
        unsure = {field: replace(each, band="unsure", abstain=True) for field, each in before.items()}
        assert row == (before if is_familiar else unsure)


def assert_only_the_contradicted_are_lower(found: list[Predictions], before: list[Predictions]) -> None:
    """Value, path, confidence and runners-up stay; so does every other field."""
    for row, other in zip(found, before, strict=True):
        colour = other["colour"]
        band = lower_band(colour.band) if row["colour"].contradicted else colour.band
        changed = replace(colour, band=band, abstain=band == "unsure", contradicted=row["colour"].contradicted)
        assert row == {**other, "colour": changed}


def test_a_contradicted_colour_is_one_band_lower_and_nothing_else_changes(predictor: Predictor) -> None:
    canvases = torch.stack([torch.from_numpy(predictor.preprocessing.canvas(picture)) for picture in drawn(6)])
    before = predictor.predict_canvases(canvases)
    assert [row["colour"].contradicted for row in before] == [False] * 6
    turned = canvases.flip(3)  # red is blue for the check, whatever the network had seen
    reds = [row for row, each in enumerate(before) if each["colour"].value == "Red"]
    found = checked(before, list(turned))
    assert reds
    assert {found[row]["colour"].contradicted for row in reds} == {True}
    assert_only_the_contradicted_are_lower(found, before)


def test_every_way_of_reading_checks_the_colour(shipped: Predictor, tmp_path: Path) -> None:
    pictures = [product(kind, "navy", (192, 256), "#c9a227") for kind in KINDS]
    files = [encoded(picture, "PNG") for picture in pictures]
    read = shipped.read(pictures)
    bare = shipped.predict_embeddings(read.embeddings)
    assert not any(row["colour"].contradicted for row in bare)
    assert_only_the_contradicted_are_lower(read.predictions, bare)
    marks = [row["colour"].contradicted for row in read.predictions]
    seen = [each for each in shipped.read_files([*files[:2], b"no picture", *files[2:]]) if isinstance(each, Seen)]
    canvases = torch.stack([torch.from_numpy(shipped.preprocessing.canvas(picture)) for picture in pictures])
    assert [each.fields["colour"].contradicted for each in seen] == marks
    assert [row["colour"].contradicted for row in shipped.predict_canvases(canvases)] == marks


def test_everything_is_familiar_where_the_card_cannot_tell(predictor: Predictor) -> None:
    assert predictor.card.familiarity is None
    assert predictor.is_familiar(predictor.embed_pictures(drawn(2))).tolist() == [True, True]
    assert predictor.is_familiar(predictor.embed_pictures([])).tolist() == []


def test_predictor_tells_device_name_and_identity(predictor: Predictor) -> None:
    assert predictor.device.type == "cpu"
    assert predictor.name == f"lapel-shufflenetv2x05-{predictor.sha256[:8]}"


def test_one_reading_gives_predictions_and_embeddings(predictor: Predictor) -> None:
    pictures = drawn(3)
    reading = predictor.read(pictures)
    assert reading.predictions == predictor.predict(pictures)
    assert torch.equal(reading.embeddings, predictor.embed_pictures(pictures))
    assert (reading.embeddings.shape[0], reading.embeddings.dtype) == (3, torch.float32)


def test_predictions_can_be_made_from_embeddings_alone(predictor: Predictor) -> None:
    reading = predictor.read(drawn(3))
    assert predictor.predict_embeddings(reading.embeddings) == reading.predictions
    stored = reading.embeddings.half().float()  # as the app stores them
    for one, other in zip(predictor.predict_embeddings(stored), reading.predictions, strict=True):
        assert {field: value.value for field, value in one.items()} == {
            field: value.value for field, value in other.items()
        }


def test_no_picture_gives_an_empty_reading(predictor: Predictor) -> None:
    reading = predictor.read([])
    assert (reading.predictions, len(reading.embeddings)) == ([], 0)


@pytest.fixture(scope="module")
def shipped() -> Predictor:
    return Predictor.load(DEFAULT_PATH, device="cpu")


def test_shipped_artifact_predicts_drawn_pictures(shipped: Predictor) -> None:
    predictions = shipped.predict([draw(), draw(size=(300, 200), background=(90, 80, 70))])
    assert [list(prediction) for prediction in predictions] == [list(FIELDS)] * 2
    assert all(0 < value.confidence <= 1 for row in predictions for value in row.values())


@pytest.mark.parametrize("kind", KINDS)
def test_shipped_artifact_reads_file_and_derivative_alike(shipped: Predictor, kind: Kind) -> None:
    original = encoded(product(kind, "blue", (1500, 2000)), quality=92)
    derivative = encoded(open_picture(original), quality=92, subsampling="4:4:4")  # as the app stores it
    from_file, from_derivative = shipped.predict([open_picture(original), open_picture(derivative)])
    for field in FIELDS:
        assert from_file[field].value == from_derivative[field].value
        assert abs(from_file[field].confidence - from_derivative[field].confidence) < 0.03


def test_files_are_read_in_order_and_a_broken_one_stops_nothing(predictor: Predictor, tmp_path: Path) -> None:
    pictures = drawn(19)
    files: list[bytes | Path] = [encoded(picture, "PNG") for picture in pictures]
    files[4] = tmp_path / "missing.png"
    files.append(b"no picture")
    seen = predictor.read_files(files)
    assert [row for row, each in enumerate(seen) if isinstance(each, UnreadablePicture)] == [4, 19]
    for each, picture in zip(seen, pictures, strict=False):
        if isinstance(each, Seen):
            assert each.fingerprint == fingerprint(picture)
            assert torch.allclose(each.embedding, predictor.embed_pictures([picture])[0], atol=1e-4)
            assert_close(each.fields, predictor.predict([picture])[0])


def test_no_files_give_nothing(predictor: Predictor) -> None:
    assert predictor.read_files([]) == []


def test_engine_is_kept_in_the_cache_under_the_name_of_the_trunk(tiny_artifact: Path, tmp_path: Path) -> None:
    first = Predictor.load(tiny_artifact, device="cpu", cache=tmp_path)
    second = Predictor.load(tiny_artifact, device="cpu", engine="torch")
    assert [file.name for file in tmp_path.iterdir()] == [f"trunk-{first.trunk_sha256}.onnx"]
    for one, other in zip(first.predict(drawn(9)), second.predict(drawn(9)), strict=True):
        assert_close(one, other)
