import io
from pathlib import Path

import pytest
from PIL import Image

from ml.bench.photos import SIZES, drawn, photo_sets
from ml.errors import DataError
from tests.ml.drawings import draw


def test_drawn_photo_is_as_heavy_as_a_phones() -> None:
    size = SIZES["2 MP"]
    stream = io.BytesIO()
    drawn(size, seed=1).save(stream, "JPEG", quality=85)
    assert 0.9 < 8 * len(stream.getvalue()) / (size[0] * size[1]) < 2.5


def test_photos_of_a_folder_are_brought_to_each_size(tmp_path: Path) -> None:
    for seed in range(3):
        draw(seed=seed).save(tmp_path / f"{seed}.png")
    sets = photo_sets(tmp_path, 2)
    assert {name: [Image.open(io.BytesIO(photo)).size for photo in photos] for name, photos in sets.items()} == {
        name: [size, size] for name, size in SIZES.items()
    }


def test_folder_with_too_few_pictures_is_refused(tmp_path: Path) -> None:
    draw().save(tmp_path / "only.png")
    with pytest.raises(DataError, match="the bench needs 2 pictures"):
        photo_sets(tmp_path, 2)
