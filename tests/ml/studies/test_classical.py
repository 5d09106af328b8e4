from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from ml.studies.classical import ClassicalRecipe
from ml.studies.data import DataConfig, StudyData, labels_of, load_data, take

RECIPES = {
    "logistic regression": ClassicalRecipe("pixels", "logistic_regression", {"C": 1.0}),
    "random forest": ClassicalRecipe("pixels", "random_forest", {"min_samples_leaf": 1}),
    "linear SVM": ClassicalRecipe("oriented_gradients", "linear_svm", {"C": 0.1}),
}


@pytest.fixture(scope="module")
def data(study_data: Path) -> StudyData:
    return load_data(DataConfig(), RECIPES["linear SVM"].preprocessing, study_data, seed=1)


@pytest.mark.parametrize("name", RECIPES)
def test_every_model_learns_where_the_bar_is(data: StudyData, tmp_path: Path, name: str) -> None:
    learned = RECIPES[name].learn(data, 1, tmp_path)
    probabilities = learned.probabilities(data.test.canvases)
    assert probabilities.shape == (len(data.test), 10)
    assert torch.allclose(probabilities.sum(1), torch.ones(len(data.test)), atol=1e-5)
    assert float((probabilities.argmax(1) == labels_of(data.test)).float().mean()) > 0.6
    assert (learned.images, learned.epochs, list(learned.curves)) == (len(data.train), 1, [])
    assert learned.clock.seconds > 0


def test_numbers_learned_are_coefficients_or_nodes(data: StudyData, tmp_path: Path) -> None:
    logistic = RECIPES["logistic regression"].learn(data, 1, tmp_path)
    assert logistic.parameters == 10 * (784 + 1)
    forest = RECIPES["random forest"].learn(data, 1, tmp_path)
    assert 100 * 3 < forest.parameters < 100 * 2 * len(data.train)


def test_a_class_that_nobody_saw_gets_nothing(data: StudyData, tmp_path: Path) -> None:
    fewer = replace(data, train=take(data.train, (labels_of(data.train) != 4).nonzero()[:, 0]))
    for recipe in RECIPES.values():
        probabilities = recipe.learn(fewer, 1, tmp_path).probabilities(data.test.canvases)
        assert float(probabilities[:, 4].abs().max()) == 0.0


def test_seed_decides_what_a_forest_is(data: StudyData, tmp_path: Path) -> None:
    forests = [RECIPES["random forest"].learn(data, seed, tmp_path) for seed in (1, 1, 2)]
    first, again, other = (one.probabilities(data.test.canvases) for one in forests)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_settings_tell_recipes_apart() -> None:
    assert asdict(RECIPES["linear SVM"])["settings"] == {"C": 0.1}
    assert asdict(replace(RECIPES["linear SVM"], settings={"C": 1.0})) != asdict(RECIPES["linear SVM"])
