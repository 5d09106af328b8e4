"""One uploaded file is judged, cleaned and re-encoded, or refused with its reason."""

import hashlib
import struct
import subprocess
import sys
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.files.uploadedfile import InMemoryUploadedFile, TemporaryUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageChops, ImageCms, ImageFile, ImageStat, JpegImagePlugin

from onboarding.pictures import (
    PictureLimits,
    PictureRefused,
    PreparedPicture,
    RefusalReason,
    prepare_picture,
)
from onboarding.pictures.decoding import decode
from onboarding.pictures.formats import open_container
from tests import drawing

PHOTO = drawing.product("dress", "teal", (300, 400))
SMALL = drawing.product("bag", "red", (60, 80))
ENCODERS: dict[str, Callable[..., bytes]] = {
    "JPEG": drawing.as_jpeg,
    "PNG": drawing.as_png,
    "WEBP": drawing.as_webp,
    "HEIF": drawing.as_heic,
}
pytestmark = pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # Pillow says so of what is ignored
HEIC_START = b"\0\0\0\x10ftypheic\0\0\0\0\0\0\0\x80meta"
TECHNICAL_KEYS = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}


def prepare(data: bytes, **limits: int) -> PreparedPicture:
    return prepare_picture(BytesIO(data), limits=PictureLimits(**limits))


def refusal(data: bytes, **limits: int) -> RefusalReason:
    with pytest.raises(PictureRefused) as refused:
        prepare(data, **limits)
    return refused.value.reason


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data), formats=("JPEG",))


def sizes(picture: PreparedPicture) -> list[tuple[int, int]]:
    return [opened(data).size for data in (picture.master, picture.display, picture.derivative)]


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean absolute difference of the channels, 0 to 255."""
    assert one.size == other.size
    stat = ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB")))
    return max(stat.mean)


def centre(data: bytes) -> tuple[int, ...]:
    image = opened(data)
    pixel = image.getpixel((image.width // 2, image.height // 2))
    assert isinstance(pixel, tuple)
    return pixel


def assert_near(colour: tuple[int, ...], expected: tuple[int, int, int], tolerance: int = 4) -> None:
    assert [abs(a - b) <= tolerance for a, b in zip(colour, expected, strict=True)] == [True] * 3, colour


# --- What is kept -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ENCODERS)
def test_every_format_becomes_three_plain_rgb_jpegs(format: str) -> None:
    picture = prepare(ENCODERS[format](PHOTO))
    for data in (picture.master, picture.display, picture.derivative):
        image = opened(data)
        image.load()
        assert (image.format, image.mode, set(image.info) - TECHNICAL_KEYS) == ("JPEG", "RGB", set())
    assert (picture.width, picture.height, picture.had_location) == (300, 400, False)
    assert difference(opened(picture.master), PHOTO) < 3


def test_large_picture_is_shrunk_to_each_size_at_its_aspect() -> None:
    picture = prepare(drawing.as_jpeg(drawing.product(size=(3000, 2400))))
    assert sizes(picture) == [(2048, 1638), (640, 512), (320, 256)]
    assert (picture.width, picture.height) == (2048, 1638)


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_fine_pattern_becomes_an_even_tone(format: str) -> None:
    stripes = Image.frombytes("L", (3000, 600), b"\0\xff" * (3000 * 600 // 2))
    shades = ImageStat.Stat(opened(prepare(ENCODERS[format](stripes)).master).convert("L"))
    assert (120 < shades.mean[0] < 135, shades.stddev[0] < 20) == (True, True), shades.stddev


def test_small_picture_is_never_enlarged() -> None:
    assert sizes(prepare(drawing.as_jpeg(SMALL))) == [(60, 80)] * 3


def test_phone_photo_decodes_straight_to_half_its_size_and_looks_the_same() -> None:
    photo = drawing.product("shirt", "navy", (4032, 3024))
    picture = prepare(drawing.as_jpeg(photo))
    assert sizes(picture) == [(2016, 1512), (640, 480), (341, 256)]
    fair = photo.resize((341, 256), Image.Resampling.LANCZOS)
    assert difference(opened(picture.derivative), fair) < 2


def test_derivative_keeps_full_colour_resolution() -> None:
    derivative = opened(prepare(drawing.as_jpeg(PHOTO)).derivative)
    assert isinstance(derivative, JpegImagePlugin.JpegImageFile)
    assert JpegImagePlugin.get_sampling(derivative) == 0
    reference = opened(drawing.as_jpeg(PHOTO, quality=92))
    assert isinstance(reference, JpegImagePlugin.JpegImageFile)
    assert derivative.quantization == reference.quantization


def test_display_copy_suits_a_slow_network() -> None:
    assert len(prepare(drawing.as_jpeg(drawing.product(size=(1500, 2000)))).display) < 60_000


def test_hash_is_of_the_uploaded_bytes() -> None:
    data = drawing.as_png(SMALL)
    assert prepare(data).sha256 == hashlib.sha256(data).hexdigest()


def test_preparing_a_derivative_again_keeps_its_size() -> None:
    once = prepare(drawing.as_jpeg(PHOTO))
    again = prepare(once.derivative)
    assert sizes(again)[2] == sizes(once)[2] == (256, 341)
    assert difference(opened(again.derivative), opened(once.derivative)) < 1


def test_same_file_gives_the_same_result_from_many_threads() -> None:
    data = drawing.as_webp(PHOTO, icc_profile=swapped_profile())
    with ThreadPoolExecutor(4) as threads:
        pictures = list(threads.map(prepare, [data] * 8))
    assert pictures == [pictures[0]] * 8


# --- Upright, and nothing but pixels ----------------------------------------------------------------------


@pytest.mark.parametrize("format", ["JPEG", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_gives_the_same_upright_picture(orientation: int, format: str) -> None:
    picture = prepare(drawing.with_orientation(PHOTO, orientation, format))
    assert (picture.width, picture.height) == (300, 400)
    assert difference(opened(picture.master), PHOTO) < 3


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_orientation_counts_in_every_format(format: str) -> None:
    picture = prepare(drawing.with_orientation(PHOTO, 6, format))
    assert difference(opened(picture.master), PHOTO) < 3


@pytest.mark.parametrize("value", [0, 9, 65_535])
def test_senseless_orientation_means_upright(value: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = value
    assert difference(opened(prepare(drawing.as_jpeg(PHOTO, exif=exif)).master), PHOTO) < 3


@pytest.mark.parametrize("format", ENCODERS)
def test_location_and_all_other_metadata_are_removed_and_reported(format: str) -> None:
    data = drawing.with_gps(PHOTO, format)
    traces = (drawing.CAMERA.encode(), b"Exif", b"GPS", b"ns.adobe.com", b"xmpmeta", b"ICC_PROFILE")
    assert traces[0] in data
    picture = prepare(data)
    assert picture.had_location is True
    for kept in (picture.master, picture.display, picture.derivative):
        assert [trace in kept for trace in traces] == [False] * len(traces)
        assert dict(opened(kept).getexif()) == {}


@pytest.mark.parametrize("format", ["JPEG", "WEBP", "HEIF"])
def test_location_in_xmp_alone_is_reported(format: str) -> None:
    assert prepare(ENCODERS[format](PHOTO, xmp=drawing.xmp_with_location())).had_location is True


def test_location_in_xmp_of_a_png_is_reported() -> None:
    text = b"XML:com.adobe.xmp\0\0\0\0\0" + drawing.xmp_with_location()
    assert prepare(drawing.with_png_chunk(drawing.as_png(SMALL), b"iTXt", text)).had_location is True


def test_gps_block_without_a_position_is_no_location() -> None:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSVersionID] = b"\2\3\0\0"
    assert prepare(drawing.as_jpeg(PHOTO, exif=exif)).had_location is False


def test_broken_exif_is_ignored() -> None:
    picture = prepare(drawing.as_jpeg(PHOTO, exif=b"Exif\0\0II*\0" + b"\xff" * 40))
    assert (picture.width, picture.height, picture.had_location) == (300, 400, False)


def test_nothing_behind_the_end_of_a_picture_is_kept() -> None:
    picture = prepare(drawing.polyglot())
    kept = (picture.master, picture.display, picture.derivative)
    assert [b"script" in data for data in kept] == [False] * 3
    assert b"script" not in open_container(drawing.polyglot()).pixels


@pytest.mark.parametrize("format", ENCODERS)
def test_junk_behind_a_whole_picture_does_no_harm(format: str) -> None:
    data = ENCODERS[format](PHOTO)
    assert prepare(data + b"\0" * 999).master == prepare(data).master


def test_multi_picture_file_of_a_phone_is_read_as_its_first_picture() -> None:
    data = drawing.mpo(PHOTO)
    assert (Image.open(BytesIO(data)).format, b"MPF\0" in data) == ("MPO", True)
    assert b"MPF\0" not in open_container(data).pixels
    picture = prepare(data)
    assert (picture.width, picture.height) == (300, 400)
    assert difference(opened(picture.master), PHOTO) < 3


# --- Colours ----------------------------------------------------------------------------------------------


def test_cmyk_becomes_rgb() -> None:
    assert difference(opened(prepare(drawing.cmyk_jpeg(PHOTO)).master), PHOTO) < 4


def test_sixteen_bit_grey_keeps_its_shades() -> None:
    master = opened(prepare(drawing.sixteen_bit_png(PHOTO)).master)
    assert difference(master, PHOTO.convert("L")) < 2


@pytest.mark.parametrize("mode", ["L", "1"])
def test_grey_and_black_and_white_become_rgb(mode: str) -> None:
    source = PHOTO.convert(mode)
    assert difference(opened(prepare(drawing.as_png(source)).master), source) < 6


@pytest.mark.parametrize(("mode", "clear"), [("RGBA", (255, 0, 0, 0)), ("LA", (0, 0))])
@pytest.mark.parametrize("format", ["PNG", "WEBP", "HEIF"])
def test_transparent_parts_become_white(mode: str, clear: tuple[int, ...], format: str) -> None:
    picture = prepare(ENCODERS[format](Image.new(mode, (300, 400), clear)))
    assert_near(centre(picture.master), (255, 255, 255))


def test_half_transparent_parts_are_blended_with_white() -> None:
    picture = prepare(drawing.as_png(Image.new("RGBA", (64, 64), (255, 0, 0, 128))))
    assert_near(centre(picture.master), (255, 127, 127))


def test_transparent_colour_of_a_palette_becomes_white() -> None:
    master = opened(prepare(drawing.palette_png_with_transparency(PHOTO)).master)
    corner = master.getpixel((0, 0))
    assert isinstance(corner, tuple)
    assert_near(corner, (255, 255, 255))
    assert difference(master.crop((100, 150, 200, 250)), PHOTO.crop((100, 150, 200, 250))) < 12


@pytest.mark.parametrize(("mode", "transparent"), [("RGB", (255, 0, 0)), ("L", 7), ("1", 0)])
def test_colour_declared_transparent_becomes_white(mode: str, transparent: Any) -> None:
    picture = prepare(drawing.as_png(Image.new(mode, (64, 64), transparent), transparency=transparent))
    assert_near(centre(picture.master), (255, 255, 255))


def test_large_transparent_picture_is_reduced_without_seams() -> None:
    source = drawing.product("watch", size=(1000, 5800))
    picture = prepare(drawing.as_png(source.convert("RGBA")))
    fair = source.resize((picture.width, picture.height), Image.Resampling.LANCZOS)
    assert sizes(picture)[0] == (353, 2048)
    assert difference(opened(picture.master), fair) < 2


def swapped_profile() -> bytes:
    """A valid profile in which red means blue: what ignores profiles shows the wrong colour."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")


@pytest.mark.parametrize("format", ENCODERS)
def test_colour_profile_is_converted_to_srgb(format: str) -> None:
    red = Image.new("RGB", (64, 64), (255, 0, 0))
    picture = prepare(ENCODERS[format](red, icc_profile=swapped_profile()))
    assert_near(centre(picture.derivative), (0, 0, 255))


@pytest.mark.parametrize("profile", [b"not a profile", swapped_profile()[:300]])
@pytest.mark.parametrize("format", ENCODERS)
def test_broken_colour_profile_is_ignored(format: str, profile: bytes) -> None:
    red = Image.new("RGB", (64, 64), (255, 0, 0))
    assert_near(centre(prepare(ENCODERS[format](red, icc_profile=profile)).derivative), (255, 0, 0))


def test_profile_for_other_colours_is_ignored() -> None:
    grey = Image.new("L", (64, 64), 128)
    assert_near(centre(prepare(drawing.as_jpeg(grey, icc_profile=swapped_profile())).master), (128, 128, 128))


# --- What is refused --------------------------------------------------------------------------------------


def other_format(format: str) -> bytes:
    stream = BytesIO()
    SMALL.save(stream, format)
    return stream.getvalue()


def webp_without_pixels() -> bytes:
    return drawing.as_webp(SMALL).replace(b"\x9d\x01\x2a", bytes(3))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: b"", RefusalReason.EMPTY),
        (drawing.text_named_jpg, RefusalReason.NOT_AN_IMAGE),
        (lambda: b"\xff\xd8", RefusalReason.NOT_AN_IMAGE),
        (lambda: b"%PDF-1.7\n%rest", RefusalReason.NOT_AN_IMAGE),
        (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n", RefusalReason.NOT_AN_IMAGE),
        (lambda: b"BM is not always the start of a bitmap", RefusalReason.NOT_AN_IMAGE),
        (lambda: drawing.heic_like(b"mp42"), RefusalReason.NOT_AN_IMAGE),
        (drawing.heic_like, RefusalReason.TRUNCATED),
        (lambda: drawing.heic_like(b"avif"), RefusalReason.UNSUPPORTED_FORMAT),
        (lambda: other_format("AVIF"), RefusalReason.UNSUPPORTED_FORMAT),
        (lambda: other_format("BMP"), RefusalReason.UNSUPPORTED_FORMAT),
        (lambda: other_format("GIF"), RefusalReason.UNSUPPORTED_FORMAT),
        (lambda: other_format("ICO"), RefusalReason.UNSUPPORTED_FORMAT),
        (lambda: other_format("JPEG2000"), RefusalReason.UNSUPPORTED_FORMAT),
        (lambda: other_format("TIFF"), RefusalReason.UNSUPPORTED_FORMAT),
        (drawing.animated_gif, RefusalReason.UNSUPPORTED_FORMAT),
        (drawing.svg, RefusalReason.UNSUPPORTED_FORMAT),
        (drawing.animated_png, RefusalReason.ANIMATED),
        (drawing.animated_webp, RefusalReason.ANIMATED),
        (drawing.bomb_png, RefusalReason.TOO_MANY_PIXELS),
        (drawing.bomb_jpeg, RefusalReason.TOO_MANY_PIXELS),
        (drawing.bomb_webp, RefusalReason.TOO_MANY_PIXELS),
        (lambda: drawing.bomb_png(16_001, 100), RefusalReason.TOO_MANY_PIXELS),
        (lambda: drawing.as_png(Image.new("RGB", (1, 1))), RefusalReason.TOO_SMALL),
        (lambda: drawing.as_png(Image.new("RGB", (400, 31))), RefusalReason.TOO_SMALL),
        (lambda: drawing.as_png(Image.new("RGB", (9000, 40))), RefusalReason.TOO_SMALL),
        (lambda: drawing.bomb_png(300, 400), RefusalReason.TRUNCATED),
        (lambda: drawing.bomb_png(0, 400), RefusalReason.UNREADABLE),
        (webp_without_pixels, RefusalReason.UNREADABLE),
    ],
)
def test_file_is_refused_for_its_own_reason(make: Callable[[], bytes], reason: RefusalReason) -> None:
    assert refusal(make()) == reason


def test_file_may_have_exactly_as_many_bytes_as_allowed() -> None:
    data = drawing.as_jpeg(SMALL)
    assert prepare(data, max_bytes=len(data)).width == 60
    assert refusal(data, max_bytes=len(data) - 1) == RefusalReason.TOO_LARGE


def test_reading_stops_soon_after_the_limit() -> None:
    endless = BytesIO(bytes(5_000_000))
    with pytest.raises(PictureRefused) as refused:
        prepare_picture(endless, limits=PictureLimits(max_bytes=1_000_000))
    assert (refused.value.reason, endless.tell() < 1_500_000) == (RefusalReason.TOO_LARGE, True)


@pytest.mark.parametrize(
    ("format", "mode", "share"),
    [("JPEG", "RGB", 1), ("PNG", "RGB", 1), ("PNG", "RGBA", 0.75), ("WEBP", "RGB", 1 / 3)],
)
def test_picture_may_have_exactly_as_many_pixels_as_it_is_worth(format: str, mode: str, share: float) -> None:
    data = ENCODERS[format](SMALL.convert(mode))
    most = round(60 * 80 / share)
    assert prepare(data, max_pixels=most).width == 60
    assert refusal(data, max_pixels=most - 1) == RefusalReason.TOO_MANY_PIXELS


def test_smallest_picture_that_is_accepted() -> None:
    assert sizes(prepare(drawing.as_png(Image.new("RGB", (32, 32))))) == [(32, 32)] * 3


@pytest.mark.parametrize("share", [0.02, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.98, 1.0])
@pytest.mark.parametrize(
    ("format", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True, "quality": 0}),
        ("HEIF", {}),
        ("HEIF", {"tile_size": 128}),
    ],
)
def test_picture_cut_off_anywhere_is_refused(format: str, options: dict[str, Any], share: float) -> None:
    data = ENCODERS[format](PHOTO, **options)
    assert refusal(drawing.truncated(data, share)) == RefusalReason.TRUNCATED


@pytest.mark.parametrize("share", [0.3, 0.999, 1.0])
def test_large_photo_that_is_cut_off_is_refused_though_it_would_be_shrunk(share: float) -> None:
    data = drawing.as_jpeg(drawing.product(size=(4100, 600)))
    assert refusal(drawing.truncated(data, share)) == RefusalReason.TRUNCATED


def test_png_whose_pixels_end_early_is_refused_though_its_last_chunk_is_there() -> None:
    png = drawing.as_png(SMALL)
    start = png.index(b"IDAT") + 4
    body = png[start : start + struct.unpack(">I", png[start - 8 : start - 4])[0]]
    half, end = drawing.png_chunk(b"IDAT", body[: len(body) // 2]), drawing.png_chunk(b"IEND", b"")
    assert refusal(png[: start - 8] + half + end) == RefusalReason.TRUNCATED


def test_png_that_differs_from_its_checksum_is_refused() -> None:
    png = bytearray(drawing.as_png(SMALL))
    png[png.index(b"IEND") - 5] ^= 1  # in the checksum of the pixels, which Pillow does not compare
    assert refusal(bytes(png)) == RefusalReason.UNREADABLE


@pytest.mark.parametrize("promise", [{"width": 61}, {"height": 79}])
def test_decoder_that_sees_another_size_than_the_header_promised_is_stopped(promise: dict[str, int]) -> None:
    container = replace(open_container(drawing.as_jpeg(SMALL)), **promise)  # type: ignore[arg-type]
    with pytest.raises(PictureRefused) as refused:
        decode(container, longest_side=2048)
    assert refused.value.reason == RefusalReason.UNREADABLE


def test_jpeg_with_two_frame_headers_is_refused() -> None:
    jpeg = drawing.as_jpeg(SMALL)
    at = jpeg.index(b"\xff\xc0")
    assert refusal(jpeg[:at] + jpeg[at : at + 19] + jpeg[at:]) == RefusalReason.UNREADABLE


@pytest.mark.parametrize("format", ENCODERS)
def test_file_in_countless_pieces_is_refused(format: str) -> None:
    data = ENCODERS[format](SMALL)
    pieces = {
        "JPEG": data[:2] + b"\xff\xfe\0\2" * 20_000 + data[2:],
        "PNG": data[:33] + drawing.png_chunk(b"teSt", b"") * 20_000 + data[33:],
        "WEBP": data[:12] + b"test\0\0\0\0" * 20_000 + data[12:],
        "HEIF": data + b"\0\0\0\x08test" * 20_000,
    }
    with_right_size = b"RIFF" + struct.pack("<I", len(pieces["WEBP"]) - 8) + pieces["WEBP"][8:]
    assert refusal({**pieces, "WEBP": with_right_size}[format]) == RefusalReason.UNREADABLE


@pytest.mark.parametrize("format", ENCODERS)
def test_flipped_bits_are_accepted_or_refused_and_nothing_else(format: str) -> None:
    random = Random(format)
    original = ENCODERS[format](SMALL, exif=Image.Exif(), icc_profile=swapped_profile())
    for _ in range(40 if format == "HEIF" else 200):  # a process each
        data = bytearray(original)
        for _flip in range(random.choice((1, 1, 3, 20))):
            data[random.randrange(len(data))] ^= 1 << random.randrange(8)
        with suppress(PictureRefused):
            prepare(bytes(data))


@settings(max_examples=150, derandomize=True)
@given(
    start=st.sampled_from(
        [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x40\0\0\0WEBPVP8 ", b"RIFF\xff\0\0\0WEBPVP8X", HEIC_START]
    ),
    rest=st.binary(max_size=300),
)
def test_noise_behind_any_signature_is_refused(start: bytes, rest: bytes) -> None:
    with pytest.raises(PictureRefused):
        prepare(start + rest)


@pytest.mark.parametrize(
    "error",
    [SyntaxError, ValueError, RuntimeError, OSError, MemoryError, struct.error, KeyError, RecursionError],
)
def test_whatever_the_decoder_raises_is_a_refusal(error: type[Exception], monkeypatch: Any) -> None:
    def fail(_self: ImageFile.ImageFile) -> None:
        raise error("from the decoder")

    monkeypatch.setattr(ImageFile.ImageFile, "load", fail)
    assert refusal(drawing.as_jpeg(SMALL)) == RefusalReason.UNREADABLE


def test_trouble_with_reading_the_file_is_not_blamed_on_the_picture() -> None:
    class Lost(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        prepare_picture(Lost())


# --- Bombs ------------------------------------------------------------------------------------------------

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="memory is limited and read as Linux does")

# The peak comes from /proc, since getrusage() counts what the parent held when it started the process.
IN_A_SMALL_PROCESS = """
import resource, sys, time
from pathlib import Path
from django.conf import settings
settings.configure(USE_I18N=False)
from onboarding.pictures import PictureRefused, prepare_picture
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), -1))
for path in sys.argv[2:]:
    before = time.process_time()
    try:
        with open(path, "rb") as file:
            result = prepare_picture(file).width
    except PictureRefused as refused:
        result = refused.reason.value
    peak_kb = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
    print(result, round(time.process_time() - before, 2), int(peak_kb) // 1024)
"""


def in_a_small_process(folder: Path, address_space_mb: int, *files: bytes) -> list[tuple[str, float, int]]:
    """For each file: master's width or reason of refusal, seconds of processor time, peak memory in MB."""
    paths = [folder / str(number) for number, _ in enumerate(files)]
    for path, data in zip(paths, files, strict=True):
        path.write_bytes(data)
    command = [
        sys.executable,
        "-W",
        "error",
        "-c",
        IN_A_SMALL_PROCESS,
        str(address_space_mb << 20),
        *map(str, paths),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert (done.stderr, done.returncode) == ("", 0)
    lines = [line.split() for line in done.stdout.splitlines()]
    return [(result, float(seconds), int(peak)) for result, seconds, peak in lines]


@linux_only
def test_bombs_are_refused_at_once_and_cost_no_memory(tmp_path: Path) -> None:
    bombs = [
        drawing.bomb_png(),
        drawing.bomb_jpeg(),
        drawing.bomb_webp(),
        drawing.scan_bomb_jpeg(drawing.product(size=(600, 800))),
        drawing.bomb_png(7000, 7000),
        drawing.text_bomb_png(),
    ]
    found = in_a_small_process(tmp_path, 1024, *bombs)
    assert [result for result, _, _ in found] == ["too_many_pixels"] * 4 + ["truncated", "60"]
    assert [seconds < 1 for _, seconds, _ in found] == [True] * 6, found
    assert found[-1][2] < 150, found


@linux_only
def test_largest_picture_stays_within_its_memory(tmp_path: Path) -> None:
    transparent = drawing.clear_png(7500, 4990)
    progressive = drawing.bomb_jpeg(7070, progressive=True, subsampling=0)
    found = in_a_small_process(tmp_path, 1024, transparent, progressive)
    assert [result for result, _, _ in found] == ["2048", "2048"]
    assert found[-1][2] < 512, found


def test_refusing_a_bomb_warns_nobody() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert refusal(drawing.bomb_png(9000, 9000)) == RefusalReason.TOO_MANY_PIXELS


def test_pillow_stays_strict_about_cut_off_pictures() -> None:
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


# --- Uploads and sentences --------------------------------------------------------------------------------


def test_uploaded_file_in_memory_is_read_from_its_beginning() -> None:
    data = drawing.as_jpeg(SMALL)
    file = InMemoryUploadedFile(BytesIO(data), "photos", "photo.jpg", "image/jpeg", len(data), None)
    file.read(100)
    assert prepare_picture(file) == prepare(data)


def test_uploaded_file_on_disk_is_read_from_its_beginning() -> None:
    data = drawing.as_jpeg(SMALL)
    with TemporaryUploadedFile("photo.gif", "image/gif", len(data), None) as file:
        file.write(data)
        assert prepare_picture(file) == prepare(data)


def test_every_refusal_is_one_sentence_for_the_seller() -> None:
    for reason in RefusalReason:
        sentence = str(PictureRefused(reason))
        assert (sentence[0].isupper(), sentence.count(". "), sentence[-1]) == (True, 0, "."), sentence


def test_numbers_in_the_sentences_are_those_of_the_limits() -> None:
    limits = PictureLimits()
    assert f"{limits.max_bytes // 1024**2} MB" in str(RefusalReason.TOO_LARGE.label)
    assert "12 megapixels" in str(RefusalReason.TOO_MANY_PIXELS.label)
    heaviest = 8 / 3 * 1.5  # an interlaced PNG of 16 bits with alpha
    assert limits.max_pixels >= 12_000_000 * heaviest
