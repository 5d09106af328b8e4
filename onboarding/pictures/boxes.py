"""The boxes that HEIF files consist of (ISO/IEC 14496-12), read and written."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from onboarding.pictures.container import MAX_PARTS
from onboarding.pictures.refusals import PictureRefused, RefusalReason


class Box(NamedTuple):
    kind: bytes
    body: memoryview


def boxes(data: memoryview) -> Iterator[Box]:
    """All whole boxes up to the first that is cut off. Raises `PictureRefused`, unreadable, if they are countless."""
    for _ in range(MAX_PARTS):
        head = 16 if bytes(data[:4]) == b"\0\0\0\1" else 8
        if len(data) < head:
            return
        size = int.from_bytes(data[8:16] if head == 16 else data[:4], "big") or len(data)
        if not head <= size <= len(data):
            return
        yield Box(bytes(data[4:8]), data[head:size])
        data = data[size:]
    raise PictureRefused(RefusalReason.UNREADABLE)


class Fields:
    """The numbers in a box, one after the other. Raises `PictureRefused`, unreadable, where it has no more."""

    def __init__(self, body: memoryview) -> None:
        self.rest = body
        self.flags = 0

    def taken(self, count: int) -> memoryview:
        if count > len(self.rest):
            raise PictureRefused(RefusalReason.UNREADABLE)
        first, self.rest = self.rest[:count], self.rest[count:]
        return first

    def number(self, size: int) -> int:
        """Of `size` bytes; 0 where that is none."""
        return int.from_bytes(self.taken(size), "big")

    def numbers(self, size: int, count: int) -> tuple[int, ...]:
        """Of 2 or 4 bytes each."""
        return struct.unpack(f">{count}{'H' if size == 2 else 'I'}", self.taken(size * count))

    def version(self) -> int:
        """With it, and with its flags, many boxes begin."""
        version, self.flags = self.number(1), self.number(3)
        return version


def box(kind: bytes, *bodies: bytes | memoryview) -> bytes:
    body = b"".join(bodies)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def versioned_box(kind: bytes, version: int, *bodies: bytes, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *bodies)
