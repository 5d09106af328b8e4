"""Checkpoints of a run: a folder per step with one safetensors file and one JSON file, never a pickle."""

import json
import re
import shutil
import textwrap
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ml.errors import ArtifactError

STATE_FILE = "state.safetensors"
PROGRESS_FILE = "progress.json"
MOST_SAID = 200  # characters


@dataclass
class Progression:
    """How far a run is: finished steps, figures of each finished epoch, step losses of the current one."""

    step: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)


def save_checkpoint(
    run: Path,
    network: nn.Module,
    average: nn.Module,
    optimizer: torch.optim.Optimizer,
    progression: Progression,
) -> Path:
    """Write `run/step-…` at once or not at all, then remove the older ones."""
    folder = run / f"step-{progression.step:07d}"
    unfinished = run / f".{folder.name}"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    tensors = {
        **_prefixed("network", network.state_dict()),
        **_prefixed("average", average.state_dict()),
        **_prefixed("optimizer", _optimizer_tensors(optimizer)),
    }
    stored = {name: value.detach().contiguous().cpu() for name, value in tensors.items()}
    save_file(stored, unfinished / STATE_FILE)
    (unfinished / PROGRESS_FILE).write_text(json.dumps(asdict(progression), indent=1))
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.rename(folder)
    for older in set(checkpoints(run)) - {folder}:
        shutil.rmtree(older)
    return folder


def load_checkpoint(
    folder: Path, network: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer
) -> Progression:
    """Restore all three in place from one checkpoint folder."""
    try:
        tensors = load_file(folder / STATE_FILE)
        progression = Progression(**json.loads((folder / PROGRESS_FILE).read_text()))
        network.load_state_dict(_with_prefix("network", tensors))
        average.load_state_dict(_with_prefix("average", tensors))
        _restore_optimizer(optimizer, _with_prefix("optimizer", tensors))
    except Exception as error:
        said = textwrap.shorten(str(error), MOST_SAID, placeholder=" …")  # torch names every tensor
        raise ArtifactError(f"{folder}: not a checkpoint of this training ({said}).") from error
    return progression


def checkpoints(run: Path) -> list[Path]:
    """Finished checkpoint folders of a run, oldest first."""
    return sorted(path for path in run.glob("step-*") if re.fullmatch(r"step-\d{7,}", path.name))


def _optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    state = optimizer.state_dict()["state"]
    return {f"{index}.{key}": value for index, values in state.items() for key, value in values.items()}


def _restore_optimizer(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        index, _, key = name.partition(".")
        state.setdefault(int(index), {})[key] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


def _prefixed(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}.{name}": value for name, value in tensors.items()}


def _with_prefix(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    start = prefix + "."
    return {name[len(start) :]: value for name, value in tensors.items() if name.startswith(start)}
