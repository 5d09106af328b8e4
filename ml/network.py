"""Any classification trunk by name, torchvision's or an own one, with one linear head per label space."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from ml.errors import ArtifactError
from ml.zoo import find_builder

NARROW: Final = 2


class Network(nn.Module):
    """A trunk that pools a picture to D features, and a linear head per label space on top of them."""

    def __init__(self, trunk_name: str, sizes: Mapping[str, int], options: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.trunk, self.feature_count = build_trunk(trunk_name, options or {})
        self.heads = nn.ModuleDict({space: nn.Linear(self.feature_count, n) for space, n in sizes.items()})

    @property
    def sizes(self) -> dict[str, int]:
        """Number of outputs per head."""
        return {space: len(head.get_parameter("bias")) for space, head in self.heads.items()}

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        """float32 [N, 3, H, W], normalised -> logits float [N, classes] per label space."""
        return self.classify(self.trunk(pictures))

    def classify(self, features: Tensor) -> dict[str, Tensor]:
        """float32 [N, D] pooled features -> logits float [N, classes] per label space."""
        return {space: head(features) for space, head in self.heads.items()}

    def embed(self, pictures: Tensor) -> Tensor:
        """float32 [N, 3, H, W], normalised -> pooled features float32 [N, D]."""
        features: Tensor = self.trunk(pictures)
        return features.float()


def build_trunk(name: str, options: Mapping[str, Any]) -> tuple[nn.Module, int]:
    """The model `name`, untrained, its last linear layer cut off; and its feature count D.

    `options` are those of its builder, such as `dropout`.
    """
    builder = find_builder(name)
    if not builder:
        raise ArtifactError(f"{name!r} is no torchvision classification network.")
    model = builder(**options)
    linear = [(path, layer) for path, layer in model.named_modules() if isinstance(layer, nn.Linear)]
    if not linear:
        raise ArtifactError(f"{name!r} does not end in a linear layer.")
    path, last = linear[-1]
    parent, _, leaf = path.rpartition(".")
    setattr(model.get_submodule(parent), leaf, nn.Identity())
    return model, last.in_features


def load_pretrained(network: Network, file: Path) -> None:
    """Fill the trunk from a safetensors file with torchvision's names; its classifier is not needed."""
    try:
        weights = {name: value.float() for name, value in load_file(file).items()}
        result = network.trunk.load_state_dict(weights, strict=False)
    except Exception as error:
        raise ArtifactError(f"{file}: not the weights of this trunk as safetensors ({error}).") from error
    if result.missing_keys:
        count, first = len(result.missing_keys), result.missing_keys[0]
        raise ArtifactError(f"{file}: lacks {count} tensors, {first!r} first.")


def choose_device(name: str | None = None) -> torch.device:
    """The named device, else the GPU when there is one, else the CPU."""
    return torch.device(name or ("cuda" if torch.cuda.is_available() else "cpu"))


def has_fast_bfloat16(device: torch.device) -> bool:
    """Whether bf16 autocast pays: CUDA from Ampere on, CPUs with AMX."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    return device.type == "cpu" and torch.cpu._is_amx_tile_supported()


def learns_in_bfloat16(network: nn.Module, device: torch.device, size: tuple[int, int]) -> bool:
    """Whether bf16 autocast pays, and is right, for learning from pictures of `size` (height, width).

    On CPUs only where no convolution is grouped, as those have no fast kernels there in bf16: on a Xeon with AMX
    MobileNetV2 takes 1.5 times as long in it at 80x60 px, EfficientNet-B0 1.9 times, ResNet-18 0.6 times
    (`tests/benchmarks/bfloat16.py`). And only where no strided convolution reads a map of 2 px or less: what
    PyTorch 2.15 makes of those with AMX is what happens to lie in memory, infinities and NaN among it (alike for
    strides of 3: pytorch/pytorch#169688).
    """
    if device.type == "cuda" or not has_fast_bfloat16(device):
        return has_fast_bfloat16(device)
    convolutions = [each for each in network.modules() if isinstance(each, nn.Conv2d)]
    if any(each.groups > 1 for each in convolutions):
        return False
    strided = [each for each in convolutions if max(each.stride) > 1 and max(each.kernel_size) > 1]
    return min(_sides_read(network, strided, size), default=NARROW + 1) > NARROW


@torch.no_grad()
def _sides_read(network: nn.Module, layers: Iterable[nn.Module], size: tuple[int, int]) -> list[int]:
    """The shorter side of the map that each layer reads, for one picture of `size`."""
    sides: list[int] = []

    def note(_layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        sides.append(min(inputs[0].shape[-2:]))

    hooks = [layer.register_forward_pre_hook(note) for layer in layers]
    was_training = network.training
    network.eval()(torch.zeros(1, 3, *size))
    network.train(was_training)
    for hook in hooks:
        hook.remove()
    return sides
