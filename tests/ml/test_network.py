from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from ml.errors import ArtifactError
from ml.network import Network, build_trunk, learns_in_bfloat16, load_pretrained

PICTURES = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("trunk", ["shufflenet_v2_x0_5", "mobilenet_v2", "mobilenet_v3_small", "resnet18"])
def test_any_trunk_gets_a_head_per_label_space(trunk: str) -> None:
    network = Network(trunk, {"category": 5, "colour": 3}).eval()
    with torch.no_grad():
        shapes = {space: tuple(logits.shape) for space, logits in network(PICTURES).items()}
    assert shapes == {"category": (2, 5), "colour": (2, 3)}


def test_options_reach_the_builder_of_the_trunk() -> None:
    network = Network("alexnet", {"colour": 3}, {"dropout": 0.125})
    assert [layer.p for layer in network.modules() if isinstance(layer, nn.Dropout)] == [0.125, 0.125]


def test_embedding_is_what_the_heads_read() -> None:
    network = Network("mobilenet_v2", {"colour": 3}).eval()
    with torch.no_grad():
        features = network.embed(PICTURES)
        assert (features.dtype, tuple(features.shape)) == (torch.float32, (2, 1280))
        assert torch.equal(network.heads["colour"](features), network(PICTURES)["colour"])


def test_unknown_trunk_is_refused() -> None:
    with pytest.raises(ArtifactError, match="'resnet_million' is no torchvision classification network"):
        build_trunk("resnet_million", {})


def test_trunk_without_linear_layer_is_refused() -> None:
    with pytest.raises(ArtifactError, match="does not end in a linear layer"):
        build_trunk("squeezenet1_1", {})


def test_pretrained_weights_fill_the_trunk_without_its_classifier(tmp_path: Path) -> None:
    source, target = (Network("shufflenet_v2_x0_5", {"colour": 2}) for _ in range(2))
    weights = {name: value.half() for name, value in source.trunk.state_dict().items()}
    save_file({**weights, "fc.weight": torch.zeros(1000, 1024)}, tmp_path / "trunk.safetensors")
    load_pretrained(target, tmp_path / "trunk.safetensors")
    loaded = target.trunk.state_dict()
    assert all(torch.equal(loaded[name].half(), value) for name, value in weights.items())


def test_incomplete_pretrained_weights_are_refused(tmp_path: Path) -> None:
    network = Network("shufflenet_v2_x0_5", {"colour": 2})
    weights = dict(network.trunk.state_dict())
    del weights["conv1.0.weight"]
    save_file(weights, tmp_path / "trunk.safetensors")
    with pytest.raises(ArtifactError, match=r"lacks 1 tensors, 'conv1\.0\.weight' first"):
        load_pretrained(network, tmp_path / "trunk.safetensors")


def test_file_that_holds_no_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "trunk.safetensors").write_bytes(b"nothing")
    with pytest.raises(ArtifactError, match="not the weights of this trunk"):
        load_pretrained(Network("shufflenet_v2_x0_5", {"colour": 2}), tmp_path / "trunk.safetensors")


@pytest.mark.parametrize(
    ("trunk", "size", "expected"),
    [
        ("resnet18", (80, 60), True),
        ("resnet18", (40, 30), False),  # its last stride reads a map of 3×2
        ("mobilenet_v2", (80, 60), False),  # grouped
    ],
)
def test_a_cpu_learns_in_bfloat16_where_that_is_fast_and_right(
    monkeypatch: pytest.MonkeyPatch, trunk: str, size: tuple[int, int], expected: bool
) -> None:
    monkeypatch.setattr("ml.network.has_fast_bfloat16", lambda _device: True)
    network = Network(trunk, {"category": 5}).train()
    assert learns_in_bfloat16(network, torch.device("cpu"), size) == expected
    assert learns_in_bfloat16(network, torch.device("cuda"), size)
    assert network.training
    assert not any(each._forward_pre_hooks for each in network.modules())
