"""Files of photos: those that no row names, and those that rows name but that are missing or damaged.

Storage is listed once, and each file finds its row through the photo's key, a chunk at a time. What is whole is noted
in one byte for each photo, so 100,000 photos take 100 kB. Only what then looks wrong is looked at by itself.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from io import BytesIO
from itertools import islice

from django.core.files.storage import default_storage
from django.db.models import Max, Q, QuerySet
from PIL import Image

from catalog.models import Photo
from catalog.models.photos import FILE_KINDS
from onboarding.chunks import CHUNK, by_key
from onboarding.consistency.findings import Finding, Kind
from onboarding.consistency.stored_files import StoredFile, content, is_local, stored_files

FOLDER = "photos"
END_OF_JPEG = b"\xff\xd9"
READERS = 8

_HEX = "[0-9a-f]"
_KEY = re.compile(rf"{FOLDER}/\d+/({_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}})/")
_BITS = {kind: 1 << number for number, kind in enumerate(FILE_KINDS)}
_ALL_WHOLE = sum(_BITS.values())


def photo_file_findings(*, grace: timedelta, thorough: bool) -> Iterator[Finding]:
    """`grace`: how long a file may lie there before its row comes. `thorough` decodes every file.

    Photos that come after the start are left to the next check-up.
    """
    last: int = Photo.objects.aggregate(last=Max("pk"))["last"] or 0
    whole = bytearray(last + 1)
    for files in _chunks(stored_files(FOLDER)):
        used = names_in_use([file.name for file in files])
        for file, is_whole in zip(files, _judge(files, thorough), strict=True):
            photo_id, kind = used.get(file.name, (None, ""))
            if photo_id is None:
                if file.is_older_than(grace):
                    yield Finding(Kind.UNNAMED_PHOTO_FILE, file=file.name)
            elif is_whole and photo_id <= last:
                whole[photo_id] |= _BITS[kind]
    for photos in by_key(Photo.objects.filter(pk__lte=last).only("pk")):
        for photo in photos:
            if whole[photo.pk] != _ALL_WHOLE:
                yield from _look_again(photo.pk, thorough)


def files_and_rows() -> tuple[int, int]:
    """How many files are stored, and how many the rows name."""
    return sum(1 for _file in stored_files(FOLDER)), len(FILE_KINDS) * Photo.objects.count()


def _chunks(files: Iterator[StoredFile]) -> Iterator[Sequence[StoredFile]]:
    while chunk := list(islice(files, CHUNK)):
        yield chunk


def names_in_use(names: Collection[str]) -> dict[str, tuple[int, str]]:
    """Which of these names rows name: photo id and kind of file, by name.

    A photo's files lie under its key, which is an index. Names that this does not explain are looked for in all rows.
    """
    keys = [found[1] for name in names if (found := _KEY.match(name))]
    used = _names_of(Photo.objects.filter(key__in=keys))
    rest = [name for name in names if name not in used]
    if rest:
        named = Q(master__in=rest) | Q(display__in=rest) | Q(derivative__in=rest)
        used |= _names_of(Photo.objects.filter(named))
    return used


def _names_of(photos: QuerySet[Photo]) -> dict[str, tuple[int, str]]:
    rows = photos.values_list("pk", *FILE_KINDS)
    return {name: (pk, kind) for pk, *names in rows for kind, name in zip(FILE_KINDS, names, strict=True)}


def _judge(files: Sequence[StoredFile], thorough: bool) -> Iterable[bool]:
    """Which of the files are whole, as far as can be told for the price."""
    if not thorough:
        return [_looks_whole(file) for file in files]
    with ThreadPoolExecutor(READERS, thread_name_prefix="read") as pool:  # far storage is slow one by one
        return list(pool.map(lambda file: is_picture(content(file.name) or b""), files))


def _looks_whole(file: StoredFile) -> bool:
    """A bucket takes a file as a whole or not at all; on a disk a lost end is cheap to see."""
    if not file.size_bytes or not is_local():
        return file.size_bytes > 0
    try:
        with default_storage.open(file.name) as stored:
            stored.seek(max(0, file.size_bytes - len(END_OF_JPEG)))
            return bool(stored.read() == END_OF_JPEG)
    except FileNotFoundError:
        return False


def is_picture(data: bytes) -> bool:
    """Whether the bytes decode as a JPEG to the very end."""
    try:
        with Image.open(BytesIO(data), formats=("JPEG",)) as image:
            image.load()
    except Exception:  # decoders raise anything at all on damaged bytes
        return False
    return has_end(data)


def has_end(data: bytes) -> bool:
    return data.endswith(END_OF_JPEG)


def _look_again(photo_id: int, thorough: bool) -> Iterator[Finding]:
    """The photo as it is now: it may have been deleted, or mended, since storage was listed."""
    photo = Photo.objects.filter(pk=photo_id).first()
    if photo is None:
        return
    is_whole: Callable[[bytes], bool] = is_picture if thorough else has_end
    found = list(filter(None, map(partial(_fault, photo, is_whole), FILE_KINDS)))
    if Photo.objects.filter(pk=photo_id).exists():
        yield from found


def _fault(photo: Photo, is_whole: Callable[[bytes], bool], kind: str) -> Finding | None:
    name = getattr(photo, kind).name
    data = content(name) if name else None
    if data is None:
        return Finding(Kind.MASTER_MISSING if kind == "master" else Kind.COPY_MISSING, photo, name)
    if not is_whole(data):
        return Finding(Kind.MASTER_DAMAGED if kind == "master" else Kind.COPY_DAMAGED, photo, name)
    return None
