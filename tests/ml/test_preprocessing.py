import numpy as np
import torch
from PIL import Image

from ml.pictures import open_picture
from ml.preprocessing import Preprocessing, border_colour
from tests.ml.drawings import draw, encoded

SIZE = Preprocessing(height=32, width=24)


def test_tensor_has_the_card_size_and_range() -> None:
    tensor = SIZE(draw())
    assert (tensor.dtype, tuple(tensor.shape)) == (torch.float32, (3, 32, 24))
    assert -1.0 <= float(tensor.min()) < float(tensor.max()) <= 1.0


def test_mean_and_deviation_are_applied_per_channel() -> None:
    preprocessing = Preprocessing(8, 8, mean=(0.0, 0.5, 1.0), std=(1.0, 0.5, 0.25))
    tensor = preprocessing(Image.new("RGB", (8, 8), (255, 255, 255)))
    assert tensor.mean((1, 2)).tolist() == [1.0, 1.0, 0.0]


def test_wide_picture_is_letterboxed_on_its_border_colour() -> None:
    picture = Image.new("RGB", (48, 16), (10, 200, 30))
    picture.paste((250, 0, 0), (4, 4, 44, 12))
    canvas = SIZE.canvas(picture)
    assert canvas.shape == (32, 24, 3)
    assert np.abs(canvas[[0, 11, 20, 31]].astype(int) - border_colour(picture)).max() <= 3
    assert np.abs(canvas[16, 12].astype(int) - [250, 0, 0]).max() <= 5


def test_border_colour_is_the_mean_of_the_outermost_pixels() -> None:
    pixels = np.zeros((4, 4, 3), dtype=np.uint8)
    pixels[0] = 160  # 4 of 16 edge pixels, two of which are corners and count twice
    assert border_colour(Image.fromarray(pixels)) == (60, 60, 60)


def test_one_pixel_picture_is_accepted() -> None:
    assert (SIZE.canvas(Image.new("RGB", (1, 1), (9, 8, 7))) == [9, 8, 7]).all()


def test_shrinking_is_antialiased() -> None:
    stripes = np.zeros((320, 240, 3), dtype=np.uint8)
    stripes[:, ::2] = 255
    canvas = SIZE.canvas(Image.fromarray(stripes))
    assert int(canvas.max()) - int(canvas.min()) < 40


def test_file_and_stored_derivative_give_nearly_the_same_input() -> None:
    original = encoded(draw(size=(1200, 1600), background=(90, 140, 60)), quality=90)
    derivative = encoded(open_picture(original), quality=92, subsampling="4:4:4")  # as the app stores it
    from_file, from_derivative = SIZE(open_picture(original)), SIZE(open_picture(derivative))
    assert float((from_file - from_derivative).abs().mean()) < 0.01
