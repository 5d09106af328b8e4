import numpy as np
import pytest
from PIL import Image

from ml.nonproducts import KINDS, SHORTER_SIDE, drawn


def pixels(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture, dtype=np.float64)


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_of_a_kind_are_rgb_of_a_photos_proportions_and_all_different(kind: str) -> None:
    pictures = list(drawn(kind, 6))
    assert {picture.mode for picture in pictures} == {"RGB"}
    assert {min(picture.size) for picture in pictures} == {SHORTER_SIDE}
    assert max(max(picture.size) / min(picture.size) for picture in pictures) <= 16 / 9
    assert len({picture.tobytes() for picture in pictures}) == 6


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_gives_the_same_pictures_and_another_seed_others(kind: str) -> None:
    first, again, other = (next(drawn(kind, 1, seed)) for seed in (1, 1, 2))
    assert (first.size, first.tobytes()) == (again.size, again.tobytes())
    assert first.tobytes() != other.tobytes()


def test_plain_colour_has_one_colour_and_noise_has_no_pattern() -> None:
    plain, noise = next(drawn("plain colour", 1)), next(drawn("uniform noise", 1))
    assert plain.getcolors() is not None
    assert len(plain.getcolors() or ()) == 1
    assert pixels(noise).std() > 60
    assert abs(np.corrcoef(pixels(noise)[:, :-1].ravel(), pixels(noise)[:, 1:].ravel())[0, 1]) < 0.05


@pytest.mark.parametrize("kind", ["stripes", "checks"])
def test_patterns_have_two_colours(kind: str) -> None:
    assert [len(picture.getcolors() or ()) for picture in drawn(kind, 4)] == [2] * 4


def test_a_gradient_has_no_edge() -> None:
    for picture in drawn("gradient", 4):
        assert np.abs(np.diff(pixels(picture), axis=1)).max() <= 6


def test_a_page_is_dark_ink_on_light_paper() -> None:
    for picture in drawn("page", 4):
        levels = pixels(picture).mean(2)
        assert 0.5 < (levels > 230).mean() < 1
        assert 0.002 < (levels < 80).mean() < 0.4


def test_a_landscape_is_green_below_and_bluish_above() -> None:
    for picture in drawn("landscape", 4):
        shown = pixels(picture)
        red, green, blue = shown[-5:].mean((0, 1))
        assert green > max(red, blue)
        assert shown[:5, :, 2].mean() > shown[:5, :, 0].mean()
