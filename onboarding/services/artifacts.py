"""Artifacts of networks: in storage under their SHA-256, with a verified copy on local disk for loading.

An artifact is a folder of a few files. Its identity is the SHA-256 that `ml` gives it; the storage keys carry it, so a
stored artifact never changes.
"""

import os
import shutil
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from onboarding.errors import ArtifactDamaged, NoActiveModel
from onboarding.models import ModelVersion

ARTIFACT_FILES = ("card.json", "weights.safetensors")


def _key(sha256: str, name: str) -> str:
    return f"models/{sha256}/{name}"


def active_version() -> ModelVersion:
    """The version that tags now. Raises `NoActiveModel`."""
    version = ModelVersion.objects.filter(state=ModelVersion.State.ACTIVE).first()
    if version is None:
        raise NoActiveModel
    return version


def register_artifact(folder: Path, *, activate: bool) -> ModelVersion:
    """Checks and stores an artifact and adds its row; what is registered already is found again.

    With `activate` it becomes the active version. Raises `ArtifactDamaged`.
    """
    from onboarding.tagging import read_identity

    identity = read_identity(folder)
    _store(folder, identity.sha256)
    with transaction.atomic():
        version, _created = ModelVersion.objects.get_or_create(
            sha256=identity.sha256, defaults={"name": identity.name, "card": identity.card}
        )
        return activate_version(version) if activate else version


def _store(folder: Path, sha256: str) -> None:
    for name in ARTIFACT_FILES:
        key = _key(sha256, name)
        if not default_storage.exists(key):
            default_storage.save(key, ContentFile((folder / name).read_bytes()))


@transaction.atomic
def activate_version(version: ModelVersion) -> ModelVersion:
    """Makes a version the active one, the one before retires; workers see it before their next batch."""
    if version.state == ModelVersion.State.ACTIVE:
        return version
    ModelVersion.objects.filter(state=ModelVersion.State.ACTIVE).update(state=ModelVersion.State.RETIRED)
    version.state = ModelVersion.State.ACTIVE
    version.activated_at = timezone.now()
    version.save(update_fields=["state", "activated_at"])
    return version


def local_copy(version: ModelVersion) -> Path:
    """A folder on local disk with the artifact; fetched from storage once. Raises `ArtifactDamaged`.

    Whoever loads the folder verifies its SHA-256; `discard_local_copy` drops one that does not match.
    """
    folder = settings.ARTIFACT_CACHE_DIR / version.sha256
    if not folder.exists():
        _fetch(version, folder)
    return folder


def _fetch(version: ModelVersion, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix="partial-", dir=folder.parent))
    try:
        for name in ARTIFACT_FILES:
            with default_storage.open(_key(version.sha256, name)) as stored:
                (partial / name).write_bytes(stored.read())
        os.rename(partial, folder)
    except FileNotFoundError as error:
        raise ArtifactDamaged(f"The files of model {version.name} are missing in storage.") from error
    except OSError:
        if not folder.exists():  # else another worker of this machine was faster
            raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def discard_local_copy(version: ModelVersion) -> None:
    shutil.rmtree(settings.ARTIFACT_CACHE_DIR / version.sha256, ignore_errors=True)
