"""WebP files taken apart (RFC 9649)."""

import struct
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from onboarding.pictures.container import MAX_PARTS, MAX_PROFILE_BYTES, Container, names_location
from onboarding.pictures.refusals import PictureRefused, RefusalReason

_FOR_PIXELS: Final = frozenset({b"VP8X", b"ALPH", b"VP8 ", b"VP8L"})
_WEIGHT: Final = 3.0
"""The decoder keeps several copies of the whole picture: up to 20 bytes a pixel instead of 4."""
_ANIMATION_FLAG: Final = 0x02
_ALPHA_FLAG: Final = 0x10


class _Chunk(NamedTuple):
    kind: bytes
    body: bytes


def open_webp(data: bytes) -> Container:
    """Takes a WebP file apart. Raises `PictureRefused`: truncated before its size is known, or unreadable."""
    end = 8 + int.from_bytes(data[4:8], "little")
    chunks = list(islice(_chunks(data[:end]), MAX_PARTS + 1))
    if not chunks:
        raise PictureRefused(RefusalReason.TRUNCATED)
    if len(chunks) > MAX_PARTS:
        raise PictureRefused(RefusalReason.UNREADABLE)
    width, height = _size(chunks[0])
    found = dict(reversed(chunks))  # the first of a kind wins, as it does for the decoder
    return Container(
        format="WEBP",
        width=width,
        height=height,
        pixels=_without_metadata(chunks),
        is_complete=end <= len(data),
        weight=_WEIGHT,
        is_animated=_is_animated(chunks),
        profile=_profile(found.get(b"ICCP")),
        exif=found.get(b"EXIF"),
        has_location_note=names_location(found.get(b"XMP ", b"")),
    )


def _chunks(data: bytes) -> Iterator[_Chunk]:
    """All chunks; the body of the last may be cut off."""
    position = 12
    while position + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, position)
        yield _Chunk(kind, data[position + 8 : position + 8 + length])
        position += 8 + length + length % 2


def _size(first: _Chunk) -> tuple[int, int]:
    """Width and height in pixels, which the first chunk gives in one of three ways."""
    kind, body = first
    if kind == b"VP8X" and len(body) >= 10:
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if kind == b"VP8L" and len(body) >= 5:
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and len(body) >= 10:
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    raise PictureRefused(RefusalReason.TRUNCATED if kind in _FOR_PIXELS else RefusalReason.UNREADABLE)


def _is_animated(chunks: list[_Chunk]) -> bool:
    kind, body = chunks[0]
    return kind == b"VP8X" and bool(body[0] & _ANIMATION_FLAG)


def _without_metadata(chunks: list[_Chunk]) -> bytes:
    body = b"".join(_packed(chunk) for chunk in chunks if chunk.kind in _FOR_PIXELS)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _packed(chunk: _Chunk) -> bytes:
    body = chunk.body
    if chunk.kind == b"VP8X":  # the other flags announce chunks that are left out
        body = bytes([body[0] & (_ALPHA_FLAG | _ANIMATION_FLAG)]) + body[1:]
    return struct.pack("<4sI", chunk.kind, len(body)) + body + b"\0" * (len(body) % 2)


def _profile(profile: bytes | None) -> bytes | None:
    return profile if profile is not None and len(profile) <= MAX_PROFILE_BYTES else None
