import math

import pytest
import torch
from torch import Tensor

from ml.studies.features import FEATURES, LEVELS, ORIENTATIONS, histograms, oriented_gradients, pixels


def grey_canvas(grey: Tensor) -> Tensor:
    """uint8 [1, H, W, 3] of grey values in [0, 1]."""
    return (grey * 255).round().to(torch.uint8)[None, :, :, None].repeat(1, 1, 1, 3)


def ramp(degrees: float, side: int = 28) -> Tensor:
    """Grey values that rise in one direction, clockwise from the right."""
    down, across = torch.meshgrid(torch.linspace(-1, 1, side), torch.linspace(-1, 1, side), indexing="ij")
    angle = math.radians(degrees)
    return 0.5 + 0.3 * (across * math.cos(angle) + down * math.sin(angle))


def edges(canvas: Tensor) -> Tensor:
    """The shares of the directions, summed over the quarters."""
    return histograms(canvas)[0, LEVELS * 4 :].reshape(ORIENTATIONS, 4).sum(1)


def test_pixels_are_grey_values_from_nought_to_one() -> None:
    canvas = torch.tensor([0, 51, 255], dtype=torch.uint8).view(1, 1, 3, 1).expand(2, 1, 3, 3)
    assert pixels(canvas).tolist() == [[0.0, pytest.approx(0.2), 1.0]] * 2


@pytest.mark.parametrize(("name", "width"), [("pixels", 784), ("oriented_gradients", 6 * 6 * 36), ("histograms", 100)])
def test_every_picture_gets_as_many_finite_features(name: str, width: int) -> None:
    canvases = torch.randint(0, 256, (3, 28, 28, 3), generator=torch.Generator().manual_seed(1), dtype=torch.uint8)
    features = FEATURES[name](torch.cat([canvases, torch.zeros_like(canvases)]))
    assert features.shape == (6, width)
    assert features.dtype == torch.float32
    assert bool(features.isfinite().all())


@pytest.mark.parametrize(("degrees", "direction"), [(0.0, 0), (40.0, 2), (180.0, 0), (60.0, 3), (240.0, 3), (160.0, 8)])
def test_an_edge_votes_for_its_direction_whichever_side_is_bright(degrees: float, direction: int) -> None:
    votes = edges(grey_canvas(ramp(degrees)))
    assert int(votes.argmax()) == direction
    assert float(votes[direction]) > 0.75 * float(votes.sum())  # the rest is the border's


def test_an_edge_between_two_directions_votes_for_both() -> None:
    votes = edges(grey_canvas(ramp(30.0)))
    first, second = sorted(votes.topk(2).indices.tolist())
    assert (first, second) == (1, 2)
    assert float(votes[1]) == pytest.approx(float(votes[2]), rel=0.1)


def test_a_plain_picture_has_one_level_and_no_edges() -> None:
    found = histograms(torch.full((1, 28, 28, 3), 128, dtype=torch.uint8))[0]
    levels, directions = found[: LEVELS * 4].reshape(LEVELS, 4), found[LEVELS * 4 :]
    assert levels[8].tolist() == [1.0] * 4
    assert float(levels.sum()) == 4.0
    assert float(directions.sum()) == 0.0


def test_quarters_are_told_apart() -> None:
    canvas = torch.zeros(1, 28, 28, 3, dtype=torch.uint8)
    canvas[:, :14, :14] = 255
    levels = histograms(canvas)[0, : LEVELS * 4].reshape(LEVELS, 4)
    assert levels[-1].tolist() == [1.0, 0.0, 0.0, 0.0]
    assert levels[0].tolist() == [0.0, 1.0, 1.0, 1.0]


def test_oriented_gradients_do_not_care_how_strong_the_light_is() -> None:
    dim = torch.randint(0, 128, (1, 28, 28, 3), generator=torch.Generator().manual_seed(3), dtype=torch.uint8)
    assert torch.allclose(oriented_gradients(dim), oriented_gradients(dim * 2), atol=1e-4)


def test_blocks_have_the_length_of_one() -> None:
    blocks = oriented_gradients(grey_canvas(ramp(20.0))).view(36, 36)  # of each block: 36 numbers in column
    assert blocks.norm(dim=0).tolist() == pytest.approx([1.0] * 36, abs=1e-3)


def test_parts_do_not_show() -> None:
    canvases = torch.randint(0, 256, (2050, 8, 8, 3), generator=torch.Generator().manual_seed(2), dtype=torch.uint8)
    assert torch.equal(histograms(canvases)[2045:], histograms(canvases[2045:]))
