"""A HEIC file written anew, with nothing but the pixels of one photo."""

import struct
from typing import Final

from onboarding.pictures.boxes import box, versioned_box
from onboarding.pictures.heif_items import Items, Property, Reference

_HEAD: Final = box(b"ftyp", b"heic\0\0\0\0mif1heic")
_HANDLER: Final = versioned_box(b"hdlr", 0, b"\0\0\0\0pict", bytes(13))
_FOR_PIXELS: Final = frozenset({b"hvcC", b"ispe", b"pixi", b"colr", b"auxC", b"clap", b"irot", b"imir"})
_REFERENCES: Final = frozenset({b"dimg", b"auxl", b"prem"})
PROFILES: Final = (b"prof", b"rICC")
"""The kinds of `colr` that are ICC profiles."""


def write_heic(items: Items, *, pictures: list[int], coded: list[int]) -> bytes:
    """`pictures`: the photo, and its transparency if there is one. `coded`: they themselves, or their tiles."""
    kept = list(dict.fromkeys([*pictures, *coded]))
    contents = [items.content(item) for item in kept]
    start = len(_HEAD) + len(_meta(items, kept, contents, 0)) + 8
    return b"".join([_HEAD, _meta(items, kept, contents, start), box(b"mdat", *contents)])


def _meta(items: Items, kept: list[int], contents: list[bytes], start: int) -> bytes:
    """`start`: where the first content will lie in the file. Items are numbered from 1, the photo first."""
    return versioned_box(
        b"meta",
        0,
        _HANDLER,
        versioned_box(b"pitm", 0, struct.pack(">H", 1)),
        _places(contents, start),
        _kinds([items.kinds[item] for item in kept]),
        _references([each for each in items.references if each.kind in _REFERENCES], kept),
        _properties([list(filter(_is_for_pixels, items.properties.get(item, ()))) for item in kept]),
    )


def _is_for_pixels(each: Property) -> bool:
    """Colour profiles are read by another library."""
    return each.kind in _FOR_PIXELS and not (each.kind == b"colr" and bytes(each.body[:4]) in PROFILES)


def _places(contents: list[bytes], start: int) -> bytes:
    entries = []
    for number, content in enumerate(contents, 1):
        entries.append(struct.pack(">HHHHII", number, 0, 0, 1, start, len(content)))
        start += len(content)
    return versioned_box(b"iloc", 1, struct.pack(">HH", 0x4400, len(entries)), *entries)


def _kinds(kinds: list[bytes]) -> bytes:
    entries = [versioned_box(b"infe", 2, struct.pack(">HH4sx", at, 0, kind)) for at, kind in enumerate(kinds, 1)]
    return versioned_box(b"iinf", 0, struct.pack(">H", len(entries)), *entries)


def _references(references: list[Reference], kept: list[int]) -> bytes:
    numbers = {item: number for number, item in enumerate(kept, 1)}
    entries = []
    for kind, item, to in references:
        targets = [numbers[each] for each in to if each in numbers]
        if item in numbers and targets:
            entries.append(box(kind, struct.pack(f">HH{len(targets)}H", numbers[item], len(targets), *targets)))
    return versioned_box(b"iref", 0, *entries) if entries else b""


def _properties(owned: list[list[Property]]) -> bytes:
    """What items shared, they share again."""
    used = {each.number: each for properties in owned for each in properties}
    numbers = {number: at for at, number in enumerate(used, 1)}
    entries = []
    for item, properties in enumerate(owned, 1):
        values = [each.is_essential << 15 | numbers[each.number] for each in properties]
        entries.append(struct.pack(f">HB{len(values)}H", item, len(values), *values))
    table = versioned_box(b"ipma", 0, struct.pack(">I", len(entries)), *entries, flags=1)
    return box(b"iprp", box(b"ipco", *(box(each.kind, each.body) for each in used.values())), table)
