import torch

from ml.bench import published_way
from ml.predictor import Predictor
from tests.ml.drawings import draw, encoded


def test_each_field_gets_a_value_from_a_network_of_its_own() -> None:
    one_per_field = published_way.networks({"colour": 5, "season": 3})
    values = published_way.read(encoded(draw()), one_per_field, torch.device("cpu"))
    assert list(values) == ["colour", "season"]
    assert all(0 <= number < 5 and 0 < probability <= 1 for number, probability in values.values())


def test_one_network_for_all_fields_is_faster(predictor: Predictor) -> None:
    figures = published_way.measure(predictor, {"small": [encoded(draw())]}, repeats=1)["small"]
    assert list(figures) == ["ours", "published, 1 threads", "times_faster"]
    assert figures["times_faster"] > 1
