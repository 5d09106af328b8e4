"""What a check-up can find."""

from dataclasses import dataclass

from django.db.models import Model, TextChoices


class Kind(TextChoices):
    """Names for programs, sentences for people."""

    UNNAMED_PHOTO_FILE = "unnamed-photo-file", "files of photos that no row names"
    COPY_MISSING = "copy-missing", "smaller copies of photos that are missing in storage"
    COPY_DAMAGED = "copy-damaged", "smaller copies of photos that are empty, cut off or no picture"
    MASTER_MISSING = "master-missing", "photos whose master is missing in storage: restore it from a backup"
    MASTER_DAMAGED = "master-damaged", "photos whose master is empty, cut off or no picture: restore it from a backup"
    UNNAMED_MODEL_FILE = "unnamed-model-file", "files of models that no model version names"
    MODEL_FILE_MISSING = "model-file-missing", "files of models that are missing: register the model again"
    MODEL_FILE_DAMAGED = "model-file-damaged", "files of models that are not what their card says: register it again"
    NO_ACTIVE_MODEL = "no-active-model", "no model version is active: see `manage.py models promote`"
    RETRAINING_DIED = "retraining-died", "retrainings that ended without a word"
    NEVER_QUEUED = "never-queued", "photos of drafts that were never queued and have no suggestions"
    LEASE_LONG_PAST = "lease-long-past", "tag requests that no worker has taken back: does one run?"
    EMPTY_UPLOAD = "empty-upload", "uploads of which no file ever arrived"
    DECISION_OVERWRITTEN = "decision-overwritten", "listings whose tags are not what people decided"


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be: a row, a stored file, or a row whose file it is."""

    kind: Kind
    row: Model | None = None
    file: str = ""

    def __str__(self) -> str:
        row = f"{self.row._meta.verbose_name} {self.row.pk}" if self.row else ""
        return ": ".join(filter(None, (row, self.file)))
