import numpy as np
from PIL import ImageFilter

from ml.bench.decoding import measure, plainly_decoded
from ml.bench.photos import drawn
from ml.pictures import open_picture
from tests.ml.drawings import encoded


def test_both_ways_give_the_same_picture() -> None:
    photo = encoded(drawn((1632, 1224), seed=3).filter(ImageFilter.GaussianBlur(8)), quality=90)
    scaled, plain = open_picture(photo), plainly_decoded(photo)
    assert scaled.size == plain.size
    assert np.abs(np.asarray(scaled, dtype=int) - np.asarray(plain, dtype=int)).mean() < 3


def test_figures_compare_both_ways() -> None:
    figures = measure([encoded(drawn((1632, 1224), seed=3))], repeats=1)
    assert list(figures) == ["scaled", "plain", "speedup", "speedup_in_cpu_time"]
    assert figures["speedup_in_cpu_time"] > 1
