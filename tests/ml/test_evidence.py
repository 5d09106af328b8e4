import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score, precision_score, recall_score

from ml.embeddings import embed_folders
from ml.evidence import as_bytes, bootstrap, evidence, field_figures, figures, metrics, wilson
from ml.fields import FIELDS
from ml.outcomes import Outcome
from ml.predictor import Predictor
from ml.splits import REPORT

COLOURS = ("Red", "Blue", "Green", "Beige")


def outcome_of(actual: list[str], predicted: list[str], confidences: list[float] | None = None) -> Outcome:
    given = np.array(confidences if confidences is not None else [0.8] * len(actual))
    names = [f"{number}.jpg" for number in range(len(actual))]
    hits = np.array([truth == guess for truth, guess in zip(actual, predicted, strict=True)])
    return Outcome(names, actual, predicted, given, hits, given >= 0.5)


def random_outcome(n: int, seed: int = 0) -> Outcome:
    """Mostly right, sure of itself by chance."""
    random = np.random.default_rng(seed)
    actual = random.choice(COLOURS, n, p=(0.6, 0.25, 0.1, 0.05))
    predicted = np.where(random.random(n) < 0.7, actual, random.choice(COLOURS, n))
    return outcome_of(actual.tolist(), predicted.tolist(), random.random(n).tolist())


def test_figures_are_those_of_scikit_learn() -> None:
    outcome = random_outcome(400)
    found = field_figures(outcome)
    assert found["macro_f1"] == round(f1_score(outcome.actual, outcome.predicted, average="macro"), 5)
    for row in found["values"]:
        chosen = {"labels": [row["value"]], "average": None}
        assert row["precision"] == round(precision_score(outcome.actual, outcome.predicted, **chosen)[0], 5)
        assert row["recall"] == round(recall_score(outcome.actual, outcome.predicted, **chosen)[0], 5)
        assert row["f1"] == round(f1_score(outcome.actual, outcome.predicted, **chosen)[0], 5)
        assert row["n"] == list(outcome.actual).count(row["value"])
    table = confusion_matrix(outcome.actual, outcome.predicted, labels=COLOURS)
    cells = {(actual, predicted): n for actual, predicted, n in found["cells"]}
    for row, actual in enumerate(COLOURS):
        for column, predicted in enumerate(COLOURS):
            assert cells.get((actual, predicted), 0) == table[row, column]


def test_shares_follow_from_the_rows() -> None:
    outcome = outcome_of(["Red", "Red", "Blue", "Blue"], ["Red", "Blue", "Blue", "Red"], [0.9, 0.8, 0.6, 0.3])
    found = field_figures(outcome)
    assert (found["n"], found["accuracy"], found["top_3"]) == (4, 0.5, 0.5)
    assert (found["coverage"], found["precision"]) == (0.75, 0.66667)


def test_values_confusions_and_errors_are_in_order() -> None:
    outcome = outcome_of(
        ["Red", "Red", "Red", "Blue", "Blue", "Green"],
        ["Red", "Blue", "Blue", "Red", "Blue", "Blue"],
        [0.9, 0.3, 0.7, 0.8, 0.9, 0.2],
    )
    found = field_figures(outcome)
    assert [row["value"] for row in found["values"]] == ["Red", "Blue", "Green"]
    assert found["cells"] == [
        ["Red", "Blue", 2],
        ["Blue", "Red", 1],
        ["Green", "Blue", 1],
        ["Blue", "Blue", 1],
        ["Red", "Red", 1],
    ]
    assert found["errors"] == [
        ["3.jpg", "Blue", "Red", 0.8],
        ["2.jpg", "Red", "Blue", 0.7],
        ["1.jpg", "Red", "Blue", 0.3],
        ["5.jpg", "Green", "Blue", 0.2],
    ]


def test_never_predicted_and_never_kept_have_no_precision() -> None:
    found = field_figures(outcome_of(["Red", "Green"], ["Red", "Red"], [0.1, 0.2]))
    assert found["precision"] is None
    assert {row["value"]: row["precision"] for row in found["values"]} == {"Red": 0.5, "Green": None}


def test_bins_hold_every_picture_once_and_none_is_empty() -> None:
    outcome = random_outcome(200)
    bins = field_figures(outcome)["bins"]
    assert sum(row["n"] for row in bins) == 200
    assert all(row["n"] > 0 and row["from"] <= row["confidence"] <= row["to"] for row in bins)
    assert [row["from"] for row in bins] == sorted(row["from"] for row in bins)
    gaps = [row["n"] * abs(row["confidence"] - row["accuracy"]) for row in bins]
    assert sum(gaps) / 200 == pytest.approx(field_figures(outcome)["calibration_error"], abs=1e-4)


def test_full_confidence_is_in_the_last_bin() -> None:
    assert field_figures(outcome_of(["Red"], ["Red"], [1.0]))["bins"] == [
        {"from": 0.93333, "to": 1.0, "n": 1, "confidence": 1.0, "accuracy": 1.0, "interval": wilson(1, 1)}
    ]


@pytest.mark.parametrize(
    ("hits", "n", "interval"),
    [(8, 10, [0.49016, 0.94332]), (0, 10, [0.0, 0.27753]), (10, 10, [0.72247, 1.0])],
)
def test_wilson_interval_is_the_published_one(hits: int, n: int, interval: list[float]) -> None:
    assert wilson(hits, n) == interval


def test_bootstrap_equals_a_bootstrap_by_scikit_learn() -> None:
    outcome = random_outcome(60, seed=5)
    random = np.random.default_rng(1)  # the same drawings
    rows = random.integers(0, 60, (50, 60), dtype=np.int32)
    actual, predicted = np.array(outcome.actual), np.array(outcome.predicted)
    scores = [f1_score(actual[row], predicted[row], average="macro", zero_division=0) for row in rows]
    assert bootstrap(outcome, resamples=50)[0] == pytest.approx(np.percentile(scores, (2.5, 97.5)), abs=1e-5)


def test_intervals_hold_the_figure_and_narrow_with_more_pictures() -> None:
    few, many = (field_figures(random_outcome(n)) for n in (100, 1600))
    for key in ("accuracy", "macro_f1"):
        for found in (few, many):
            low, high = found[f"{key}_interval"]
            assert low <= found[key] <= high
        widths = [found[f"{key}_interval"][1] - found[f"{key}_interval"][0] for found in (few, many)]
        assert widths[1] < widths[0] / 2
    low, high = many["calibration_error_interval"]
    assert 0 < low < high < 1


def test_same_rows_give_the_same_figures() -> None:
    assert as_bytes(figures({"colour": random_outcome(50)})) == as_bytes(figures({"colour": random_outcome(50)}))


def test_evidence_has_a_set_per_kind_of_picture(predictor: Predictor, drawn_data: list[Path]) -> None:
    table = embed_folders(predictor, drawn_data).on_side(REPORT)
    found = evidence(predictor, table)
    assert (found["format"], list(found["sets"])) == (1, ["studio", "phone"])
    assert list(found["sets"]["studio"]) == list(FIELDS)
    assert "colour" not in found["sets"]["phone"]
    assert json.loads(as_bytes(found)) == found


def test_card_figures_are_the_shares_without_their_evidence() -> None:
    found = metrics({"studio": {"colour": field_figures(random_outcome(50))}})
    assert list(found) == ["studio report"]
    assert list(found["studio report"]["colour"]) == [
        "n",
        "accuracy",
        "top_3",
        "macro_f1",
        "expected_calibration_error",
        "coverage",
        "precision",
    ]
