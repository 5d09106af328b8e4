import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ml.augmentation import Draw, cut_mix
from ml.batches import seed_of
from ml.checkpoint import checkpoints, load_checkpoint
from ml.dataset import PictureTable, load_table
from ml.layouts import read_folders
from ml.logit_adjustment import adjusted
from ml.network import Network
from ml.preprocessing import Preprocessing
from ml.train import OPTIMIZERS, Trainer, TrainingConfig, learning_rate, total_loss, update_average
from ml.vocabulary import Targets, Vocabulary

CONFIG = TrainingConfig(
    trunk="shufflenet_v2_x0_5",
    preprocessing=Preprocessing(32, 24),
    epochs=2,
    batch_size=32,
    learning_rate=3e-3,
    checkpoint_seconds=0.0,
)


@pytest.fixture(scope="module")
def table(drawn_data: list[Path]) -> PictureTable:
    examples = read_folders(drawn_data)
    return load_table(examples, Vocabulary.observed(examples), CONFIG.preprocessing, "drawn")


def trainer(table: PictureTable, config: TrainingConfig = CONFIG) -> Trainer:
    torch.manual_seed(config.seed)
    sizes = Vocabulary.observed(table.examples).sizes
    return Trainer(config, Network(config.trunk, sizes), torch.device("cpu"))


class Killed(Exception):
    pass


@pytest.mark.parametrize(
    "config",
    [*(replace(CONFIG, optimizer=name) for name in ("adamw", "adam", "sgd")), replace(CONFIG, cut_mix_share=0.5)],
    ids=["adamw", "adam", "sgd", "CutMix"],
)
def test_resumed_run_equals_the_uninterrupted_one(table: PictureTable, tmp_path: Path, config: TrainingConfig) -> None:
    straight = trainer(table, config)
    straight.fit(table, tmp_path / "straight", lambda network: {})

    killed, steps = trainer(table, config), []

    def die_in_the_second_epoch(*arguments: object) -> float:
        if len(steps) == 7:
            raise Killed
        steps.append(Trainer.step(killed, *arguments))  # type: ignore[arg-type]  # passed on as they came
        return steps[-1]

    killed.step = die_in_the_second_epoch  # type: ignore[method-assign]  # the power cut
    with pytest.raises(Killed):
        killed.fit(table, tmp_path / "killed", lambda network: {})

    resumed = trainer(table, replace(config))
    newest = checkpoints(tmp_path / "killed")[-1]
    assert newest.name == "step-0000007"
    resumed.progression = load_checkpoint(newest, resumed.network, resumed.average, resumed.optimizer)
    resumed.fit(table, tmp_path / "killed", lambda network: {})

    assert resumed.progression == straight.progression
    for name, value in straight.average.state_dict().items():
        assert torch.equal(value, resumed.average.state_dict()[name]), name
    for name, value in straight.network.state_dict().items():
        assert torch.equal(value, resumed.network.state_dict()[name]), name


def test_loss_falls_and_history_has_one_entry_per_epoch(table: PictureTable, tmp_path: Path) -> None:
    run = trainer(table, replace(CONFIG, epochs=10, checkpoint_seconds=1000.0, logit_adjustment={}))
    run.fit(table, tmp_path, lambda network: {"checked": 1.0})
    history = run.progression.history
    assert [(entry["epoch"], entry["checked"]) for entry in history] == [(epoch, 1.0) for epoch in range(1, 11)]
    assert history[-1]["loss"] < 0.7 * history[0]["loss"]


def test_learning_rate_warms_up_then_falls_to_zero() -> None:
    config = replace(CONFIG, learning_rate=1.0, warmup_share=0.1)
    rates = [learning_rate(config, step, 100) for step in range(101)]
    assert rates[:10] == [(step + 1) / 10 for step in range(10)]
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[100] < 1e-9


def test_constant_learning_rate_stays_after_the_warm_up() -> None:
    config = replace(CONFIG, learning_rate=1.0, warmup_share=0.02, schedule="constant")
    assert [learning_rate(config, step, 100) for step in range(100)] == [0.5] + [1.0] * 99


def test_budget_in_steps_closes_the_epoch_that_it_cuts_off(table: PictureTable, tmp_path: Path) -> None:
    run = trainer(table, replace(CONFIG, steps=7))
    run.fit(table, tmp_path, lambda network: {})
    assert run.progression.step == 7
    assert [entry["epoch"] for entry in run.progression.history] == [1, 2]
    assert [path.name for path in checkpoints(tmp_path)] == ["step-0000007"]


def test_optimizers_differ(table: PictureTable) -> None:
    pictures = table.take(torch.arange(8))
    after = {}
    for name in OPTIMIZERS:
        run = trainer(table, replace(CONFIG, optimizer=name))
        run.step(*pictures, 0, 10)
        run.step(*pictures, 1, 10)
        after[name] = run.network.heads["colour"].get_parameter("bias").tolist()
    assert len({tuple(values) for values in after.values()}) == 3


def test_network_without_a_category_head_learns_its_other_heads() -> None:
    config = replace(CONFIG, loss_weights={"label": 2.0}, label_smoothing=0.0)
    targets = Targets(torch.zeros(2, 0, dtype=torch.bool), {"label": torch.tensor([0, 1])})
    loss = total_loss({"label": torch.zeros(2, 2)}, targets, config)
    assert float(loss) == pytest.approx(2 * math.log(2))


def test_of_mixed_pictures_both_labels_count_by_their_share_of_the_area(table: PictureTable) -> None:
    config = replace(CONFIG, augmentation=None, cut_mix_share=1.0, learning_rate=0.0)
    taught, generator = trainer(table, config), torch.Generator().manual_seed(seed_of(config.seed, 0))
    canvases, targets, is_studio = table.take(torch.arange(32))
    loss = taught.step(canvases, targets, is_studio, 0, 10)
    draw = Draw(32, torch.device("cpu"), generator)
    assert draw.chance(1.0).all()
    mixed, order, share = cut_mix(config.preprocessing.scale(canvases), draw)
    assert 0 < share < 1
    with torch.no_grad():
        logits = adjusted(
            trainer(table, config).network.train()(config.preprocessing.normalise(mixed)), taught.frequencies
        )
        parts = [float(total_loss(logits, each, config)) for each in (targets, targets.take(order))]
    assert loss == pytest.approx((1 - share) * parts[0] + share * parts[1], rel=1e-4)
    assert abs(parts[0] - parts[1]) > 5e-3 * loss


def test_missing_plain_labels_weigh_nothing() -> None:
    config = replace(CONFIG, loss_weights={"category": 1.0, "colour": 1.0}, label_smoothing=0.0)
    logits = {"category": torch.zeros(2, 2), "colour": torch.tensor([[5.0, 0.0], [0.0, 9.0]])}
    nothing = torch.zeros(2, 2, dtype=torch.bool)
    both = total_loss(logits, Targets(nothing, {"colour": torch.tensor([0, -1])}), config)
    first = total_loss(
        {space: values[:1] for space, values in logits.items()},
        Targets(nothing[:1], {"colour": torch.tensor([0])}),
        config,
    )
    assert torch.allclose(both, first)
    assert float(total_loss(logits, Targets(nothing, {"colour": torch.tensor([-1, -1])}), config)) == 0.0


def test_average_moves_towards_the_network_buffers_too() -> None:
    average, network = torch.nn.BatchNorm1d(1), torch.nn.BatchNorm1d(1)
    network.running_mean.fill_(1.0)
    network.num_batches_tracked.fill_(7)
    update_average(average, network, 0.75)
    assert (float(average.running_mean), int(average.num_batches_tracked)) == (0.25, 7)
