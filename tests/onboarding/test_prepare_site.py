"""`manage.py prepare_site`: what is done once before a release starts, and again without harm."""

import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from onboarding.models import ModelVersion
from tests.artifacts import tiny_artifact
from tests.conftest import make_version, stored_files

pytestmark = pytest.mark.django_db


def prepare() -> str:
    out = StringIO()
    call_command("prepare_site", verbosity=0, stdout=out)
    return out.getvalue()


def test_a_new_site_gets_the_model_that_ships(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR, settings.DEFAULT_ARTIFACT_DIR = tmp_path / "new" / "var", tiny_artifact()
    said = prepare()
    version = ModelVersion.objects.get()
    assert (version.state, said) == ("active", f"Model {version.name} is registered (active).\n")
    assert settings.DATA_DIR.is_dir()
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []


def test_preparing_again_changes_nothing(settings: Any, tmp_path: Path) -> None:
    settings.DEFAULT_ARTIFACT_DIR = tiny_artifact()
    prepare()
    before = list(ModelVersion.objects.values())
    assert prepare() == ""
    assert list(ModelVersion.objects.values()) == before


def test_a_model_that_was_promoted_stays_at_work_and_the_one_that_ships_is_not_even_read(
    settings: Any, tmp_path: Path
) -> None:
    promoted = make_version()
    settings.DEFAULT_ARTIFACT_DIR = tmp_path / "nothing"
    assert prepare() == ""
    assert ModelVersion.objects.get() == promoted


def test_without_pytorch_registering_is_refused_with_a_sentence_and_nothing_is_stored(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEFAULT_ARTIFACT_DIR = tiny_artifact()
    stored = stored_files()
    monkeypatch.setitem(sys.modules, "torch", None)  # as in the web server's image: it cannot be found
    with pytest.raises(CommandError) as refused:
        prepare()
    assert str(refused.value) == (
        "This needs PyTorch, which is not installed here. Run it where the tagging workers run."
    )
    assert ModelVersion.objects.count() == 0
    assert stored_files() == stored
