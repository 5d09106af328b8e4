"""Model versions: registering one, putting one to work, going back to the one before."""

import json
import tempfile
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from onboarding.errors import ActiveModelChanged, NoActiveModel, NoEarlierModel
from onboarding.models import ModelVersion
from onboarding.services.artifacts import EVIDENCE_FILE, check_further_files, private_copy, store_artifact
from onboarding.services.evaluations import record_report_evidence

State = ModelVersion.State


def active_version() -> ModelVersion:
    """The version that tags now. Raises `NoActiveModel`."""
    version = ModelVersion.objects.filter(state=State.ACTIVE).first()
    if version is None:
        raise NoActiveModel
    return version


def register_artifact(folder: Path, *, activate: bool) -> ModelVersion:
    """Checks and stores an artifact and adds its row; what is registered already is found again, and mended if need be.

    The evidence that came with it is recorded beside it. With `activate` it becomes the active version. Raises
    `ArtifactDamaged` or `NetworkNotInstalled`.
    """
    from onboarding.tagging import read_identity, require_network

    require_network()
    with tempfile.TemporaryDirectory() as private:  # what is checked is what is stored, whatever happens to the folder
        copied = private_copy(folder, Path(private))
        identity = read_identity(copied)
        check_further_files(copied)
        store_artifact(copied, identity.sha256)
        evidence = copied / EVIDENCE_FILE
        came_with_it = json.loads(evidence.read_text(encoding="utf-8")) if evidence.exists() else {}
    with transaction.atomic():
        version, _created = ModelVersion.objects.get_or_create(
            sha256=identity.sha256, defaults={"name": identity.name, "card": identity.card}
        )
        record_report_evidence(version, came_with_it)
        return activate_version(version) if activate else version


@transaction.atomic
def activate_version(version: ModelVersion, *, instead_of: ModelVersion | None = None) -> ModelVersion:
    """Makes a version the active one, the one before retires; workers see it before their next batch.

    Raises `ActiveModelChanged` where another than `instead_of` is active: the comparison was with that one.
    """
    _take_over(version, instead_of)
    if version.state == State.ACTIVE:
        return version
    _swap(version)
    ModelVersion.objects.filter(pk=version.pk).update(activated_at=timezone.now())
    version.refresh_from_db()
    return version


@transaction.atomic
def roll_back() -> ModelVersion:
    """Puts the version to work again that was active before; repeated, the one before that. Raises `NoEarlierModel`.

    Its place in the history stays what it was, so that going back twice does not lead to where one came from.
    """
    _lock_all()
    previous = earlier_version()
    _swap(previous)
    previous.refresh_from_db()
    return previous


def earlier_version() -> ModelVersion:
    """The one that was active before the one that is. Raises `NoActiveModel` or `NoEarlierModel`."""
    retired = ModelVersion.objects.filter(state=State.RETIRED, activated_at__lt=active_version().activated_at)
    previous = retired.order_by("-activated_at").first()
    if previous is None:
        raise NoEarlierModel
    return previous


def _take_over(version: ModelVersion, instead_of: ModelVersion | None) -> None:
    _lock_all()
    version.refresh_from_db()
    if instead_of is None:
        return
    if not ModelVersion.objects.filter(pk=instead_of.pk, state=State.ACTIVE).exists():
        raise ActiveModelChanged


def _lock_all() -> None:
    """Two activations wait in line."""
    list(ModelVersion.objects.select_for_update().order_by("pk").values_list("pk"))


def _swap(version: ModelVersion) -> None:
    ModelVersion.objects.filter(state=State.ACTIVE).update(state=State.RETIRED)
    ModelVersion.objects.filter(pk=version.pk).update(state=State.ACTIVE)


def find_version(text: str) -> ModelVersion | None:
    """A version by its name or the start of its SHA-256, if exactly one is meant."""
    by_name = ModelVersion.objects.filter(name=text)
    found = by_name if by_name.exists() else ModelVersion.objects.filter(sha256__startswith=text.lower())
    return found.get() if text and found.count() == 1 else None
