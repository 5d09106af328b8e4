"""Artifacts of networks: in storage under their SHA-256, with a verified copy on local disk for loading.

An artifact is a folder of a few files. Its identity is the SHA-256 that `ml` gives it; the storage keys carry it, so a
stored artifact never changes.
"""

import os
import shutil
import tempfile
from contextlib import suppress
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
    """Checks and stores an artifact and adds its row; what is registered already is found again, and mended if need be.

    With `activate` it becomes the active version. Raises `ArtifactDamaged`.
    """
    from onboarding.tagging import read_identity

    with tempfile.TemporaryDirectory() as private:  # what is checked is what is stored, whatever happens to the folder
        copied = _copy(folder, Path(private))
        identity = read_identity(copied)
        _store(copied, identity.sha256)
    with transaction.atomic():
        version, _created = ModelVersion.objects.get_or_create(
            sha256=identity.sha256, defaults={"name": identity.name, "card": identity.card}
        )
        return activate_version(version) if activate else version


def _copy(folder: Path, private: Path) -> Path:
    for name in ARTIFACT_FILES:
        try:
            shutil.copyfile(folder / name, private / name)
        except OSError as error:
            raise ArtifactDamaged(f"{folder} is no model: {name} cannot be read there.") from error
    return private


def _store(folder: Path, sha256: str) -> None:
    for name in ARTIFACT_FILES:
        key, content = _key(sha256, name), (folder / name).read_bytes()
        if _is_stored(key, content):
            continue
        default_storage.delete(key)  # nothing, or what a process left that died while storing
        saved = default_storage.save(key, ContentFile(content))
        if saved != key:  # another process has stored the same in this moment
            default_storage.delete(saved)


def _is_stored(key: str, content: bytes) -> bool:
    try:
        with default_storage.open(key) as stored:
            return bool(stored.read() == content)
    except FileNotFoundError:
        return False


@transaction.atomic
def activate_version(version: ModelVersion) -> ModelVersion:
    """Makes a version the active one, the one before retires; workers see it before their next batch."""
    list(ModelVersion.objects.select_for_update().order_by("pk").values_list("pk"))  # two activations wait in line
    version.refresh_from_db()
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
    folder: Path = settings.ARTIFACT_CACHE_DIR / version.sha256
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
    """Takes the folder away at once, so that no other worker of this machine finds half of it."""
    folder: Path = settings.ARTIFACT_CACHE_DIR / version.sha256
    with tempfile.TemporaryDirectory(prefix="discarded-", dir=folder.parent) as aside, suppress(FileNotFoundError):
        os.rename(folder, Path(aside) / folder.name)
