"""Receiving uploads: each file is judged on its own and becomes a photo, or a refusal with its reason."""

import hashlib
import logging
import os
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from threading import BoundedSemaphore
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.files.uploadedfile import UploadedFile as SentFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from catalog.counts import grouped
from catalog.models import Listing, Photo, Shop
from catalog.photo_files import delete_files, names_of, write_photo_files
from catalog.selectors import photo_room
from catalog.services.listings import ListingDetails, create_listing
from catalog.services.look_alikes import note_copies
from catalog.services.photos import place_last
from catalog.services.revisions import count_change_by_person, lock_listing
from onboarding.errors import PhotosNotStored, ShopFull
from onboarding.models import Confirmation, TagRequest, Upload, UploadedFile
from onboarding.pictures import PictureRefused, PreparedPicture, prepare_picture
from onboarding.services.confirming import Choices, Decision, confirm_listing
from onboarding.services.queue import enqueue_photo
from onboarding.tasks import send_nudge

log = logging.getLogger(__name__)

INTERACTIVE_PILE_MAX_PHOTOS = 20
AMPLE_REQUESTS = 10
"""Where a shop has room for so many requests like this one, its photos are not counted again for each file."""

# A hostile file takes up to 0.4 GB while it is decoded, and more decoders than cores make nothing faster.
_decoders = BoundedSemaphore(max(2, os.cpu_count() or 2))


@dataclass(frozen=True, kw_only=True)
class Arrangement:
    """Where the photos of an upload go: a listing each, all into a new one, or all into an existing one."""

    as_one_listing: bool = False
    into: Listing | None = None


@dataclass(frozen=True, kw_only=True)
class CommonValues:
    """What each new listing of an upload begins with; no guess overwrites it."""

    details: ListingDetails = field(default_factory=ListingDetails)
    choices: Choices = field(default_factory=dict)


def receive_photos(
    *,
    shop: Shop,
    user: AbstractBaseUser,
    token: UUID,
    part: int,
    files: Sequence[SentFile[bytes]],
    arrangement: Arrangement,
    common: CommonValues = CommonValues(),
    keys: Sequence[UUID] = (),
    products: Sequence[UUID] = (),
    located: Collection[UUID] = (),
) -> Upload:
    """Takes in one request's files. Safe to repeat: none enters an upload twice.

    `keys`, one for each file, are the sender's own names for them: a file can be sent again in another company. Where
    there are none, part and content name each file. `products`, one for each file, are names likewise: where photos
    are not arranged otherwise, those of one product share a listing. `located`: of which ones the sender has removed
    the location.

    Each file is its own transaction (listing, photo, queue entry together), so a request that is cut off or a process
    that dies keeps what was finished; sending the same again brings in the rest. `PhotosNotStored` and `ShopFull` end
    it likewise.
    """
    upload, _created = Upload.objects.get_or_create(
        shop=shop, token=token, defaults={"user_id": user.pk, "listing": arrangement.into}
    )
    is_nearly_full = photo_room(shop) < AMPLE_REQUESTS * len(files)
    told, place = {str(key) for key in located}, _Place(arrangement, common, is_nearly_full)
    names = [str(key) for key in keys] or _named_by_content(part, files)
    for key, product, file in zip(names, products or repeat(None), files, strict=bool(products)):
        if not upload.files.filter(key=key).exists():
            row = UploadedFile(upload=upload, key=key, name=_shown_name(file.name), product=product)
            _receive(row, file, place, was_located=key in told)
    send_nudge()
    note_copies(shop=shop, photos=Photo.objects.filter(uploaded_file__upload=upload, uploaded_file__key__in=names))
    return upload


def refuse_above_limit(shop: Shop) -> None:
    """`ShopFull` where no photo fits any more. Requests side by side may bring a few too many."""
    if photo_room(shop) <= 0:
        sentence = _("The shop has all the %(count)s photos that it may have. Remove some, then send the rest again.")
        raise ShopFull(sentence % {"count": grouped(shop.photo_limit)})


def _named_by_content(part: int, files: Sequence[SentFile[bytes]]) -> list[str]:
    """The same file twice is two files."""
    seen: Counter[str] = Counter()
    names = []
    for file in files:
        digest = _digest(file)
        names.append(f"{part}:{digest}:{seen[digest]}")
        seen[digest] += 1
    return names


def _digest(file: SentFile[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


@dataclass(frozen=True)
class _Place:
    arrangement: Arrangement
    common: CommonValues
    is_nearly_full: bool

    def listing_for(self, row: UploadedFile) -> Listing:
        upload, into = row.upload, self.arrangement.into
        if not self.arrangement.as_one_listing and into is None:
            return self._listing_of_product(row)
        locked = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
        if locked.listing_id is None:
            locked.listing = self._new_listing(upload)
            locked.save(update_fields=["listing"])
        listing = lock_listing(locked.listing_id or 0)
        if into is not None:
            count_change_by_person(listing.pk)
        return listing

    def _listing_of_product(self, row: UploadedFile) -> Listing:
        """That of the product's other photos, if they have come already."""
        if row.product:
            Upload.objects.select_for_update(of=("self",)).get(pk=row.upload_id)
            others = UploadedFile.objects.filter(upload=row.upload_id, product=row.product).exclude(photo=None)
            if first := others.order_by("pk").values_list("photo__listing", flat=True).first():
                return lock_listing(first)
        return self._new_listing(row.upload)

    def _new_listing(self, upload: Upload) -> Listing:
        listing = create_listing(shop=upload.shop, details=self.common.details)
        if self.common.choices:
            decision = Decision(
                choices=self.common.choices,
                seen_revision=0,
                idempotency_key="common",
                how=Confirmation.How.BULK,
                is_whole=False,
            )
            confirm_listing(listing=listing, actor=upload.user, decision=decision)
        return listing


def _receive(row: UploadedFile, file: SentFile[bytes], place: _Place, *, was_located: bool) -> None:
    upload = row.upload
    try:
        with _decoders:
            picture = prepare_picture(file)
    except PictureRefused as refusal:
        UploadedFile.objects.get_or_create(
            upload=upload, key=row.key, defaults={"name": row.name, "refused_because": refusal.reason.value}
        )
        return
    if place.is_nearly_full:
        refuse_above_limit(upload.shop)
    photo = _store(upload, picture)
    try:
        row.had_location = picture.had_location or was_located
        _enter(row, photo, place)
    except IntegrityError:
        delete_files(names_of(photo))
        if not upload.files.filter(key=row.key).exists():
            raise  # else it was the same request twice at once: the other brought it in
    except BaseException:
        delete_files(names_of(photo))
        raise


def _shown_name(name: str | None) -> str:
    """The file's name as data: no folders, no control characters, at most 255 characters."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in last if character.isprintable())[:255]


def _store(upload: Upload, picture: PreparedPicture) -> Photo:
    photo = Photo(
        listing=Listing(shop=upload.shop),
        sha256=picture.sha256,
        perceptual_hash=picture.perceptual_hash,
        width=picture.width,
        height=picture.height,
    )
    contents = {"master": picture.master, "display": picture.display, "derivative": picture.derivative}
    try:
        write_photo_files(photo, contents=contents)
    except Exception as error:  # a storage raises anything at all
        log.exception("a photo cannot be stored")
        raise PhotosNotStored from error
    return photo


@transaction.atomic
def _enter(row: UploadedFile, photo: Photo, place: _Place) -> None:
    place_last(photo=photo, listing=place.listing_for(row))
    row.photo = photo
    row.save(force_insert=True)
    enqueue_photo(photo=photo, priority=_priority(row.upload))


def _priority(upload: Upload) -> int:
    """The first photos of a pile are wanted at once; the rest must not keep other people waiting."""
    is_large = upload.files.count() > INTERACTIVE_PILE_MAX_PHOTOS
    return TagRequest.Priority.BULK if is_large else TagRequest.Priority.INTERACTIVE
