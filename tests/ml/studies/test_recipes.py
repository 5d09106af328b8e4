import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from ml.checkpoint import checkpoints
from ml.errors import ArtifactError
from ml.network import Network
from ml.preprocessing import Preprocessing
from ml.studies import networks
from ml.studies.data import LABEL, DataConfig, StudyData, labels_of, load_data
from ml.studies.recipes import Learned, NetworkRecipe, moved
from ml.train import Trainer, TrainingConfig

TRAINING = TrainingConfig(
    trunk=networks.small_cnn.__name__,
    preprocessing=Preprocessing(28, 28),
    augmentation=None,
    epochs=6,
    batch_size=16,
    learning_rate=3e-3,
    average_decay=0.0,
)
RECIPE = NetworkRecipe(TRAINING, {"widths": (8, 16), "hidden": 32})


@pytest.fixture(scope="module")
def data(study_data: Path) -> StudyData:
    return load_data(DataConfig(), RECIPE.preprocessing, study_data, seed=1)


@pytest.fixture(scope="module")
def learned(data: StudyData, tmp_path_factory: pytest.TempPathFactory) -> Learned:
    return RECIPE.learn(data, 1, tmp_path_factory.mktemp("learned"))


def test_network_learns_what_can_be_learned(data: StudyData, learned: Learned) -> None:
    found = learned.probabilities(data.test.canvases)
    assert tuple(found.shape) == (40, 10)
    assert torch.allclose(found.sum(1), torch.ones(40))
    assert float((found.argmax(1) == labels_of(data.test)).float().mean()) > 0.8


def test_cost_counts_pictures_steps_and_numbers(learned: Learned) -> None:
    assert (learned.images, learned.epochs, learned.steps) == (6 * 108, 6.0, 6 * 7)
    expected = sum(values.numel() for values in Network("small_cnn", {LABEL: 10}, RECIPE.options).parameters())
    assert learned.parameters == expected
    assert learned.clock.seconds > 0


def test_curves_have_both_sides_after_each_epoch(learned: Learned) -> None:
    assert [row["epoch"] for row in learned.curves] == list(range(1, 7))
    assert [row["images"] for row in learned.curves] == [108 * epoch for epoch in range(1, 7)]
    first, last = learned.curves[0], learned.curves[-1]
    assert last["train_loss"] < first["train_loss"]
    assert last["validation_accuracy"] > first["validation_accuracy"]


class Killed(Exception):
    pass


def test_interrupted_run_goes_on_from_its_last_epoch(
    data: StudyData, learned: Learned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = Trainer.step

    def die(trainer: Trainer, *arguments: object) -> float:
        if trainer.progression.step == 17:
            raise Killed
        return step(trainer, *arguments)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(Trainer, "step", die)
    with pytest.raises(Killed):
        RECIPE.learn(data, 1, tmp_path)
    monkeypatch.undo()
    assert [path.name for path in checkpoints(tmp_path)] == ["step-0000014"]
    resumed = RECIPE.learn(data, 1, tmp_path)
    assert (resumed.images, resumed.steps) == (learned.images, learned.steps)
    assert torch.equal(resumed.probabilities(data.test.canvases), learned.probabilities(data.test.canvases))


def test_who_is_asked_about_both_sides_answers_alike_for_a_picture_and_its_mirror_image(
    data: StudyData, learned: Learned, tmp_path: Path
) -> None:
    pictures = data.test.canvases
    both = replace(RECIPE, is_mirrored=True).learn(data, 1, tmp_path).probabilities
    one = learned.probabilities
    assert torch.allclose(both(pictures), (one(pictures) + one(pictures.flip(2))) / 2)
    assert torch.allclose(both(pictures), both(pictures.flip(2)), atol=1e-6)
    assert not torch.allclose(one(pictures), one(pictures.flip(2)), atol=1e-3)


def test_who_is_asked_about_moved_pictures_answers_with_the_mean_of_all(
    data: StudyData, learned: Learned, tmp_path: Path
) -> None:
    inner = torch.zeros_like(data.test.canvases)
    inner[:, 2:-2, 2:-2] = data.test.canvases[:, 2:-2, 2:-2]  # nothing to repeat at the edges
    answer = replace(RECIPE, is_moved=True).learn(data, 1, tmp_path).probabilities
    views = [inner, *(inner.roll((down, right), (1, 2)) for down in (-1, 1) for right in (-1, 1))]
    assert torch.allclose(
        answer(inner), torch.stack([learned.probabilities(view) for view in views]).mean(0), atol=1e-6
    )


def test_what_comes_into_view_when_a_picture_is_moved_repeats_its_edge() -> None:
    picture = torch.arange(9, dtype=torch.uint8).view(1, 3, 3, 1)
    assert moved(picture, 1, -1).view(3, 3).tolist() == [[1, 2, 2], [1, 2, 2], [4, 5, 5]]


def test_seeds_differ(data: StudyData, learned: Learned, tmp_path: Path) -> None:
    other = RECIPE.learn(data, 2, tmp_path)
    assert not torch.equal(other.probabilities(data.test.canvases), learned.probabilities(data.test.canvases))


def test_pretrained_trunk_is_found_beside_the_data(data: StudyData, tmp_path: Path) -> None:
    start = Network("small_cnn", {LABEL: 10}, RECIPE.options).trunk
    save_file(dict(start.state_dict()), tmp_path / "trunk.safetensors")
    frozen = replace(TRAINING, learning_rate=0.0, weight_decay=0.0, epochs=1)
    recipe = replace(RECIPE, training=frozen, pretrained="trunk.safetensors")
    first, second = (recipe.learn(replace(data, folder=tmp_path), seed, tmp_path / str(seed)) for seed in (1, 2))
    assert first.curves[0]["train_loss"] != second.curves[0]["train_loss"]  # the heads differ
    with pytest.raises(ArtifactError, match="not the weights of this trunk"):
        replace(recipe, pretrained="nowhere").learn(data, 1, tmp_path / "nowhere")


def test_network_that_diverges_knows_nothing(data: StudyData, tmp_path: Path) -> None:
    wild = replace(TRAINING, optimizer="sgd", learning_rate=1e12, epochs=2)
    learned = replace(RECIPE, training=wild).learn(data, 1, tmp_path)
    assert torch.equal(learned.probabilities(data.test.canvases), torch.full((40, 10), 0.1))
    assert learned.curves[-1]["train_loss"] == pytest.approx(math.log(10), abs=1e-4)
    json.dumps(learned.curves, allow_nan=False)
