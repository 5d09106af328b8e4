"""Storing models under their SHA-256, and fetching a verified copy of one."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from onboarding.errors import ArtifactDamaged
from onboarding.models import ModelVersion
from onboarding.services.artifacts import ARTIFACT_FILES, discard_local_copy, local_copy, whole_local_copy
from onboarding.services.model_versions import activate_version, register_artifact
from onboarding.worker import TaggerCache
from tests.artifacts import renamed_artifact, tiny_artifact

FURTHER_FILES = ("embeddings.safetensors", "evidence.json")
ALL_FILES = (*ARTIFACT_FILES, *FURTHER_FILES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the tiny artifact that a test may damage."""
    return Path(shutil.copytree(tiny_artifact(), tmp_path / "artifact"))


def flip_a_byte(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def stored_names(version: ModelVersion) -> dict[str, bytes]:
    _folders, names = default_storage.listdir(f"models/{version.sha256}")
    return {name: default_storage.open(f"models/{version.sha256}/{name}").read() for name in names}


def overwrite(version: ModelVersion, name: str, change: Callable[[bytes], bytes]) -> None:
    """Changes a stored file behind the application's back."""
    key = f"models/{version.sha256}/{name}"
    content = default_storage.open(key).read()
    default_storage.delete(key)
    default_storage.save(key, ContentFile(change(content)))


# --- Registering --------------------------------------------------------------------------------------------------


def test_registering_stores_the_files_under_the_sha256_and_keeps_the_card(db: None, folder: Path) -> None:
    version = register_artifact(folder, activate=False)
    assert (version.state, version.name) == (ModelVersion.State.CANDIDATE, f"lapel-tiny-{version.sha256[:8]}")
    assert stored_names(version) == {name: (folder / name).read_bytes() for name in ALL_FILES}
    assert version.card["name"] == "lapel-tiny"


def test_registering_the_same_artifact_again_finds_it(db: None, folder: Path) -> None:
    first = register_artifact(folder, activate=False)
    again = register_artifact(folder, activate=True)
    assert (again.pk, again.state, ModelVersion.objects.count()) == (first.pk, ModelVersion.State.ACTIVE, 1)
    assert sorted(stored_names(first)) == sorted(ALL_FILES)


def test_registering_again_mends_what_is_damaged_in_storage(db: None, folder: Path) -> None:
    version = register_artifact(folder, activate=True)
    overwrite(version, "weights.safetensors", lambda content: content[: len(content) // 2])
    default_storage.delete(f"models/{version.sha256}/card.json")
    register_artifact(folder, activate=True)
    assert stored_names(version) == {name: (folder / name).read_bytes() for name in ALL_FILES}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("weights.safetensors", flip_a_byte),
        ("weights.safetensors", lambda content: content[:1000]),
        ("card.json", lambda content: content[:1000]),
        ("card.json", lambda content: content.replace(b'"weights_sha256": "', b'"weights_sha256": "0')),
        ("card.json", lambda content: b"[]"),
        ("embeddings.safetensors", flip_a_byte),
        ("evidence.json", lambda content: content[:100]),
    ],
)
def test_a_damaged_artifact_is_refused_and_leaves_nothing_behind(
    db: None, folder: Path, name: str, change: Callable[[bytes], bytes]
) -> None:
    (folder / name).write_bytes(change((folder / name).read_bytes()))
    with pytest.raises(ArtifactDamaged):
        register_artifact(folder, activate=True)
    assert (ModelVersion.objects.count(), default_storage.exists("models")) == (0, False)


@pytest.mark.parametrize("name", ALL_FILES)
def test_a_folder_that_lacks_a_file_is_refused_with_its_name(db: None, folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ArtifactDamaged) as refusal:
        register_artifact(folder, activate=True)
    assert str(refusal.value) == f"{folder} is no model: {name} cannot be read there."


# --- The local copy -----------------------------------------------------------------------------------------------


def test_the_local_copy_is_fetched_once(db: None, folder: Path) -> None:
    version = register_artifact(folder, activate=True)
    copy = local_copy(version)
    for name in ARTIFACT_FILES:
        default_storage.delete(f"models/{version.sha256}/{name}")
    assert {name: (local_copy(version) / name).read_bytes() for name in ARTIFACT_FILES} == {
        name: (folder / name).read_bytes() for name in ARTIFACT_FILES
    }
    assert [path.name for path in copy.parent.iterdir()] == [version.sha256]


def test_a_discarded_copy_is_fetched_anew_and_leaves_nothing_behind(db: None, folder: Path) -> None:
    version = register_artifact(folder, activate=True)
    cache = local_copy(version).parent
    discard_local_copy(version)
    assert list(cache.iterdir()) == []
    discard_local_copy(version)
    assert local_copy(version).is_dir()


@pytest.mark.parametrize("name", ARTIFACT_FILES)
def test_a_file_missing_in_storage_is_said_in_one_sentence(db: None, folder: Path, name: str, settings: Any) -> None:
    version = register_artifact(folder, activate=True)
    default_storage.delete(f"models/{version.sha256}/{name}")
    with pytest.raises(ArtifactDamaged) as complaint:
        local_copy(version)
    assert str(complaint.value) == f"The files of model {version.name} are missing in storage."
    assert list(settings.ARTIFACT_CACHE_DIR.iterdir()) == []


@pytest.mark.parametrize("name", ARTIFACT_FILES)
@pytest.mark.parametrize("change", [flip_a_byte, lambda content: content[:100], lambda content: b""])
def test_a_damaged_local_copy_is_fetched_again_and_used(
    db: None, folder: Path, name: str, change: Callable[[bytes], bytes]
) -> None:
    version = register_artifact(folder, activate=True)
    file = local_copy(version) / name
    file.write_bytes(change(file.read_bytes()))
    assert TaggerCache().active().version == version
    assert file.read_bytes() == (folder / name).read_bytes()


def test_a_stored_artifact_that_was_tampered_with_is_never_used(db: None, folder: Path) -> None:
    version = register_artifact(folder, activate=True)
    overwrite(version, "card.json", lambda content: content.replace(b"lapel-tiny", b"lapel-evil"))
    with pytest.raises(ArtifactDamaged) as complaint:
        TaggerCache().active()
    assert str(complaint.value).startswith(f"Model {version.name} cannot be used.")


def test_another_whole_artifact_in_its_place_is_never_used(db: None, folder: Path, tmp_path: Path) -> None:
    version = register_artifact(folder, activate=True)
    other = renamed_artifact(folder, tmp_path / "other", "lapel-other")
    for name in ARTIFACT_FILES:
        overwrite(version, name, lambda _content, name=name: (other / name).read_bytes())
    with pytest.raises(ArtifactDamaged):
        TaggerCache().active()


def test_a_worker_takes_up_another_version_between_two_batches(db: None, folder: Path, tmp_path: Path) -> None:
    first = register_artifact(folder, activate=True)
    second = register_artifact(renamed_artifact(folder, tmp_path / "other", "lapel-other"), activate=False)
    taggers = TaggerCache()
    loaded = taggers.active()
    assert (loaded.version, taggers.active() is loaded) == (first, True)
    activate_version(second)
    assert taggers.active().version == second
    activate_version(first)
    assert taggers.active().version == first


# --- The whole artifact, for training -----------------------------------------------------------------------------


def test_what_tagging_does_not_need_is_fetched_only_for_training(db: None, folder: Path) -> None:
    version = register_artifact(folder, activate=True)
    copy = local_copy(version)
    assert sorted(path.name for path in copy.iterdir()) == sorted(ARTIFACT_FILES)
    assert whole_local_copy(version) == copy
    assert {path.name: path.read_bytes() for path in copy.iterdir()} == {
        name: (folder / name).read_bytes() for name in ALL_FILES
    }


@pytest.mark.parametrize("name", ["card.json", *FURTHER_FILES])
def test_a_damaged_file_of_the_whole_copy_is_fetched_again(db: None, folder: Path, name: str) -> None:
    version = register_artifact(folder, activate=True)
    file = whole_local_copy(version) / name
    file.write_bytes(file.read_bytes()[:-5])
    assert (whole_local_copy(version) / name).read_bytes() == (folder / name).read_bytes()


def test_a_further_file_that_was_tampered_with_in_storage_is_never_used(db: None, folder: Path) -> None:
    version = register_artifact(folder, activate=True)
    overwrite(version, "embeddings.safetensors", flip_a_byte)
    with pytest.raises(ArtifactDamaged) as complaint:
        whole_local_copy(version)
    assert str(complaint.value).startswith("embeddings.safetensors of the model in ")


@pytest.mark.parametrize("name", ["../evidence.json", "a/b", ".hidden", "/etc/passwd"])
def test_a_card_cannot_name_files_elsewhere(db: None, folder: Path, name: str) -> None:
    card = json.loads((folder / "card.json").read_text())
    card["files"] = {name: "0" * 64}
    (folder / "card.json").write_text(json.dumps(card))
    with pytest.raises(ArtifactDamaged):
        register_artifact(folder, activate=True)
    assert (ModelVersion.objects.count(), default_storage.exists("models")) == (0, False)


def test_the_evidence_that_comes_with_an_artifact_is_recorded_once(db: None, folder: Path) -> None:
    version = register_artifact(folder, activate=True)
    register_artifact(folder, activate=True)
    (evaluation,) = version.evaluations.all()
    assert (evaluation.pictures, evaluation.run) == ("studio", None)
    assert evaluation.figures == json.loads((folder / "evidence.json").read_text())["sets"]["studio"]
