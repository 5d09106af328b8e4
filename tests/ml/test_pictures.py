import contextlib
import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from ml.errors import UnreadablePicture
from ml.pictures import fingerprint, open_picture
from tests.ml.drawings import draw, encoded, png_with_header

ORIENTATION = 0x0112


def code_of(data: bytes | Path) -> str:
    with pytest.raises(UnreadablePicture) as caught:
        open_picture(data)
    return caught.value.code


def mean_colour(picture: Image.Image) -> list[int]:
    return [round(float(value)) for value in np.asarray(picture).mean((0, 1))]


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_accepted_formats_open_as_rgb(format: str) -> None:
    picture = open_picture(encoded(draw(size=(60, 80)), format))
    assert (picture.mode, picture.size) == ("RGB", (60, 80))


def test_jpeg_with_a_preview_inside_is_accepted() -> None:
    data = encoded(draw(size=(600, 800)), "MPO", save_all=True, append_images=[draw(size=(30, 40))])
    assert open_picture(data).size == (256, 341)


def test_first_frame_of_an_animation_is_read() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], "PNG", save_all=True, append_images=frames[1:])
    assert mean_colour(open_picture(data)) == [255, 0, 0]


@pytest.mark.parametrize("format", ["GIF", "BMP", "TIFF"])
def test_other_formats_are_refused_by_content(format: str) -> None:
    assert code_of(encoded(draw(), format)) == "not_an_image"


def test_text_named_as_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "note.jpg").write_text("dear diary")
    assert code_of(tmp_path / "note.jpg") == "not_an_image"


def test_empty_file_is_refused() -> None:
    assert code_of(b"") == "empty"


def test_missing_file_is_refused(tmp_path: Path) -> None:
    assert code_of(tmp_path / "nowhere.jpg") == "missing"
    assert code_of(tmp_path) == "missing"


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (10_000, 5_001), (16_001, 10), (8_000, 7_000)])
def test_bomb_is_refused_by_its_header(width: int, height: int) -> None:
    assert code_of(png_with_header(width, height)) == "too_many_pixels"


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_cut_off_picture_is_refused(format: str) -> None:
    data = encoded(draw(size=(300, 300)), format)
    assert code_of(data[: len(data) // 2]) in {"truncated", "broken"}


def test_hostile_bytes_never_escape_as_another_error() -> None:
    data = bytearray(encoded(draw(), "PNG"))
    random = np.random.default_rng(0)
    for _ in range(200):
        position = int(random.integers(8, len(data)))
        hurt = bytes(data[:position]) + bytes([int(random.integers(256))]) + bytes(data[position + 1 :])
        with contextlib.suppress(UnreadablePicture):
            open_picture(hurt)


def test_large_picture_shrinks_to_256_on_the_shorter_side() -> None:
    assert open_picture(encoded(draw(size=(1200, 1600)))).size == (256, 341)


def test_small_picture_is_never_enlarged() -> None:
    assert open_picture(encoded(draw(size=(60, 80)))).size == (60, 80)


def test_extreme_aspect_keeps_at_least_one_pixel() -> None:
    assert open_picture(encoded(draw(size=(2000, 3)), "PNG")).size == (2000, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_baked_in(orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    stored = draw(size=(60, 80))
    picture = open_picture(encoded(stored, "PNG", exif=exif))
    stored.getexif()[ORIENTATION] = orientation
    assert picture.tobytes() == ImageOps.exif_transpose(stored).tobytes()


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_exif_is_no_reason_to_refuse() -> None:
    assert open_picture(encoded(draw(), exif=b"Exif\x00\x00MM\x00*garbage")).size == (60, 80)


def test_transparency_is_laid_over_white() -> None:
    clear = Image.new("RGBA", (10, 10), (255, 0, 0, 0))
    assert mean_colour(open_picture(encoded(clear, "PNG"))) == [255, 255, 255]


def test_half_transparency_mixes_with_white() -> None:
    half = Image.new("RGBA", (10, 10), (255, 0, 0, 128))
    assert mean_colour(open_picture(encoded(half, "PNG"))) == [255, 127, 127]


def test_palette_with_transparency_is_laid_over_white() -> None:
    picture = Image.new("P", (10, 10), 0)
    picture.putpalette([0, 0, 0, 255, 0, 0])
    assert mean_colour(open_picture(encoded(picture, "PNG", transparency=0))) == [255, 255, 255]


def test_cmyk_jpeg_keeps_its_colour() -> None:
    red, green, blue = mean_colour(open_picture(encoded(Image.new("CMYK", (16, 16), (0, 255, 255, 0)))))
    assert red > 220
    assert max(green, blue) < 60


def test_sixteen_bit_grey_keeps_its_brightness() -> None:
    grey = Image.fromarray(np.full((10, 10), 0x8000, dtype=np.uint16))
    assert mean_colour(open_picture(encoded(grey, "PNG"))) == [128, 128, 128]


def test_grey_and_bilevel_become_rgb() -> None:
    assert mean_colour(open_picture(encoded(Image.new("L", (8, 8), 77), "PNG"))) == [77, 77, 77]
    assert mean_colour(open_picture(encoded(Image.new("1", (8, 8), 1), "PNG"))) == [255, 255, 255]


def test_srgb_profile_changes_nothing() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = Image.new("RGB", (8, 8), (200, 30, 90))
    assert mean_colour(open_picture(encoded(plain, "PNG", icc_profile=profile))) == [200, 30, 90]


def test_broken_profile_is_ignored() -> None:
    plain = Image.new("RGB", (8, 8), (200, 30, 90))
    assert mean_colour(open_picture(encoded(plain, "PNG", icc_profile=b"no profile"))) == [200, 30, 90]


def test_fingerprint_is_of_pixels_not_of_files() -> None:
    picture = draw()
    twin = open_picture(encoded(picture, "WEBP", lossless=True))
    assert fingerprint(open_picture(encoded(picture, "PNG"))) == fingerprint(twin)
    assert fingerprint(draw(seed=1)) != fingerprint(twin)
    assert len(fingerprint(twin)) == len(hashlib.sha256().hexdigest())
