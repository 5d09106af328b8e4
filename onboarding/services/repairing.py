"""Repairing what a check-up found. Each repair looks again first, and says whether it did what it is called."""

from collections.abc import Callable, Mapping
from io import BytesIO

from django.core.files.storage import default_storage
from django.db import transaction

from catalog.models import Photo
from catalog.models.photos import FILE_KINDS
from catalog.photo_files import replace_file
from onboarding.consistency.artifacts import is_needed
from onboarding.consistency.findings import Finding, Kind
from onboarding.consistency.photo_files import names_in_use
from onboarding.consistency.stored_files import content
from onboarding.consistency.uploads import empty_uploads, never_queued
from onboarding.models import TagRequest
from onboarding.pictures import PictureRefused, prepare_picture
from onboarding.services.queue import enqueue_photo, retry_photo
from onboarding.services.retrain_runs import bury_dead_runs


def repair(finding: Finding) -> bool:
    """Whether it is as it should be now; False where nothing could be done, or only a person can."""
    mend = REPAIRS.get(finding.kind)
    return mend is not None and mend(finding)


def _delete_photo_file(finding: Finding) -> bool:
    if names_in_use([finding.file]):
        return False
    default_storage.delete(finding.file)
    return True


def _delete_model_file(finding: Finding) -> bool:
    if is_needed(finding.file):
        return False
    default_storage.delete(finding.file)
    return True


def _renew_copy(finding: Finding) -> bool:
    """Makes a smaller copy anew from the master, by the code that made it; a photo that failed for it is queued again.

    The photo is locked while its file is written, so that nobody deletes it meanwhile and the file outlives its row.
    """
    photo = Photo.objects.filter(pk=_pk(finding)).first()
    copies = _copies(photo) if photo else {}
    with transaction.atomic():
        photo = Photo.objects.select_for_update(of=("self",)).filter(pk=_pk(finding)).first()
        kind = next((kind for kind in FILE_KINDS if photo and getattr(photo, kind).name == finding.file), "")
        if photo is None or kind not in copies:
            return False
        replace_file(finding.file, copies[kind])
        if kind == "derivative" and _failed_for_want_of_it(photo):
            retry_photo(photo=photo)
        return True


def _copies(photo: Photo) -> dict[str, bytes]:
    """None where the master cannot be used."""
    master = content(photo.master.name or "")
    try:
        picture = prepare_picture(BytesIO(master or b""))
    except PictureRefused:
        return {}
    return {"display": picture.display, "derivative": picture.derivative}


def _failed_for_want_of_it(photo: Photo) -> bool:
    last = TagRequest.objects.filter(photo=photo).order_by("-pk").first()
    reasons = (TagRequest.Reason.MISSING, TagRequest.Reason.UNREADABLE, TagRequest.Reason.STORAGE)
    return last is not None and last.state == TagRequest.State.FAILED and last.reason in reasons


@transaction.atomic
def _queue_photo(finding: Finding) -> bool:
    photo = never_queued().filter(pk=_pk(finding)).first()
    if photo:
        enqueue_photo(photo=photo, priority=TagRequest.Priority.BULK)
    return photo is not None


def _delete_upload(finding: Finding) -> bool:
    deleted, _by_model = empty_uploads().filter(pk=_pk(finding)).delete()
    return bool(deleted)


def _bury_run(finding: Finding) -> bool:
    bury_dead_runs()
    return True


def _pk(finding: Finding) -> int:
    return int(finding.row.pk) if finding.row else 0


REPAIRS: Mapping[Kind, Callable[[Finding], bool]] = {
    Kind.UNNAMED_PHOTO_FILE: _delete_photo_file,
    Kind.COPY_MISSING: _renew_copy,
    Kind.COPY_DAMAGED: _renew_copy,
    Kind.UNNAMED_MODEL_FILE: _delete_model_file,
    Kind.RETRAINING_DIED: _bury_run,
    Kind.NEVER_QUEUED: _queue_photo,
    Kind.EMPTY_UPLOAD: _delete_upload,
}
