import torch

from ml.hierarchy import Hierarchy
from ml.scores import FieldScores, field_scores, is_correct
from ml.vocabulary import Vocabulary
from tests.ml.drawings import JEANS, SHIRT, SHOE

VOCABULARY = Vocabulary(
    Hierarchy((JEANS, SHIRT, SHOE)), {"colour": ("Blue", "Red"), "season": (), "gender": (), "usage": ()}
)
LOGITS = {
    "category": torch.tensor([[0.5, 0.1, 0.4]]).log(),
    "colour": torch.tensor([[0.2, 0.8]]).log(),
}
NEUTRAL = dict.fromkeys(("master_category", "sub_category", "article_type", "colour"), 1.0)


def test_fields_come_with_paths_and_probabilities() -> None:
    scores = field_scores(LOGITS, VOCABULARY, NEUTRAL)
    assert list(scores) == ["master_category", "sub_category", "article_type", "colour"]
    assert [scores[field].paths[int(scores[field].chosen)] for field in scores] == [
        ("Apparel",),
        ("Apparel", "Bottomwear"),
        JEANS,
        ("Red",),
    ]
    assert [round(float(values.confidences), 4) for values in scores.values()] == [0.6, 0.5, 0.5, 0.8]


def test_each_field_has_its_own_temperature() -> None:
    hot = field_scores(LOGITS, VOCABULARY, {**NEUTRAL, "colour": 2.0})
    assert round(float(hot["colour"].confidences), 4) == 0.6667
    assert round(float(hot["article_type"].confidences), 4) == 0.5


def test_chosen_value_ranks_first_even_if_another_is_likelier() -> None:
    scores = FieldScores([("a",), ("b",), ("c",)], torch.tensor([[0.5, 0.2, 0.3]]), torch.tensor([1]))
    assert scores.ranked(3).tolist() == [[1, 0, 2]]
    assert scores.ranked(9).tolist() == [[1, 0, 2]]


def test_values_are_compared_by_name() -> None:
    paths = [("Accessories", "Socks"), ("Apparel", "Socks")]
    scores = FieldScores(paths, torch.tensor([[0.9, 0.1], [0.2, 0.8]]), torch.tensor([0, 1]))
    assert is_correct(scores, ["Socks", "Ties"]).tolist() == [True, False]
