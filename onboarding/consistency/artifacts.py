"""Files of models: those that a version needs and those that none needs."""

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta

from django.core.files.storage import default_storage

from onboarding.consistency.findings import Finding, Kind
from onboarding.consistency.stored_files import content, stored_files
from onboarding.models import ModelVersion
from onboarding.services.artifacts import ARTIFACT_FILES, FOLDER, further_files, storage_key


def artifact_findings(*, grace: timedelta, thorough: bool) -> Iterator[Finding]:
    """`grace`: how long a model may lie there before its row comes. `thorough` compares every file with its card."""
    stored = {file.name: file for file in stored_files(FOLDER)}
    needed: set[str] = set()
    for version in ModelVersion.objects.order_by("pk"):
        for key in _keys(version):
            needed.add(key)
            if key not in stored and not default_storage.exists(key):  # registered since storage was listed
                yield Finding(Kind.MODEL_FILE_MISSING, version, key)
            elif key in stored and not _is_genuine(version, key, stored[key].size_bytes, thorough):
                yield Finding(Kind.MODEL_FILE_DAMAGED, version, key)
    for key in sorted(stored.keys() - needed):
        if stored[key].is_older_than(grace):
            yield Finding(Kind.UNNAMED_MODEL_FILE, file=key)


def _keys(version: ModelVersion) -> list[str]:
    return [storage_key(version.sha256, name) for name in (*ARTIFACT_FILES, *further_files(version.card))]


def is_needed(key: str) -> bool:
    """Whether a model version needs the file that is stored under this key."""
    sha256 = key.removeprefix(f"{FOLDER}/").partition("/")[0]
    return any(key in _keys(version) for version in ModelVersion.objects.filter(sha256=sha256))


def _is_genuine(version: ModelVersion, key: str, size_bytes: int, thorough: bool) -> bool:
    """The row holds the card as it was registered, and the card has the SHA-256 of everything else."""
    if not size_bytes or not thorough:
        return size_bytes > 0
    name, data = key.rpartition("/")[2], content(key) or b""
    if name == "card.json":
        return _is_card(version, data)
    expected = further_files(version.card).get(name) or version.card.get("weights_sha256")
    return hashlib.sha256(data).hexdigest() == expected


def _is_card(version: ModelVersion, data: bytes) -> bool:
    try:
        return bool(json.loads(data) == version.card)
    except ValueError:
        return False
