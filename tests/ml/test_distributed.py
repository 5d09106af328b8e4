"""Two real processes on one machine: this one leads, another follows."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch

from ml.batches import Share
from ml.checkpoint import checkpoints, load_checkpoint
from ml.dataset import PictureTable, load_table
from ml.distributed import fit, leads
from ml.errors import ProcessLost
from ml.layouts import read_folders
from ml.network import Network
from ml.preprocessing import Preprocessing
from ml.train import Trainer, TrainingConfig
from ml.vocabulary import Vocabulary
from tests.preloaded import Process, preloaded

CONFIG = TrainingConfig(
    trunk="shufflenet_v2_x0_5", preprocessing=Preprocessing(32, 24), epochs=4, batch_size=32, learning_rate=3e-3
)


@pytest.fixture(scope="module")
def table(drawn_data: list[Path]) -> PictureTable:
    examples = read_folders(drawn_data)
    return load_table(examples, Vocabulary.observed(examples), CONFIG.preprocessing, "drawn")


def trainer(table: PictureTable, config: TrainingConfig = CONFIG) -> Trainer:
    torch.manual_seed(config.seed)
    return Trainer(config, Network(config.trunk, Vocabulary.observed(table.examples).sizes), torch.device("cpu"))


@contextmanager
def follower(monkeypatch: pytest.MonkeyPatch, log: Path) -> Iterator[Process]:
    """Another process of the training command, which has neither data nor checkpoints."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    world = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "OMP_NUM_THREADS": "1"}
    for name, value in {**world, "RANK": "0", "LOCAL_RANK": "0"}.items():
        monkeypatch.setenv(name, value)
    command = ("-m", "ml", "train", "--data", "nowhere", "--out", "nowhere")
    process = preloaded().start(command, env={**os.environ, "RANK": "1", "LOCAL_RANK": "1"}, log=log)
    try:
        yield process
    finally:
        process.kill()


@pytest.fixture(scope="module")
def together(table: PictureTable, tmp_path_factory: pytest.TempPathFactory) -> Trainer:
    """Trained by two processes to the end."""
    trained = trainer(table)
    run = tmp_path_factory.mktemp("together")
    with pytest.MonkeyPatch.context() as patch, follower(patch, run / "log") as other:
        fit(trained, table, run, lambda network: {})
        assert other.wait(30) == 0
    return trained


def test_two_processes_learn_what_one_does(together: Trainer, table: PictureTable, tmp_path: Path) -> None:
    alone = trainer(table)
    alone.fit(table, tmp_path, lambda network: {})
    losses = [sum(row["loss"] for row in each.progression.history) for each in (alone, together)]
    assert losses[1] == pytest.approx(losses[0], rel=0.12)
    assert together.model is together.network


def test_when_another_process_dies_the_first_says_so_and_a_resumed_run_ends_with_the_same_weights(
    together: Trainer, table: PictureTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = trainer(table)
    with follower(monkeypatch, tmp_path / "log") as other:

        def die_after_the_first_epoch(_network: Network) -> dict[str, float]:
            other.kill()
            other.wait(30)
            return {}

        with pytest.raises(ProcessLost, match="ended before it was done"):
            fit(killed, table, tmp_path, die_after_the_first_epoch)
    assert [path.name for path in checkpoints(tmp_path)] == ["step-0000005"]

    resumed = trainer(table)
    resumed.progression = load_checkpoint(
        checkpoints(tmp_path)[-1], resumed.network, resumed.average, resumed.optimizer
    )
    with follower(monkeypatch, tmp_path / "log"):
        fit(resumed, table, tmp_path, lambda network: {})
    assert resumed.progression == together.progression
    for name, value in together.average.state_dict().items():
        assert torch.equal(value, resumed.average.state_dict()[name]), name


@dataclass(frozen=True)
class Left:
    """A training of two steps over all pictures, which the first process left after one."""

    leader: Trainer
    status: int
    said: str


@pytest.fixture(scope="module")
def left(table: PictureTable, tmp_path_factory: pytest.TempPathFactory) -> Left:
    def leave(_network: Network) -> dict[str, float]:
        raise KeyboardInterrupt

    leader = trainer(table, replace(one_step(table), epochs=2))
    run = tmp_path_factory.mktemp("left")
    with pytest.MonkeyPatch.context() as patch, follower(patch, run / "log") as other:
        with pytest.raises(KeyboardInterrupt):
            fit(leader, table, run, leave)
        status = other.wait(30)
    return Left(leader, status, (run / "log").read_text())


def one_step(table: PictureTable) -> TrainingConfig:
    return replace(CONFIG, batch_size=2 * len(table), epochs=1)


def test_gradients_are_the_mean_of_what_each_process_finds_in_its_share(
    left: Left, table: PictureTable, tmp_path: Path
) -> None:
    shares = [trainer(table, one_step(table)) for _ in range(2)]
    for rank, each in enumerate(shares):
        each.share = Share(rank, 2)
        each.fit(table, tmp_path, lambda network: {})
    for mine, first, second in zip(*(each.network.parameters() for each in (left.leader, *shares)), strict=True):
        assert mine.grad is not None
        assert first.grad is not None
        assert second.grad is not None
        assert torch.allclose(mine.grad, (first.grad + second.grad) / 2, atol=1e-5)


def test_a_follower_whose_leader_is_gone_says_so(left: Left) -> None:
    assert left.said.splitlines()[-1] == "error: Another process of this training ended before it was done."
    assert left.status == 2


def test_without_others_a_process_leads_itself(
    table: PictureTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert leads()
    monkeypatch.setenv("RANK", "1")
    assert not leads()
    alone = trainer(table, one_step(table))
    fit(alone, table, tmp_path, lambda network: {"measured": 1.0})
    assert alone.progression.history[0]["measured"] == 1.0
