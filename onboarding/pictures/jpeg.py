"""JPEG files taken apart (ITU-T T.81, annex B; EXIF, ICC and XMP in their application segments).

Phones append further pictures to a photo (a preview, a gain map, a short film) and list them in an MPF
segment; such a file is read as its first picture, because that segment is left out of the copy.
"""

import re
import struct
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from onboarding.pictures.container import MAX_PARTS, MAX_PROFILE_BYTES, Container, names_location
from onboarding.pictures.refusals import PictureRefused, RefusalReason

_START_OF_IMAGE: Final = 0xD8
_END_OF_IMAGE: Final = 0xD9
_START_OF_SCAN: Final = 0xDA
_COMMENT: Final = 0xFE
_JFIF, _EXIF_OR_XMP, _ICC, _ADOBE = 0xE0, 0xE1, 0xE2, 0xEE
_APPLICATION: Final = range(0xE0, 0xF0)
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}

# Not FF 00 (a data byte FF), fill bytes, restart markers or TEM: these stand alone and may be anywhere.
_MARKER: Final = re.compile(rb"\xff[^\x00\x01\xff\xd0-\xd7]")


class _Segment(NamedTuple):
    """A marker and what belongs to it: data[start:end], of which data[start + 4:end] is the body."""

    marker: int
    start: int
    end: int


def open_jpeg(data: bytes) -> Container:
    """Takes a JPEG apart. Raises `PictureRefused`: truncated before any pixel, or unreadable."""
    segments = list(islice(_segments(data), MAX_PARTS + 1))
    scans = [segment for segment in segments if segment.marker == _START_OF_SCAN]
    if len(segments) > MAX_PARTS:
        raise PictureRefused(RefusalReason.UNREADABLE)
    if not scans:
        raise PictureRefused(RefusalReason.TRUNCATED)
    header = segments[: segments.index(scans[0])]
    width, height, components = _frame(data, header)
    notes = [_body(data, segment) for segment in header if segment.marker == _EXIF_OR_XMP]
    return Container(
        format="JPEG",
        width=width,
        height=height,
        pixels=_without_metadata(data, header, scans[0].start, segments[-1].end),
        is_complete=segments[-1].marker == _END_OF_IMAGE,
        weight=_weight(components, len(scans)),
        profile=_profile(data, header),
        exif=next((note for note in notes if note.startswith(b"Exif\0\0")), None),
        has_location_note=any(map(names_location, notes)),
    )


def _segments(data: bytes) -> Iterator[_Segment]:
    """All whole segments up to the end of the first picture; bytes between segments are skipped."""
    position = 2
    while match := _MARKER.search(data, position):
        start, marker = match.start(), data[match.start() + 1]
        if marker in (_START_OF_IMAGE, _END_OF_IMAGE):
            position = start + 2
        elif start + 4 <= len(data):
            position = start + 2 + max(2, int.from_bytes(data[start + 2 : start + 4], "big"))
        else:
            return
        if position > len(data):
            return
        yield _Segment(marker, start, position)
        if marker == _END_OF_IMAGE:
            return


def _body(data: bytes, segment: _Segment) -> bytes:
    return data[segment.start + 4 : segment.end]


def _frame(data: bytes, header: list[_Segment]) -> tuple[int, int, int]:
    """Width and height in pixels, and the number of colour components.

    Raises `PictureRefused`, unreadable, unless there is one frame header: with two it would be open which of
    them the decoder believes.
    """
    frames = [_body(data, segment) for segment in header if segment.marker in _FRAMES]
    if len(frames) != 1 or len(frames[0]) < 6:
        raise PictureRefused(RefusalReason.UNREADABLE)
    height, width, components = struct.unpack_from(">HHB", frames[0], 1)
    return width, height, components


def _weight(components: int, scans: int) -> float:
    """In several scans all coefficients stay in memory, and the decoder goes over them once for each scan.

    Progressive pictures have about ten scans; hostile ones have thousands in a few kilobytes.
    """
    return 1.0 if scans == 1 else max(1.0, components / 3, scans / 12)


def _without_metadata(data: bytes, header: list[_Segment], scans_start: int, end: int) -> bytes:
    kept = [data[part.start : part.end] for part in header if _is_for_pixels(part.marker, _body(data, part))]
    return b"".join([data[:2], *kept, data[scans_start:end]])


def _is_for_pixels(marker: int, body: bytes) -> bool:
    """False for metadata. JFIF and Adobe segments stay: they tell the decoder which colours are meant."""
    if marker == _JFIF:
        return body.startswith(b"JFIF\0")
    if marker == _ADOBE:
        return body.startswith(b"Adobe")
    return marker not in _APPLICATION and marker not in (_COMMENT, _START_OF_IMAGE, _END_OF_IMAGE)


def _profile(data: bytes, header: list[_Segment]) -> bytes | None:
    """The ICC profile, put together from its numbered pieces; None where there is none, or not all of it."""
    bodies = (_body(data, segment) for segment in header if segment.marker == _ICC)
    pieces = [body for body in bodies if body.startswith(b"ICC_PROFILE\0")]
    pieces.sort(key=lambda piece: piece[12:13])
    if not pieces or pieces[0][13:14] != bytes([len(pieces) % 256]):
        return None
    profile = b"".join(piece[14:] for piece in pieces)
    return profile if len(profile) <= MAX_PROFILE_BYTES else None
