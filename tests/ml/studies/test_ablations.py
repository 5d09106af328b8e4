import pytest
import torch
from torch import Generator, Tensor

from ml.studies.ablations import (
    ABLATIONS,
    BRIGHTNESS,
    COLOUR,
    GREY,
    INK,
    Ablation,
    blurred,
    flat_colour,
    grey,
    shuffled,
    silhouette,
    swapped_plane,
    swapped_region,
)


@pytest.fixture
def pictures() -> Tensor:
    return torch.rand(6, 3, 32, 24, generator=Generator().manual_seed(1))


@pytest.fixture
def product() -> Tensor:
    """A red box with dark stripes on white."""
    picture = torch.ones(1, 3, 32, 24)
    picture[:, :, 8:24, 6:18] = torch.tensor([0.8, 0.1, 0.1]).view(1, 3, 1, 1)
    picture[:, :, 8:24:4, 6:18] = 0.0
    return picture


def luma(pictures: Tensor) -> Tensor:
    return (pictures * torch.tensor(GREY).view(1, 3, 1, 1)).sum(1)


@pytest.mark.parametrize("change", ABLATIONS.values(), ids=ABLATIONS)
def test_shape_and_range_stay(change: Ablation, pictures: Tensor) -> None:
    before = pictures.clone()
    changed = change(pictures)
    assert changed.shape == pictures.shape
    assert 0 <= changed.min() <= changed.max() <= 1 + 1e-6
    assert torch.equal(pictures, before)


def test_grey_keeps_brightness_alone(pictures: Tensor) -> None:
    changed = grey(pictures)
    assert torch.equal(changed[:, 0], changed[:, 2])
    assert torch.allclose(luma(changed), luma(pictures), atol=1e-5)


def test_blur_takes_detail_and_keeps_the_mean(pictures: Tensor) -> None:
    changed = blurred(pictures, 0.05)
    assert changed.std() < 0.3 * pictures.std()
    assert changed.mean() == pytest.approx(float(pictures.mean()), abs=0.01)


def test_shuffled_patches_are_all_there_in_another_order(pictures: Tensor) -> None:
    changed = shuffled(pictures, 4, 3)

    def patches(picture: Tensor) -> list[tuple[float, ...]]:
        cut = picture.reshape(3, 4, 8, 3, 8).permute(1, 3, 0, 2, 4).reshape(12, -1)
        return [tuple(patch) for patch in cut.tolist()]

    for before, after in zip(pictures, changed, strict=True):
        assert sorted(patches(after)) == sorted(patches(before))
        assert patches(after) != patches(before)


def test_what_does_not_fit_into_patches_stays(pictures: Tensor) -> None:
    changed = shuffled(pictures, 5, 5)  # 32×24 px: patches of 6×4, two rows and four columns are left
    assert torch.equal(changed[:, :, 30:], pictures[:, :, 30:])
    assert torch.equal(changed[:, :, :, 20:], pictures[:, :, :, 20:])
    assert not torch.equal(changed, pictures)


def test_silhouette_keeps_the_outline_alone(product: Tensor) -> None:
    changed = silhouette(product)
    assert torch.allclose(changed[0, :, 10:22, 8:16], torch.tensor(INK))
    assert torch.equal(changed[0, :, :5], torch.ones(3, 5, 24))


def test_flat_colour_keeps_the_mean_colour_too(product: Tensor) -> None:
    inside = flat_colour(product)[0, :, 10:22, 8:16]
    assert inside.flatten(1).std(1).max() < 1e-6
    red, green, blue = inside.mean((1, 2)).tolist()
    assert red > 0.5 > 0.3 > green == pytest.approx(blue)


def test_one_region_comes_from_another_picture(pictures: Tensor) -> None:
    changed = swapped_region(pictures, 1, 2, seed=3)
    region = changed[:, :, 8:16, 16:24]
    assert not torch.equal(region, pictures[:, :, 8:16, 16:24])
    assert sorted(region.sum((1, 2, 3)).tolist()) == pytest.approx(
        sorted(pictures[:, :, 8:16, 16:24].sum((1, 2, 3)).tolist())
    )
    changed[:, :, 8:16, 16:24] = pictures[:, :, 8:16, 16:24]
    assert torch.equal(changed, pictures)


def test_swapped_planes_leave_each_other_alone() -> None:
    pictures = torch.rand(6, 3, 4, 4, generator=Generator().manual_seed(2)) * 0.2 + 0.4  # far from black and white
    tint = pictures - luma(pictures)[:, None]
    changed = {plane: swapped_plane(pictures, plane, seed=1) for plane in (BRIGHTNESS, COLOUR)}
    assert torch.allclose(luma(changed[COLOUR]), luma(pictures), atol=1e-5)
    assert torch.allclose(changed[BRIGHTNESS] - luma(changed[BRIGHTNESS])[:, None], tint, atol=1e-5)
    assert not torch.allclose(luma(changed[BRIGHTNESS]), luma(pictures), atol=1e-2)
