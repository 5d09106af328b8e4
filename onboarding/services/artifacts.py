"""Artifacts of networks: in storage under their SHA-256, with a verified copy on local disk for loading.

An artifact is a folder of a few files. Its identity is the SHA-256 that `ml` gives it, over card and weights; what else
belongs to it is named in the card with its own SHA-256. The storage keys carry the identity, so a stored artifact
never changes.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage

from catalog.photo_files import replace_file
from onboarding.errors import ArtifactDamaged
from onboarding.models import ModelVersion

FOLDER = "models"
ARTIFACT_FILES = ("card.json", "weights.safetensors")
EVIDENCE_FILE = "evidence.json"


def storage_key(sha256: str, name: str) -> str:
    return f"{FOLDER}/{sha256}/{name}"


def private_copy(folder: Path, private: Path) -> Path:
    """Copies an artifact, so that what is checked is what is stored. Raises `ArtifactDamaged` where a file lacks."""
    for name in ARTIFACT_FILES:
        _copy(folder / name, private / name)
    for name in further_files(read_card(private)):
        _copy(folder / name, private / name)
    return private


def _copy(source: Path, target: Path) -> None:
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise ArtifactDamaged(f"{source.parent} is no model: {source.name} cannot be read there.") from error


def read_card(folder: Path) -> dict[str, Any]:
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    except ValueError as error:
        raise ArtifactDamaged(f"{folder} is no model: its card cannot be read.") from error
    return card if isinstance(card, dict) else {}


def further_files(card: Mapping[str, Any]) -> dict[str, str]:
    """What an artifact has beside card and weights: names with SHA-256. Raises `ArtifactDamaged` for odd names."""
    files = card.get("files") or {}
    if not isinstance(files, dict) or any(Path(str(name)).name != name or name.startswith(".") for name in files):
        raise ArtifactDamaged("The model's card names files that cannot be part of it.")
    return {str(name): str(sha256) for name, sha256 in files.items()}


def check_further_files(folder: Path) -> None:
    """Raises `ArtifactDamaged` where a file is not the one that the card vouches for."""
    for name, sha256 in further_files(read_card(folder)).items():
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != sha256:
            raise ArtifactDamaged(f"{name} of the model in {folder} is cut off or altered (its SHA-256 differs).")


def store_artifact(folder: Path, sha256: str) -> None:
    """Puts the files into storage; what lies there already is left, and mended if it is not the same."""
    for name in (*ARTIFACT_FILES, *further_files(read_card(folder))):
        key, content = storage_key(sha256, name), (folder / name).read_bytes()
        if _is_stored(key, content):
            continue
        replace_file(key, content)  # nothing, or what a process left that died while storing


def _is_stored(key: str, content: bytes) -> bool:
    try:
        with default_storage.open(key) as stored:
            return bool(stored.read() == content)
    except FileNotFoundError:
        return False


def local_copy(version: ModelVersion) -> Path:
    """A folder on local disk with card and weights; fetched from storage once. Raises `ArtifactDamaged`.

    Whoever loads the folder verifies its SHA-256; `discard_local_copy` drops one that does not match.
    """
    folder: Path = settings.ARTIFACT_CACHE_DIR / version.sha256
    if not folder.exists():
        _fetch_folder(version, folder)
    return folder


def whole_local_copy(version: ModelVersion) -> Path:
    """The same with all files of the artifact, each of them verified: for training and evaluation."""
    try:
        return _whole_local_copy(version)
    except ArtifactDamaged:
        discard_local_copy(version)  # the cache may be at fault: fetch it once more
        return _whole_local_copy(version)


def _whole_local_copy(version: ModelVersion) -> Path:
    folder = local_copy(version)
    for name in further_files(read_card(folder)):
        if not (folder / name).exists():
            _fetch_file(version, name, folder)
    check_further_files(folder)
    return folder


def _fetch_folder(version: ModelVersion, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix="partial-", dir=folder.parent))
    try:
        for name in ARTIFACT_FILES:
            (partial / name).write_bytes(_stored(version, name))
        os.rename(partial, folder)
    except OSError:
        if not folder.exists():  # else another worker of this machine was faster
            raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _fetch_file(version: ModelVersion, name: str, folder: Path) -> None:
    partial = folder / f".{name}.{os.getpid()}"
    try:
        partial.write_bytes(_stored(version, name))
        os.replace(partial, folder / name)
    finally:
        partial.unlink(missing_ok=True)


def _stored(version: ModelVersion, name: str) -> bytes:
    try:
        with default_storage.open(storage_key(version.sha256, name)) as stored:
            return bytes(stored.read())
    except FileNotFoundError as error:
        raise ArtifactDamaged(f"The files of model {version.name} are missing in storage.") from error


def discard_local_copy(version: ModelVersion) -> None:
    """Takes the folder away at once, so that no other worker of this machine finds half of it."""
    folder: Path = settings.ARTIFACT_CACHE_DIR / version.sha256
    with tempfile.TemporaryDirectory(prefix="discarded-", dir=folder.parent) as aside, suppress(FileNotFoundError):
        os.rename(folder, Path(aside) / folder.name)
