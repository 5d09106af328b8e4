"""The items of an HEIF file (ISO/IEC 23008-12), as its tables tell of them: pictures, tiles of pictures, metadata."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from onboarding.pictures.boxes import Box, Fields, boxes
from onboarding.pictures.refusals import PictureRefused, RefusalReason

_MAX_ITEMS: Final = 1_000
"""As many as the decoder takes; a photo of 48 megapixels has 200 tiles, and as many again of its gain map."""
_MAX_EXTENTS: Final = 32
_NOTHING: Final = memoryview(b"")


class Property(NamedTuple):
    """A size, a rotation, a colour profile: items share them by their number in the file."""

    number: int
    is_essential: bool
    kind: bytes
    body: memoryview


class Reference(NamedTuple):
    kind: bytes
    item: int
    to: tuple[int, ...]


class _Extent(NamedTuple):
    """A piece of an item. `method`: 0, counted from the start of the file; 1, from that of the box `idat`."""

    method: int
    start: int
    length: int


@dataclass(frozen=True, kw_only=True)
class Items:
    """All items by their numbers in the file."""

    primary: int
    kinds: dict[int, bytes]
    properties: dict[int, list[Property]]
    references: list[Reference]
    contents: dict[int, list[memoryview]]

    def content(self, item: int) -> bytes:
        return b"".join(self.contents.get(item, ()))

    def referred(self, kind: bytes, item: int) -> tuple[int, ...]:
        """What the item points at; the tiles of a grid, for one."""
        return next((each.to for each in self.references if (each.kind, each.item) == (kind, item)), ())

    def property(self, item: int, kind: bytes) -> memoryview | None:
        return next((each.body for each in self.properties.get(item, ()) if each.kind == kind), None)


def read_items(file: memoryview, meta: memoryview) -> Items:
    """Raises `PictureRefused`: truncated, where the file ends before an item does, or unreadable."""
    parts = first_of_each(boxes(meta[4:]))
    extents = _extents(Fields(parts.get(b"iloc", _NOTHING)))
    return Items(
        primary=_primary(Fields(parts.get(b"pitm", _NOTHING))),
        kinds=_kinds(Fields(parts.get(b"iinf", _NOTHING))),
        properties=_properties(list(boxes(parts.get(b"iprp", _NOTHING)))),
        references=list(_references(parts[b"iref"])) if b"iref" in parts else [],
        contents=_contents(extents, file, parts.get(b"idat", _NOTHING)),
    )


def first_of_each(found: Iterable[Box]) -> dict[bytes, memoryview]:
    return dict(reversed(list(found)))


def _primary(fields: Fields) -> int:
    return fields.number(4 if fields.version() else 2)


def _kinds(fields: Fields) -> dict[int, bytes]:
    _limited(fields.number(4 if fields.version() else 2))
    return dict(_kind(Fields(entry.body)) for entry in boxes(fields.rest))


def _kind(entry: Fields) -> tuple[int, bytes]:
    number = entry.number(4 if entry.version() > 2 else 2)
    entry.number(2)  # how it is encrypted; such content is not understood later on
    return number, bytes(entry.taken(4))


def _references(body: memoryview) -> Iterator[Reference]:
    fields = Fields(body)
    size = 4 if fields.version() else 2
    for kind, entry in boxes(fields.rest):
        one = Fields(entry)
        item, count = one.number(size), one.number(2)
        yield Reference(kind, item, one.numbers(size, _limited(count)))


def _properties(parts: list[Box]) -> dict[int, list[Property]]:
    known = list(boxes(first_of_each(parts).get(b"ipco", _NOTHING)))
    tables = [Fields(part.body) for part in parts if part.kind == b"ipma"]
    pairs = [pair for table in tables for pair in _associations(table)]
    return {item: [_property(known, *pair) for pair in found if 0 < pair[0] <= len(known)] for item, found in pairs}


def _property(known: list[Box], number: int, is_essential: bool) -> Property:
    return Property(number, is_essential, *known[number - 1])


def _associations(fields: Fields) -> Iterator[tuple[int, list[tuple[int, bool]]]]:
    """For each item: the numbers of its properties, counted from 1, and whether they are essential."""
    version, flags = fields.version(), fields.flags
    size = 2 if flags & 1 else 1
    mask = 1 << 8 * size - 1
    for _ in range(_limited(fields.number(4))):
        item = fields.number(4 if version else 2)
        values = [fields.number(size) for _ in range(fields.number(1))]
        yield item, [(value & ~mask, bool(value & mask)) for value in values]


def _extents(fields: Fields) -> dict[int, list[_Extent]]:
    version, sizes = fields.version(), fields.number(2)
    offset, length, base, index = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    found = {}
    for _ in range(_limited(fields.number(4 if version > 1 else 2))):
        item = fields.number(4 if version > 1 else 2)
        method = fields.number(2) & 15 if version else 0
        elsewhere, start = fields.number(2), fields.number(base)
        count = _limited(fields.number(2), _MAX_EXTENTS)
        pieces = []
        for _ in range(count):
            fields.number(index if version else 0)
            pieces.append(_Extent(method, start + fields.number(offset), fields.number(length)))
        if not elsewhere:  # else it lies in another file
            found[item] = pieces
    return found


def _contents(extents: dict[int, list[_Extent]], file: memoryview, idat: memoryview) -> dict[int, list[memoryview]]:
    """Not copied: hostile tables name the same megabytes again and again."""
    places = {0: file, 1: idat}
    all_extents = [extent for pieces in extents.values() for extent in pieces if extent.method in places]
    if any(extent.start + extent.length > len(places[extent.method]) for extent in all_extents):
        raise PictureRefused(RefusalReason.TRUNCATED)
    if sum(extent.length for extent in all_extents) > len(file):
        raise PictureRefused(RefusalReason.UNREADABLE)
    return {
        item: [places[method][start : start + length] for method, start, length in pieces if method in places]
        for item, pieces in extents.items()
    }


def _limited(count: int, most: int = _MAX_ITEMS) -> int:
    if count > most:
        raise PictureRefused(RefusalReason.UNREADABLE)
    return count
