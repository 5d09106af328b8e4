from typing import Any

import pytest
import torch

from ml.network import Network, build_trunk
from ml.studies import networks

TRUNKS: dict[str, tuple[dict[str, Any], int]] = {
    "small_cnn": ({}, 128),
    "mlp": ({"hidden": (64, 32)}, 32),
    "gru_rows": ({"hidden": 24}, 48),
    "vit_small": ({"width": 32}, 32),
    "resnet18_small": ({"width": 4}, 32),
    "resnet9": ({"width": 4}, 32),
    "wide_resnet16": ({"factor": 1}, 64),
    "vgg16_narrow": ({}, 512),
    "alexnet_narrow": ({}, 512),
}
"""Options and number of features."""

SIDES = {"vgg16_narrow": 32, "alexnet_narrow": 64}
"""Of the smallest pictures, where 28 px are too few."""

ANY_SIZE = ("small_cnn", "resnet18_small", "resnet9", "wide_resnet16", "vgg16_narrow")


def pictures(side: int = 28, count: int = 2) -> torch.Tensor:
    return torch.rand(count, 3, side, side, generator=torch.Generator().manual_seed(1))


def parameters(name: str, **options: Any) -> int:
    trunk, features = build_trunk(name, options)
    return sum(values.numel() for values in trunk.parameters()) + 10 * (features + 1)


@pytest.mark.parametrize("name", TRUNKS)
def test_every_trunk_turns_small_pictures_into_its_features(name: str) -> None:
    options, width = TRUNKS[name]
    network = Network(name, {"label": 10}, options).eval()
    assert network.feature_count == width
    seen = pictures(SIDES.get(name, 28))
    assert network.embed(seen).shape == (2, width)
    assert network(seen)["label"].shape == (2, 10)


@pytest.mark.parametrize("name", ANY_SIZE)
def test_convolutions_take_pictures_of_any_size(name: str) -> None:
    options, width = TRUNKS[name]
    trunk = build_trunk(name, options)[0].eval()
    assert trunk(pictures(37)).shape == (2, width)


@pytest.mark.parametrize("name", TRUNKS)
def test_every_number_of_a_trunk_learns(name: str) -> None:
    trunk, _ = build_trunk(name, TRUNKS[name][0])
    torch.manual_seed(1)
    (trunk(pictures(SIDES.get(name, 28), 8)) ** 2).sum().backward()
    assert [path for path, values in trunk.named_parameters() if values.grad is None] == []


def test_residual_networks_are_as_large_as_the_published_ones() -> None:
    assert round(parameters("resnet18_small") / 1e6, 1) == 11.2
    assert round(parameters("wide_resnet16") / 1e6, 2) == 2.75


def test_normalisation_and_depth_of_the_small_cnn_are_options() -> None:
    plain, normalised = (parameters("small_cnn", is_normalised=value) for value in (False, True))
    assert normalised - plain == 2 * (32 + 64 + 128)
    assert parameters("small_cnn", widths=(8,)) == 3 * 9 * 8 + 8 + (8 * networks.POOLED**2 + 1) * 128 + 10 * 129


@pytest.mark.parametrize("name", ["mlp", "gru_rows"])
def test_colour_does_not_matter_to_those_that_read_grey_values(name: str) -> None:
    trunk = build_trunk(name, TRUNKS[name][0])[0].eval()
    coloured = pictures()
    grey = coloured.mean(1, keepdim=True).expand(-1, 3, -1, -1)
    assert torch.allclose(trunk(coloured), trunk(grey), atol=1e-5)


def test_rows_are_read_in_their_order() -> None:
    trunk = build_trunk("gru_rows", {})[0].eval()
    assert not torch.allclose(trunk(pictures()), trunk(pictures()[:, :, torch.randperm(28)]), atol=1e-4)
