"""PNG files taken apart (W3C PNG, third edition)."""

import struct
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from onboarding.pictures.container import MAX_PARTS, MAX_PROFILE_BYTES, Container, names_location
from onboarding.pictures.refusals import PictureRefused, RefusalReason

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_CHANNELS: Final = {2: 3, 4: 2, 6: 4}
"""By the colour type in IHDR; grey and palette have one."""
_FOR_PIXELS: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_TEXTS: Final = frozenset({b"tEXt", b"iTXt"})
_XMP_KEYWORD: Final = b"XML:com.adobe.xmp\0"


class _Chunk(NamedTuple):
    """data[start:end] is the chunk with its length and checksum, data[start + 8:end - 4] its body."""

    kind: bytes
    start: int
    end: int


def open_png(data: bytes) -> Container:
    """Takes a PNG apart. Raises `PictureRefused`: truncated before its header ends, or unreadable."""
    chunks = list(islice(_chunks(data), MAX_PARTS + 1))
    if not chunks:
        raise PictureRefused(RefusalReason.TRUNCATED)
    if len(chunks) > MAX_PARTS or chunks[0].kind != b"IHDR" or chunks[0].end - chunks[0].start != 25:
        raise PictureRefused(RefusalReason.UNREADABLE)
    header = _body(data, chunks[0])
    width, height = struct.unpack_from(">II", header)
    return Container(
        format="PNG",
        width=width,
        height=height,
        pixels=_without_metadata(data, chunks),
        is_complete=chunks[-1].kind == b"IEND",
        weight=_weight(header),
        is_animated=_is_animated(_first(data, chunks, b"acTL")),
        profile=_profile(_first(data, chunks, b"iCCP")),
        exif=_first(data, chunks, b"eXIf"),
        has_location_note=any(_names_location(data, chunk) for chunk in chunks),
    )


def _chunks(data: bytes) -> Iterator[_Chunk]:
    """All whole chunks up to the first IEND."""
    position = len(SIGNATURE)
    while position + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        if end > len(data):
            return
        yield _Chunk(kind, position, end)
        position = end
        if kind == b"IEND":
            return


def _weight(header: bytes) -> float:
    """By what has to be inflated; interlaced pictures are put together pixel by pixel."""
    depth, colours, is_interlaced = header[8], header[9], header[12]
    return max(1.0, depth * _CHANNELS.get(colours, 1) / 24) * (1.5 if is_interlaced else 1.0)


def _body(data: bytes, chunk: _Chunk) -> bytes:
    return data[chunk.start + 8 : chunk.end - 4]


def _first(data: bytes, chunks: list[_Chunk], kind: bytes) -> bytes | None:
    return next((_body(data, chunk) for chunk in chunks if chunk.kind == kind), None)


def _without_metadata(data: bytes, chunks: list[_Chunk]) -> bytes:
    """Raises `PictureRefused`, unreadable, where a chunk that is kept differs from its checksum."""
    kept = [chunk for chunk in chunks if chunk.kind in _FOR_PIXELS]
    view = memoryview(data)
    for chunk in kept:
        (checksum,) = struct.unpack_from(">I", data, chunk.end - 4)
        if zlib.crc32(view[chunk.start + 4 : chunk.end - 4]) != checksum:
            raise PictureRefused(RefusalReason.UNREADABLE)
    return b"".join([SIGNATURE, *(view[chunk.start : chunk.end] for chunk in kept)])


def _is_animated(control: bytes | None) -> bool:
    """`control` is the body of acTL, which starts with the number of frames."""
    return control is not None and int.from_bytes(control[:4], "big") > 1


def _profile(body: bytes | None) -> bytes | None:
    """The ICC profile of an iCCP chunk (name, NUL, method 0, deflated profile); None where it is not one."""
    if body is None:
        return None
    inflater = zlib.decompressobj()
    try:
        profile = inflater.decompress(body[body.index(b"\0") + 2 :], MAX_PROFILE_BYTES)
    except (ValueError, zlib.error):
        return None
    return profile if inflater.eof else None


def _names_location(data: bytes, chunk: _Chunk) -> bool:
    """Whether this is an uncompressed XMP packet with a position in it."""
    if chunk.kind not in _TEXTS:
        return False
    body = _body(data, chunk)
    return body.startswith(_XMP_KEYWORD) and names_location(body)
