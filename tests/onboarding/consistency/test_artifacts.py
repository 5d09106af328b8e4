"""Files of models."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from onboarding.consistency.artifacts import is_needed
from onboarding.consistency.findings import Finding, Kind
from onboarding.models import ModelVersion
from onboarding.services.artifacts import storage_key
from onboarding.services.model_versions import register_artifact
from tests.artifacts import tiny_artifact
from tests.onboarding.consistency.site import found, read, store

NAMES = ("card.json", "weights.safetensors", "embeddings.safetensors", "evidence.json")


@pytest.fixture
def version(db: None) -> ModelVersion:
    return register_artifact(tiny_artifact(), activate=True)


def test_a_registered_model_is_whole(version: ModelVersion) -> None:
    assert found() == found(thorough=True) == []


@pytest.mark.parametrize("name", NAMES)
def test_each_file_that_a_version_needs_is_missed(version: ModelVersion, name: str, tmp_path: Path) -> None:
    key = storage_key(version.sha256, name)
    default_storage.delete(key)
    assert found() == [Finding(Kind.MODEL_FILE_MISSING, version, key)]
    register_artifact(tiny_artifact(), activate=False)
    assert found(thorough=True) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("damage", [lambda content: content[:-1] + b"?", lambda content: content[:40]])
def test_a_file_that_differs_from_its_card_is_found_thoroughly(
    version: ModelVersion, name: str, damage: Callable[[bytes], bytes]
) -> None:
    key = storage_key(version.sha256, name)
    store(key, damage(read(key)))
    assert found() == []
    assert found(thorough=True) == [Finding(Kind.MODEL_FILE_DAMAGED, version, key)]


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_file_is_found_at_once(version: ModelVersion, name: str) -> None:
    key = storage_key(version.sha256, name)
    store(key, b"")
    assert found() == [Finding(Kind.MODEL_FILE_DAMAGED, version, key)]


def test_files_that_no_version_needs_are_found_once_they_are_old(version: ModelVersion) -> None:
    stray = [storage_key("0" * 64, "weights.safetensors"), storage_key(version.sha256, "card_AbCdEfG.json")]
    for key in stray:
        store(key, hours=0.5)
    assert found() == []
    for key in stray:
        store(key, hours=2)
    assert found() == [Finding(Kind.UNNAMED_MODEL_FILE, file=key) for key in sorted(stray)]
    assert [is_needed(key) for key in stray] == [False, False]
    assert all(is_needed(storage_key(version.sha256, name)) for name in NAMES)
