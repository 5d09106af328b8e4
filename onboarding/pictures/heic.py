"""HEIC files taken apart (ISO/IEC 23008-12, annex B): the pictures of iPhones, and of many other phones.

The primary item is the photo, one picture coded as HEVC or a grid of such tiles. Whatever else phones store beside it
(depth maps, gain maps, previews, further pictures) is not in the copy, nor is anything of the format's many other kinds
of pictures: what decoders of it had to mend was mostly there.
"""

from typing import Final

from onboarding.pictures.boxes import Fields, boxes
from onboarding.pictures.container import MAX_PROFILE_BYTES, Container, names_location
from onboarding.pictures.heic_copy import PROFILES, write_heic
from onboarding.pictures.heif_items import Items, first_of_each, read_items
from onboarding.pictures.refusals import PictureRefused, RefusalReason

_WEIGHT: Final = 1.5
"""HEVC is slow: 33 megapixels take 2 seconds, with ten bits a colour 3."""
_CODED, _GRID = b"hvc1", b"grid"
_ALPHA: Final = (b"urn:mpeg:hevc:2015:auxid:1\0", b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0")


def open_heic(data: bytes) -> Container:
    """Takes a HEIC file apart. Raises `PictureRefused`: truncated, unreadable, animated, or not coded as HEVC."""
    file = memoryview(data)
    parts = first_of_each(boxes(file))
    if b"moov" in parts:
        raise PictureRefused(RefusalReason.ANIMATED)
    if b"meta" not in parts:
        raise PictureRefused(RefusalReason.TRUNCATED)
    items = read_items(file, parts[b"meta"])
    pictures = [items.primary, *_alpha(items)]
    coded = [tile for picture in pictures for tile in _tiles(items, picture)]
    width, height = _size(items, items.primary)
    return Container(
        format="HEIF",
        width=width,
        height=height,
        pixels=write_heic(items, pictures=pictures, coded=coded),
        is_complete=True,
        weight=_WEIGHT * max(1.0, sum(_area(items, tile) for tile in coded) / max(1, width * height)),
        profile=_profile(items),
        exif=next((_tiff(items.content(item)) for item in _of_kind(items, b"Exif")), None),
        has_location_note=any(names_location(items.content(item)) for item in _of_kind(items, b"mime")),
    )


def _of_kind(items: Items, kind: bytes) -> list[int]:
    return [item for item, each in items.kinds.items() if each == kind]


def _alpha(items: Items) -> list[int]:
    """The picture that says where the photo is transparent, if there is one."""
    beside = [each.item for each in items.references if each.kind == b"auxl" and items.primary in each.to]
    return [item for item in beside if bytes(items.property(item, b"auxC") or b"")[4:].startswith(_ALPHA)][:1]


def _tiles(items: Items, picture: int) -> list[int]:
    """The pictures that are decoded for it: its tiles, or itself."""
    kind = items.kinds.get(picture)
    tiles = list(items.referred(b"dimg", picture)) if kind == _GRID else [picture]
    if not tiles or kind is None:
        raise PictureRefused(RefusalReason.UNREADABLE)
    if {items.kinds.get(tile) for tile in tiles} != {_CODED}:
        raise PictureRefused(RefusalReason.UNSUPPORTED_FORMAT)
    return tiles


def _size(items: Items, picture: int) -> tuple[int, int]:
    """Width and height in pixels, cropped and turned as the file wants it."""
    width, height = _stored_size(items, picture)
    for each in items.properties.get(picture, ()):
        if each.kind == b"clap":
            width, height = _cropped(Fields(each.body))
        elif each.kind == b"irot" and Fields(each.body).number(1) & 1:
            width, height = height, width
    return width, height


def _stored_size(items: Items, picture: int) -> tuple[int, int]:
    fields = Fields(items.property(picture, b"ispe") or memoryview(b""))
    fields.version()
    return fields.number(4), fields.number(4)


def _cropped(fields: Fields) -> tuple[int, int]:
    """Each side is a fraction."""
    width, across, height, down = fields.numbers(4, 4)
    return round(width / max(1, across)), round(height / max(1, down))


def _area(items: Items, tile: int) -> int:
    width, height = _stored_size(items, tile)
    return width * height


def _profile(items: Items) -> bytes | None:
    """The ICC profile of the photo, or of its tiles."""
    owners = (items.primary, *items.referred(b"dimg", items.primary)[:1])
    found = (each.body for item in owners for each in items.properties.get(item, ()) if each.kind == b"colr")
    profile = next((bytes(body[4:]) for body in found if bytes(body[:4]) in PROFILES), None)
    return profile if profile is not None and len(profile) <= MAX_PROFILE_BYTES else None


def _tiff(block: bytes) -> bytes:
    """Without what comes before it; four bytes say how much that is."""
    return block[4 + int.from_bytes(block[:4], "big") :]
