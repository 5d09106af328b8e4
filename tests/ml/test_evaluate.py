from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ml.artifact import load
from ml.dataset import split
from ml.embeddings import embed_folders
from ml.errors import DataError
from ml.evaluate import evaluate_folders
from ml.fields import FIELDS
from ml.layouts import read_folder
from ml.outcomes import outcomes
from ml.pictures import open_picture
from ml.predictor import Predictor
from tests.ml.drawings import write_published
from tests.ml.tables import familiarity_below_median


def test_every_labelled_picture_is_counted_per_field(predictor: Predictor, drawn_data: list[Path]) -> None:
    report = evaluate_folders(predictor, drawn_data, "all")
    assert (report["model"], report["n"]) == (predictor.name, 150)
    counts = {field: figures["n"] for field, figures in report["fields"].items()}
    assert counts == {**dict.fromkeys(FIELDS, 120), "master_category": 150, "sub_category": 150, "usage": 60}
    assert set(report["domains"]) == {"studio", "phone"}
    assert list(report["domains"]["phone"]) == ["master_category", "sub_category"]


def test_accuracy_agrees_with_counting_by_hand(predictor: Predictor, tmp_path: Path) -> None:
    folder = write_published(tmp_path / "studio", 20, first=900)
    report = evaluate_folders(predictor, [folder], "all")
    examples = read_folder(folder)
    predictions = predictor.predict([open_picture(example.picture) for example in examples])
    hits = [
        prediction["colour"].value == example.labels["colour"]
        for prediction, example in zip(predictions, examples, strict=True)
    ]
    assert report["fields"]["colour"]["accuracy"] == round(sum(hits) / 20, 5)


def test_one_side_can_be_measured_alone(predictor: Predictor, drawn_data: list[Path]) -> None:
    sides = ("train", "tune", "calibrate", "report")
    assert sum(evaluate_folders(predictor, drawn_data, side)["n"] for side in sides) == 150


def test_empty_side_is_refused(predictor: Predictor, tmp_path: Path) -> None:
    folder = write_published(tmp_path / "studio", 1)
    (occupied,) = split(read_folder(folder))
    empty = "tune" if occupied != "tune" else "train"
    with pytest.raises(DataError, match=f"No picture falls on the {empty} side"):
        evaluate_folders(predictor, [folder], empty)


def test_value_that_the_model_does_not_know_counts_as_a_miss(predictor: Predictor, tmp_path: Path) -> None:
    folder = write_published(tmp_path / "studio", 4)
    table = folder / "styles.csv"
    table.write_text(table.read_text().replace("Men", "Martians"))
    gender = evaluate_folders(predictor, [folder], "all")["fields"]["gender"]
    assert (gender["n"], gender["accuracy"]) == (4, 0.0)


def test_coverage_leaves_out_what_looks_like_no_product(
    predictor: Predictor, tiny_artifact: Path, drawn_data: list[Path]
) -> None:
    artifact = load(tiny_artifact)
    table = embed_folders(predictor, drawn_data)
    card = replace(artifact.card, familiarity=familiarity_below_median(table.vectors))
    found = Predictor(replace(artifact, card=card), torch.device("cpu"))
    before, after = (evaluate_folders(each, drawn_data, "all")["fields"] for each in (predictor, found))
    assert {field: row["accuracy"] for field, row in after.items()} == {
        field: row["accuracy"] for field, row in before.items()
    }
    kept = {field: int(outcome.is_kept.sum()) for field, outcome in outcomes(found, table).items()}
    assert {field: round(row["coverage"] * row["n"]) for field, row in after.items()} == kept
