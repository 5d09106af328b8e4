"""HEIC: taken apart like the other formats, and decoded in a process of its own where the decoder is installed."""

import struct
import subprocess
import sys
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from random import Random

import pillow_heif
import pytest
from PIL import ExifTags, Image

from onboarding.pictures import READS_HEIC, PictureLimits, PictureRefused, RefusalReason, decoding_apart
from onboarding.pictures.boxes import Box, box, boxes, versioned_box
from onboarding.pictures.formats import open_container
from onboarding.pictures.heic_copy import write_heic
from onboarding.pictures.heif_items import Items, Reference, first_of_each, read_items
from tests import drawing
from tests.onboarding.test_pictures import PHOTO, SMALL, assert_near, centre, difference, opened, prepare, refusal

ROOT = Path(__file__).parents[2]


def items_of(heic: bytes) -> Items:
    file = memoryview(heic)
    return read_items(file, first_of_each(boxes(file))[b"meta"])


def with_changed_boxes(heic: bytes, changed: dict[bytes, bytes]) -> bytes:
    """`changed`: boxes of `meta` by their kind. They have to keep their sizes, or whatever lies behind is lost."""
    meta = first_of_each(boxes(memoryview(heic)))[b"meta"]
    parts = [changed.get(part.kind, box(part.kind, part.body)) for part in boxes(meta[4:])]
    written = versioned_box(b"meta", 0, *parts)
    return heic.replace(box(b"meta", meta), written)


def large_heic(columns: int, rows: int) -> bytes:
    """A grid that shows one tile of 512 x 512 px again and again: little to encode, much to decode."""
    tile = items_of(drawing.as_heic(Image.effect_noise((512, 512), 60).convert("RGB"), quality=60))
    size = struct.pack(">4xII", columns * 512, rows * 512)
    numbers = {each.number for each in tile.properties[1]}
    ispe = tile.properties[1][0]._replace(number=max(numbers) + 1, kind=b"ispe", body=memoryview(size))
    head = struct.pack(">BBBBII", 0, 1, rows - 1, columns - 1, columns * 512, rows * 512)
    grid = Items(
        primary=2,
        kinds={1: b"hvc1", 2: b"grid"},
        properties={**tile.properties, 2: [ispe]},
        references=[Reference(b"dimg", 2, (1,) * columns * rows)],
        contents={**tile.contents, 2: [memoryview(head)]},
    )
    return write_heic(grid, pictures=[2], coded=[1])


# --- Which picture is read, and how -----------------------------------------------------------------------


def test_photo_in_tiles_is_put_together() -> None:
    data = drawing.as_heic(PHOTO, tile_size=128)
    assert sorted(items_of(data).kinds.values()) == [b"grid", *[b"hvc1"] * 12]
    assert difference(opened(prepare(data).master), PHOTO) < 3


@pytest.mark.parametrize("size", [(61, 81), (300, 401)])
def test_odd_sides_stay_odd(size: tuple[int, int]) -> None:
    picture = prepare(drawing.as_heic(drawing.product("bag", "red", size)))
    assert (picture.width, picture.height) == size


def test_ten_bits_keep_their_colours() -> None:
    stream = BytesIO()
    wide = bytes(byte for level in PHOTO.tobytes() for byte in (level, level))
    pillow_heif.encode("RGB;16", PHOTO.size, wide, stream, quality=90)
    assert pillow_heif.open_heif(stream.getvalue()).info["bit_depth"] == 10
    assert difference(opened(prepare(stream.getvalue()).master), PHOTO) < 3


def test_grey_becomes_rgb() -> None:
    grey = PHOTO.convert("L")
    assert difference(opened(prepare(drawing.as_heic(grey)).master), grey) < 3


def test_orientation_in_exif_alone_is_not_followed_as_the_format_demands() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    assert difference(opened(prepare(drawing.as_heic(PHOTO, exif=exif)).master), PHOTO) < 3


def test_of_several_pictures_the_primary_one_is_read_and_no_other_is_copied() -> None:
    others = pillow_heif.from_pillow(drawing.product("shoe", "black", (300, 400)))
    others.add_from_pillow(PHOTO)
    stream = BytesIO()
    others.save(stream, primary_index=1, quality=90)
    assert len(items_of(stream.getvalue()).kinds) == 2
    assert len(items_of(open_container(stream.getvalue()).pixels).kinds) == 1
    assert difference(opened(prepare(stream.getvalue()).master), PHOTO) < 3


def test_depth_map_is_neither_copied_nor_taken_for_transparency() -> None:
    clear = drawing.as_heic(Image.new("RGBA", (300, 400), (255, 0, 0, 0)))
    depth = clear.replace(b"urn:mpeg:hevc:2015:auxid:1", b"urn:mpeg:hevc:2015:auxid:2")
    assert [len(items_of(open_container(data).pixels).kinds) for data in (clear, depth)] == [2, 1]
    assert_near(centre(prepare(clear).master), (255, 255, 255))
    assert_near(centre(prepare(depth).master), (255, 0, 0))


def test_the_copy_for_the_decoder_has_no_metadata_and_no_profile() -> None:
    data = drawing.with_gps(PHOTO, "HEIF")
    copy = open_container(data).pixels
    traces = (drawing.CAMERA.encode(), b"Exif", b"GPS", b"xmpmeta", b"mime")
    assert [trace in data for trace in traces] == [True, True, True, True, True]
    assert [trace in copy for trace in traces] == [False] * 5


def test_copy_of_a_copy_is_the_same() -> None:
    for data in (drawing.as_heic(PHOTO, tile_size=128), drawing.as_heic(PHOTO.convert("RGBA"))):
        once = open_container(data).pixels
        assert open_container(once).pixels == once


# --- What is refused --------------------------------------------------------------------------------------


def in_the_clothes_of_heic(data: bytes) -> bytes:
    return data.replace(b"ftypavif", b"ftypheic", 1)


def as_avif() -> bytes:
    stream = BytesIO()
    SMALL.save(stream, "AVIF")
    return stream.getvalue()


def promising(width: int, height: int) -> bytes:
    """The size in the header is not that of the coded picture."""
    data = drawing.as_heic(drawing.product("bag", "red", (64, 80)))
    return data.replace(struct.pack(">II", 64, 80), struct.pack(">II", width, height))


def test_other_pictures_in_the_same_container_are_refused_for_their_own_reasons() -> None:
    data = drawing.as_heic(SMALL)
    sequence = data + box(b"moov", bytes(40))
    files = [as_avif(), in_the_clothes_of_heic(as_avif()), data.replace(b"hvc1", b"unci"), sequence]
    assert [refusal(each) for each in files] == [RefusalReason.UNSUPPORTED_FORMAT] * 3 + [RefusalReason.ANIMATED]


@pytest.mark.parametrize("brands", [b"heix\0\0\0\0mif1heix", b"mif1\0\0\0\0miafheic", b"mif1\0\0\0\0heicmiaf"])
def test_heic_is_known_by_any_of_its_brands(brands: bytes) -> None:
    data = drawing.as_heic(SMALL)
    ftyp = first_of_each(boxes(memoryview(data)))[b"ftyp"]
    padded = brands.ljust(len(ftyp), b"\0")
    assert prepare(data.replace(bytes(ftyp), padded, 1)).width == 60


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        ((30_000, 30_000), RefusalReason.TOO_MANY_PIXELS),
        ((16_001, 80), RefusalReason.TOO_MANY_PIXELS),
        ((0, 80), RefusalReason.UNREADABLE),
        ((128, 160), RefusalReason.UNREADABLE),
        ((64, 72), RefusalReason.UNREADABLE),
    ],
)
def test_promised_size_is_judged_first_and_then_held_against_the_picture(
    size: tuple[int, int], reason: RefusalReason
) -> None:
    assert refusal(promising(*size)) == reason


def test_pixels_of_all_tiles_count_although_most_are_cropped_away() -> None:
    tiles, shown = large_heic(4, 4), struct.pack(">4xII", 512, 512)
    assert refusal(tiles.replace(struct.pack(">4xII", 2048, 2048), shown), max_pixels=6_000_000) == (
        RefusalReason.TOO_MANY_PIXELS
    )


@pytest.mark.parametrize("kind", [b"pitm", b"iinf", b"iloc", b"iprp"])
def test_file_without_one_of_its_tables_is_refused(kind: bytes) -> None:
    assert refusal(drawing.as_heic(SMALL).replace(kind, b"free", 1)) == RefusalReason.UNREADABLE


def test_items_that_name_the_same_bytes_again_and_again_are_refused_before_any_is_copied() -> None:
    data = drawing.as_heic(SMALL)
    whole = [struct.pack(">HHHHII", number, 0, 0, 1, 0, len(data)) for number in range(1, 1000)]
    iloc = versioned_box(b"iloc", 1, struct.pack(">HH", 0x4400, len(whole)), *whole)
    assert refusal(with_changed_boxes(data, {b"iloc": iloc})) == RefusalReason.UNREADABLE


def test_boxes_may_have_long_sizes_and_the_last_may_go_on_to_the_end() -> None:
    long = b"\0\0\0\1" + b"wide" + struct.pack(">Q", 20) + b"1234"
    found = list(boxes(memoryview(long + b"\0\0\0\0last" + b"56")))
    assert found == [Box(b"wide", memoryview(b"1234")), Box(b"last", memoryview(b"56"))]


def test_whatever_is_wrong_in_the_tables_is_a_refusal() -> None:
    random, original = Random(20), drawing.as_heic(PHOTO, tile_size=128, exif=Image.Exif().tobytes())
    tables = original.index(b"mdat")
    for _ in range(3000):
        data = bytearray(original)
        for _flip in range(random.choice((1, 1, 3, 20))):
            data[random.randrange(tables)] = random.choice((0, 1, 127, 128, 255, random.randrange(256)))
        with suppress(PictureRefused):
            assert len(open_container(bytes(data)).pixels) < 2 * len(original)


# --- A process of its own ---------------------------------------------------------------------------------

PREPARE = """
import sys
if sys.argv[1] == "without":
    sys.modules["pillow_heif"] = None  # importing it fails, as where it is not installed
from django.conf import settings
settings.configure(USE_I18N=False)
from onboarding.pictures import READS_HEIC, PictureRefused, prepare_picture
print(READS_HEIC)
for path in sys.argv[2:]:
    try:
        with open(path, "rb") as file:
            print(prepare_picture(file).width)
    except PictureRefused as refused:
        print(refused.reason.value)
print(bool(sys.modules.get("pillow_heif")))
"""


@pytest.mark.parametrize(
    ("extra", "said"), [("with", ["True", "60", "60", "False"]), ("without", ["False", "heic", "60", "False"])]
)
def test_decoder_may_be_there_or_not_and_is_never_loaded_here(tmp_path: Path, extra: str, said: list[str]) -> None:
    files = [tmp_path / "photo.heic", tmp_path / "a-jpeg.heic"]
    files[0].write_bytes(drawing.as_heic(SMALL))
    files[1].write_bytes(drawing.as_jpeg(SMALL))
    command = [sys.executable, "-c", PREPARE, extra, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.stdout.split(), done.stderr) == (said, "")
    assert READS_HEIC is True


def stand_in(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that does what the decoder's may come to do."""
    program = folder / "python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    monkeypatch.setattr(decoding_apart.sys, "executable", str(program))


@pytest.mark.parametrize(
    ("script", "warnings"),
    [
        ("kill -SEGV $$", ["The HEIC decoder died with status -11: "]),
        ("echo no module >&2; exit 1", ["The HEIC decoder died with status 1: no module\n"]),
        ("cat > /dev/null; exit 3", []),
        ("cat > /dev/null; echo RGB 60 80", []),
        ("sleep 20", []),
    ],
)
def test_decoder_that_dies_or_hangs_or_talks_nonsense_costs_its_picture_only(
    script: str, warnings: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    data = drawing.as_heic(SMALL)
    with monkeypatch.context() as patch:
        patch.setattr(decoding_apart, "_PATIENCE_SECONDS", 1.0)
        stand_in(tmp_path, script, patch)
        assert refusal(data) == RefusalReason.UNREADABLE
    assert [each.getMessage() for each in caplog.records if each.levelname == "WARNING"] == warnings
    assert prepare(data).width == 60


def test_decoder_gets_no_secret_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "not for it")
    with monkeypatch.context() as patch:
        stand_in(tmp_path, f"/usr/bin/env > {tmp_path}/told; exit 3", patch)
        refusal(drawing.as_heic(SMALL))
    told = {line.partition("=")[0] for line in (tmp_path / "told").read_text().splitlines()}
    assert told - {"PWD", "SHLVL", "_"} == {"PYTHONPATH"}  # the shell's own, and ours


CONFINED = """
import socket, sys
from onboarding.pictures.heic_child import confine
confine()
tries = {
    "read": lambda: open("/etc/hostname"),
    "write": lambda: open(sys.argv[1], "w"),
    "connect": lambda: socket.socket(),
    "fill": lambda: bytearray(2 * 1024**3),
}
for name, attempt in tries.items():
    try:
        attempt()
    except (OSError, MemoryError) as error:
        print(name, type(error).__name__)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited as Linux does")
def test_decoder_opens_no_file_and_no_connection_and_takes_no_more_memory(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CONFINED, str(tmp_path / "new")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stdout.splitlines() == ["read OSError", "write OSError", "connect OSError", "fill MemoryError"]
    assert list(tmp_path.iterdir()) == []


LARGEST = """
import os, resource, sys
from django.conf import settings
settings.configure(USE_I18N=False)
from onboarding.pictures import prepare_picture
with open(sys.argv[1], "rb") as file:
    picture = prepare_picture(file)
child = resource.getrusage(resource.RUSAGE_CHILDREN)
print(picture.width, round(child.ru_utime + child.ru_stime, 1), child.ru_maxrss // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read as Linux does")
def test_largest_picture_stays_within_its_memory_and_time(tmp_path: Path) -> None:
    data = large_heic(13, 9)  # 31 megapixels, of noise, which is the dearest to decode
    path = tmp_path / "large.heic"
    path.write_bytes(data)
    assert open_container(data).width * open_container(data).height * 1.5 < PictureLimits().max_pixels
    command = [sys.executable, "-c", LARGEST, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    width, seconds, peak_mb = done.stdout.split()
    assert (width, float(seconds) < 8, int(peak_mb) < 512) == ("2048", True, True), done.stdout
