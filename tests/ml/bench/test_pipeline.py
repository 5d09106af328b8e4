import pytest

from ml.bench import pipeline
from ml.predictor import Predictor
from tests.ml.drawings import draw, encoded


def test_parts_and_whole_are_compared_for_each_size(predictor: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "BATCHES", {"small": 4})
    figures = pipeline.measure(predictor, {"small": [encoded(draw(seed=seed)) for seed in range(2)]}, repeats=1)
    row = figures["small"]
    assert row["batch"] == 4
    slower = min(row["decode"]["photos_per_s"], row["forward"]["photos_per_s"])
    assert row["of_slower"] == pytest.approx(row["end_to_end"]["photos_per_s"] / slower, rel=0.02)
    assert row["of_both"] > row["of_slower"]
