from dataclasses import fields

import pytest
import torch

from ml.augmentation import Augmentation, Draw, cut_mix, replace_background, white_background
from ml.preprocessing import Preprocessing
from tests.ml.drawings import PATHS, draw

SIZE = Preprocessing(height=64, width=48)
NOTHING = Augmentation(**{item.name: 0.0 for item in fields(Augmentation)} | {"zoom_in": 1.0, "zoom_out": 1.0})


def batch(count: int = 8) -> torch.Tensor:
    canvases = [torch.from_numpy(SIZE.canvas(draw(PATHS[row % 4], seed=row))) for row in range(count)]
    return SIZE.scale(torch.stack(canvases))


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_same_seed_gives_the_same_batch() -> None:
    studio = torch.ones(8, dtype=torch.bool)
    first, again = (Augmentation()(batch(), studio, generator(5)) for _ in range(2))
    other = Augmentation()(batch(), studio, generator(6))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_shape_and_range_are_kept() -> None:
    pictures = Augmentation()(batch(), torch.ones(8, dtype=torch.bool), generator())
    assert pictures.shape == (8, 3, 64, 48)
    assert 0.0 <= float(pictures.min()) < float(pictures.max()) <= 1.0


def test_global_random_state_is_left_alone() -> None:
    before = torch.get_rng_state()
    Augmentation()(batch(), torch.ones(8, dtype=torch.bool), generator())
    assert torch.equal(before, torch.get_rng_state())


def test_zero_strength_only_flips() -> None:
    pictures = batch()
    changed = NOTHING(pictures, torch.ones(8, dtype=torch.bool), generator())
    for before, after in zip(pictures, changed, strict=True):
        nearest = min(float((after - side).abs().max()) for side in (before, before.flip(2)))
        assert nearest < 1e-3


def test_hue_hardly_moves() -> None:
    red = torch.zeros(64, 3, 16, 16)
    red[:, 0], red[:, 1:] = 0.6, 0.2
    changed = Augmentation(erase_share=0)(red, torch.zeros(64, dtype=torch.bool), generator()).mean((2, 3))
    assert bool((changed[:, 0] > 1.8 * changed[:, 1]).all())
    assert float((changed[:, 1] / changed[:, 2] - 1).abs().max()) < 0.15


def test_white_background_is_found_around_the_product() -> None:
    mask = white_background(torch.ones(1, 3, 8, 8).index_fill(3, torch.tensor([4]), 0.2))
    assert mask[0, 0, 0].tolist() == [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    product = torch.ones(1, 3, 12, 12)
    product[:, :, 2:10, 2:10] = 0.2
    assert white_background(product)[0, 0, 6].tolist()[5:7] == [0.0, 0.0]


def test_only_marked_studio_pictures_get_another_background() -> None:
    pictures = batch()
    swap = torch.tensor([True, False] * 4)
    changed = replace_background(
        pictures, swap, ~torch.ones(8, dtype=torch.bool), Draw(8, pictures.device, generator())
    )
    is_changed = [not torch.equal(before, after) for before, after in zip(pictures, changed, strict=True)]
    assert is_changed == swap.tolist()


def test_picture_without_white_keeps_its_background() -> None:
    pictures = batch() * 0.5
    everything = torch.ones(8, dtype=torch.bool)
    changed = replace_background(pictures, everything, ~everything, Draw(8, pictures.device, generator()))
    assert torch.equal(changed, pictures)


def test_a_box_of_each_picture_shows_another_of_the_batch() -> None:
    pictures = torch.arange(8.0).view(-1, 1, 1, 1).expand(8, 3, 20, 30)
    sizes = []
    for seed in range(50):
        mixed, order, share = cut_mix(pictures, Draw(8, pictures.device, torch.Generator().manual_seed(seed)))
        is_other = mixed != pictures
        assert torch.equal(mixed[is_other], pictures[order][is_other])
        moved = order != torch.arange(8)
        assert is_other[moved].float().mean((1, 2, 3)).tolist() == pytest.approx([share] * int(moved.sum()))
        sizes.append(share)
    assert min(sizes) < 0.1
    assert max(sizes) > 0.6
    assert float(pictures[3, 0, 0, 0]) == 3.0  # what came is as it was
