from pathlib import Path

import pytest
import torch
from torch import nn

from ml.checkpoint import Progression, checkpoints, load_checkpoint, save_checkpoint
from ml.errors import ArtifactError

Parts = tuple[nn.Module, nn.Module, torch.optim.Optimizer]


def parts(seed: int) -> Parts:
    torch.manual_seed(seed)
    network, average = nn.Linear(3, 2), nn.Linear(3, 2)
    optimizer = torch.optim.AdamW(network.parameters(), 0.1)
    network(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    return network, average, optimizer


def test_checkpoint_restores_network_average_optimizer_and_progress(tmp_path: Path) -> None:
    stored, fresh = parts(1), parts(2)
    progression = Progression(12, [{"epoch": 1, "loss": 0.5}], [0.25, 0.125])
    folder = save_checkpoint(tmp_path, *stored, progression)
    assert load_checkpoint(folder, *fresh) == progression
    for kept, loaded in zip(stored[:2], fresh[:2], strict=True):
        assert torch.equal(kept.weight, loaded.weight)
    for kept, loaded in zip(stored[2].state.values(), fresh[2].state.values(), strict=True):
        assert all(torch.equal(kept[key], loaded[key]) for key in ("step", "exp_avg", "exp_avg_sq"))


def test_only_the_newest_checkpoint_is_kept(tmp_path: Path) -> None:
    for step in (5, 10):
        save_checkpoint(tmp_path, *parts(1), Progression(step))
    assert [path.name for path in checkpoints(tmp_path)] == ["step-0000010"]


def test_half_written_checkpoint_is_not_found(tmp_path: Path) -> None:
    (tmp_path / ".step-0000007").mkdir()
    assert checkpoints(tmp_path) == []


def test_no_pickle_is_written(tmp_path: Path) -> None:
    folder = save_checkpoint(tmp_path, *parts(1), Progression(1))
    assert sorted(path.name for path in folder.iterdir()) == ["progress.json", "state.safetensors"]


def test_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    folder = save_checkpoint(tmp_path, *parts(1), Progression(1))
    (folder / "state.safetensors").write_bytes(b"half")
    with pytest.raises(ArtifactError, match="not a checkpoint of this training"):
        load_checkpoint(folder, *parts(1))


def test_another_networks_checkpoint_is_refused_in_a_line_and_not_tensor_by_tensor(tmp_path: Path) -> None:
    folder = save_checkpoint(tmp_path, *parts(1), Progression(1))
    layers = nn.Sequential(*(nn.Linear(3, 3) for _ in range(50)))
    optimizer = torch.optim.AdamW(layers.parameters())
    with pytest.raises(ArtifactError) as refused:
        load_checkpoint(folder, layers, layers, optimizer)
    said = str(refused.value).removeprefix(str(folder))
    assert said.startswith(
        ": not a checkpoint of this training (Error(s) in loading state_dict for Sequential: Missing"
    )
    assert len(said) < 300
