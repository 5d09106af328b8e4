"""Files of photos: written before their row, deleted after the commit that took the row away."""

import logging
from collections.abc import Iterable
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from catalog.models import Photo
from catalog.models.photos import FILE_KINDS

logger = logging.getLogger(__name__)


def write_photo_files(photo: Photo, *, contents: dict[str, bytes]) -> None:
    """Stores `contents` (JPEG bytes by kind) under the unsaved photo's keys. Leaves nothing behind if one fails."""
    tried: list[str] = []
    try:
        for kind in FILE_KINDS:
            field_file = getattr(photo, kind)
            tried.append(field_file.field.generate_filename(photo, f"{kind}.jpg"))
            field_file.save(f"{kind}.jpg", ContentFile(contents[kind]), save=False)
    except BaseException:
        delete_files(tried)  # the last one too: a full disk leaves half a file
        raise


def names_of(photo: Photo) -> list[str]:
    """All that may be stored of it, the card too, which may not be made yet."""
    return [*(name for kind in FILE_KINDS if (name := getattr(photo, kind).name)), photo.card_name]


def replace_file(name: str, content: bytes) -> None:
    """Stores `content` under exactly this name, whatever lies there."""
    default_storage.delete(name)
    saved = default_storage.save(name, ContentFile(content))
    if saved != name:  # another process has stored the same in this moment
        default_storage.delete(saved)


def delete_files(names: Iterable[str]) -> None:
    """Best effort: a file that cannot be deleted now is logged and left for the next clean-up."""
    for name in names:
        try:
            default_storage.delete(name)
        except Exception:
            logger.exception("could not delete %s", name)


def delete_files_of_deleted_photo(instance: Photo, **_kwargs: Any) -> None:
    """Receiver of `post_delete`, so that it holds for every way a row can go: views, admin, cascades."""
    transaction.on_commit(partial(delete_files, names_of(instance)), robust=True)
