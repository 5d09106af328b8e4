from dataclasses import replace
from pathlib import Path

import torch

from ml.artifact import load
from ml.embeddings import embed_folders
from ml.fields import FIELDS
from ml.outcomes import outcomes
from ml.predictor import Predictor
from tests.ml.tables import familiarity_below_median, table_of


def test_outcomes_say_what_the_predictions_say(predictor: Predictor, drawn_data: list[Path]) -> None:
    table = embed_folders(predictor, drawn_data)
    found = outcomes(predictor, table)
    predictions = predictor.predict_embeddings(table.vectors)
    assert list(found) == list(FIELDS)
    for field, outcome in found.items():
        rows = [row for row, labels in enumerate(table.labels) if field in labels]
        assert list(outcome.names) == [table.names[row] for row in rows]
        assert list(outcome.actual) == [table.labels[row][field] for row in rows]
        assert list(outcome.predicted) == [predictions[row][field].value for row in rows]
        assert outcome.is_kept.tolist() == [not predictions[row][field].abstain for row in rows]
        assert [round(value, 5) for value in outcome.confidences] == [
            round(predictions[row][field].confidence, 5) for row in rows
        ]


def test_first_three_hold_the_hits(predictor: Predictor, drawn_data: list[Path]) -> None:
    for outcome in outcomes(predictor, embed_folders(predictor, drawn_data)).values():
        assert (outcome.in_top_3 >= outcome.hits).all()


def test_value_that_the_model_lacks_is_a_miss(predictor: Predictor) -> None:
    width = predictor.embed_pictures([]).shape[1]
    table = table_of([{"colour": "Puce"}]).vectors.new_zeros(1, width)
    outcome = outcomes(predictor, table_of([{"colour": "Puce"}], table))["colour"]
    assert (outcome.hits.tolist(), outcome.in_top_3.tolist()) == ([False], [False])


def test_fields_without_labels_and_empty_tables_have_no_outcome(predictor: Predictor) -> None:
    width = predictor.embed_pictures([]).shape[1]
    table = table_of([{"season": "Fall"}], table_of([{}]).vectors.new_zeros(1, width))
    assert list(outcomes(predictor, table)) == ["season"]
    assert outcomes(predictor, table.take([])) == {}


def test_what_looks_like_no_product_is_not_kept(
    predictor: Predictor, tiny_artifact: Path, drawn_data: list[Path]
) -> None:
    table = embed_folders(predictor, drawn_data)
    artifact = load(tiny_artifact)
    card = replace(artifact.card, familiarity=familiarity_below_median(table.vectors))
    found = Predictor(replace(artifact, card=card), torch.device("cpu"))
    before, after = outcomes(predictor, table), outcomes(found, table)
    familiar = dict(zip(table.names, found.is_familiar(table.vectors).tolist(), strict=True))
    for field, outcome in after.items():
        expected = [kept and familiar[name] for kept, name in zip(before[field].is_kept, outcome.names, strict=True)]
        assert outcome.is_kept.tolist() == expected
        assert outcome.confidences.tolist() == before[field].confidences.tolist()
