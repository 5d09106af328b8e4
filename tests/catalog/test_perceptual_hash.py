"""Copies of a photo are known again; other photos, and pictures too plain to tell, are not."""

from itertools import combinations

import pytest
from PIL import Image

from catalog.perceptual_hash import looks_same, perceptual_hash
from tests.drawing import product, reopened

SHIRT = product("shirt", "red", (600, 800), seed=1)


def test_a_hash_is_128_digits() -> None:
    digits = perceptual_hash(SHIRT)
    assert len(digits) == 128
    assert set(digits) <= set("0123456789abcdef")


@pytest.mark.parametrize("quality", [30, 60, 90])
@pytest.mark.parametrize("size", [(600, 800), (300, 400), (150, 200)])
def test_a_copy_looks_the_same_however_small_or_compressed(size: tuple[int, int], quality: int) -> None:
    copy = reopened(SHIRT.resize(size, Image.Resampling.LANCZOS), quality)
    assert looks_same(perceptual_hash(SHIRT), perceptual_hash(copy))


def test_other_products_do_not() -> None:
    others = [product(kind, "red", (600, 800), seed=seed) for kind in ("shirt", "shoe", "bag") for seed in (2, 3)]
    hashes = [perceptual_hash(picture) for picture in [SHIRT, *others]]
    assert not [pair for pair in combinations(hashes, 2) if looks_same(*pair)]


@pytest.mark.parametrize("colour", ["white", "black", "grey"])
def test_plain_pictures_are_not_the_same_photo(colour: str) -> None:
    plain = perceptual_hash(Image.new("RGB", (60, 80), colour))
    assert not looks_same(plain, plain)


def test_what_has_no_hash_is_nothings_copy() -> None:
    assert not looks_same("", "")
    assert not looks_same("", perceptual_hash(SHIRT))
