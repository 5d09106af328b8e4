"""One training in several processes, as torchrun starts them: the first one leads, the others learn along with it.

The first process alone reads, measures, checkpoints and saves. When it comes to training it hands the others its
configuration, its state and its pictures, so that they need neither data nor database; then all of them walk through
the same plan of batches, each with its share of every batch, and average their gradients.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import torch
import torch.distributed as dist
from torch import Tensor
from torch.nn.parallel import DistributedDataParallel

from ml.batches import Share
from ml.dataset import PictureTable
from ml.errors import ProcessLost
from ml.network import Network, choose_device
from ml.train import Trainer, TrainingConfig

PATIENCE: Final = timedelta(hours=12)
"""How long the others wait while the first one reads or measures; that one has died is noticed at once."""
ROWS_AT_ONCE: Final = 4096


@dataclass(frozen=True)
class _Start:
    """What a trainer is made of; `data` has tensors without content, which follows."""

    config: TrainingConfig
    sizes: Mapping[str, int]
    optimizer: Mapping[str, Any]
    step: int
    data: PictureTable


def leads() -> bool:
    """Whether this process is the first of its training, or the only one."""
    return os.environ.get("RANK", "0") == "0"


def world_size() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))


def fit(trainer: Trainer, data: PictureTable, run: Path, evaluate: Callable[[Network], dict[str, float]]) -> None:
    """`Trainer.fit` by all processes of a training, the others being in `follow`; ProcessLost when one ends early."""
    if world_size() == 1:
        trainer.fit(data, run, evaluate)
        return
    with _group(trainer.device):
        described = replace(data.each(lambda values: values.to("meta")), examples=())
        state = trainer.optimizer.state_dict()
        _first_ones(_Start(trainer.config, trainer.network.sizes, state, trainer.progression.step, described))
        _fit_together(trainer, data, run, evaluate)


def follow() -> None:
    """What every process but the first does: learn along until the training is done. ProcessLost as above."""
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    device = choose_device()
    with _group(device):
        start: _Start = _first_ones(None)
        trainer = Trainer(start.config, Network(start.config.trunk, start.sizes), device)
        trainer.optimizer.load_state_dict(dict(start.optimizer))
        trainer.progression.step = start.step
        data = start.data.each(lambda values: torch.empty(values.shape, dtype=values.dtype))
        _fit_together(trainer, data, Path(), lambda network: {})


@contextmanager
def _group(device: torch.device) -> Iterator[None]:
    """The processes connected; what breaks because one of them is gone says so."""
    dist.init_process_group("cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE)
    try:
        yield
    except RuntimeError as error:  # each back end has its own words for a lost connection
        if isinstance(error, dist.DistError) or "gloo" in str(error).lower():
            raise ProcessLost("Another process of this training ended before it was done.") from error
        raise
    finally:
        dist.destroy_process_group()


def _first_ones(start: _Start | None) -> Any:
    """What the first process passes in, in all of them. They are parts of one program, so a pickle may travel."""
    box = [start]
    dist.broadcast_object_list(box, src=0, device=torch.device("cpu"))
    return box[0]


def _fit_together(
    trainer: Trainer, data: PictureTable, run: Path, evaluate: Callable[[Network], dict[str, float]]
) -> None:
    data.each(_filled)
    trainer.share = Share(dist.get_rank(), dist.get_world_size())
    trainer.model = DistributedDataParallel(trainer.network)  # gives all of them the first one's weights
    try:
        trainer.fit(data, run, evaluate)
    finally:
        trainer.model = trainer.network


def _filled(values: Tensor) -> Tensor:
    """The first process's values, in place."""
    for part in torch.split(values, ROWS_AT_ONCE):
        dist.broadcast(part, src=0)
    return values
