"""Vectors of photos by one trunk: those that tagging has stored, and the missing ones computed from derivatives."""

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

from django.core.files.storage import default_storage

from catalog.models import Photo, PhotoEmbedding
from onboarding.lessons import Embedding
from onboarding.tagging import Tagged, Tagger

logger = logging.getLogger(__name__)

CHUNK = 256
READERS = 8


def stored_embeddings(photos: Sequence[Photo], trunk_hash: str) -> dict[int, Embedding]:
    """By photo id."""
    found: dict[int, Embedding] = {}
    for chunk in _chunks(photos):
        rows = PhotoEmbedding.objects.filter(photo__in=chunk, trunk_hash=trunk_hash)
        found.update((row.photo_id, Embedding(trunk_hash, row.fingerprint, bytes(row.vector))) for row in rows)
    return found


def compute_embeddings(photos: Sequence[Photo], tagger: Tagger, *, store: bool) -> dict[int, Embedding]:
    """By photo id; photos whose file is missing or unreadable are left out. Stored chunk by chunk, if at all."""
    found: dict[int, Embedding] = {}
    with ThreadPoolExecutor(READERS, thread_name_prefix="read") as pool:
        for chunk in _chunks(photos):
            outcomes = tagger.tag(list(pool.map(_content, chunk)))
            seen = {
                photo.pk: outcome.embedding
                for photo, outcome in zip(chunk, outcomes, strict=True)
                if isinstance(outcome, Tagged)
            }
            if store:
                save_embeddings(seen)
            found.update(seen)
    return found


def _content(photo: Photo) -> bytes:
    """Runs in a thread and touches no database; empty where the file cannot be had."""
    try:
        with default_storage.open(str(photo.derivative.name)) as stored:
            return bytes(stored.read())
    except Exception:  # storage back ends raise their own errors
        logger.exception("could not fetch the derivative of photo %s", photo.pk)
        return b""


def save_embeddings(embeddings: dict[int, Embedding]) -> None:
    """By photo id. A photo is embedded once by each trunk, however many heads have looked at it."""
    rows = (PhotoEmbedding(photo_id=photo_id, **asdict(each)) for photo_id, each in embeddings.items())
    PhotoEmbedding.objects.bulk_create(rows, ignore_conflicts=True)


def _chunks(photos: Sequence[Photo]) -> Iterator[Sequence[Photo]]:
    for start in range(0, len(photos), CHUNK):
        yield photos[start : start + CHUNK]
