"""The commands of docs/operations.md bring everything back, row for row and file for file."""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection, connections

from catalog.models import Listing, TagField, VocabularyEdition
from onboarding.services import queue
from onboarding.services.confirming import Decision, confirm_listing
from onboarding.services.model_versions import register_artifact
from tests.artifacts import tiny_artifact
from tests.conftest import make_listing, make_shop, make_user, stored_files, term
from tests.live import BASE_DIR, environment
from tests.services.binaries import find_binary
from tests.services.postgresql import installed
from tests.settings import ON_SERVICES

DATABASE = "postgresql" if ON_SERVICES else "sqlite"
Contents = dict[str, object]


def commands(name: str) -> str:
    """A block of the document."""
    text = (BASE_DIR / "docs" / "operations.md").read_text(encoding="utf-8")
    found = re.search(rf"^```{name}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found, f"docs/operations.md has no block {name}"
    return found[1]


class Operator:
    """Somebody at a shell on the site's machine."""

    def __init__(self, data_dir: Path, backup: Path) -> None:
        backup.mkdir()
        self.backup = backup
        programs = [str(Path(sys.executable).parent)]
        if ON_SERVICES:
            programs.append(str(find_binary("pg_dump", *installed("pg_dump")).parent))
        path = os.pathsep.join([*programs, os.environ["PATH"]])
        self._environment = environment(data_dir, PATH=path, BACKUP=str(backup), DATA_DIR=str(data_dir))

    def run(self, *names: str) -> str:
        """Blocks of the document, one after the other; the first command that fails ends the test."""
        script = "set -eu\n" + "".join(commands(name) for name in names)
        done = subprocess.run(
            ["bash", "-c", script], cwd=BASE_DIR, env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def exactly(value: object) -> object:
    return value


def in_milliseconds(value: object) -> object:
    """As a move keeps times."""
    return value.replace(microsecond=value.microsecond // 1000 * 1000) if isinstance(value, datetime) else value


def contents(kept: Callable[[object], object] = exactly) -> Contents:
    """All rows of our tables, and the hash of every file."""
    rows: Contents = {
        model._meta.label: sorted(repr([kept(value) for value in row]) for row in model._default_manager.values_list())
        for app in ("catalog", "onboarding")
        for model in apps.get_app_config(app).get_models()
        if model is not VocabularyEdition  # another one in each database, and after each change
    }
    for name in stored_files():
        with default_storage.open(name.lstrip("/")) as stored:
            rows[name] = hashlib.sha256(stored.read()).hexdigest()
    return rows


@pytest.fixture
def site(live_database: Path) -> Path:
    """A shop with a confirmed listing, a draft, and a photo that waits for its tags."""
    register_artifact(tiny_artifact(), activate=True)
    seller = make_user("asha@example.com")
    shop = make_shop(seller)
    confirmed, draft = make_listing(shop, photos=2), make_listing(shop, title="ढाका jamdani 🧵")
    choices = {**dict.fromkeys(TagField), TagField.COLOUR: term("colour", "Red")}
    confirm_listing(
        listing=confirmed, actor=seller, decision=Decision(choices=choices, seen_revision=0, idempotency_key="k")
    )
    queue.enqueue_photo(photo=draft.photos.get())
    return live_database


@pytest.fixture
def operator(site: Path, tmp_path: Path) -> Iterator[Operator]:
    yield Operator(site, tmp_path / "backup")
    connections.close_all()


def lose_everything() -> None:
    """A disk that is gone: the database's tables, and every file."""
    for name in stored_files():
        default_storage.delete(name.lstrip("/"))
    if ON_SERVICES:
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    else:
        Path(str(connection.settings_dict["NAME"])).write_bytes(b"")
    connection.close()


def test_what_was_backed_up_comes_back_row_for_row_and_file_for_file(operator: Operator) -> None:
    before = contents()
    operator.run(f"backup-{DATABASE}", "backup-files")
    lose_everything()
    said = operator.run(f"restore-{DATABASE}", "restore-files")
    assert said.splitlines()[-1] == "Database and storage agree."
    assert contents() == before


def test_a_second_backup_copies_only_what_is_new(operator: Operator) -> None:
    assert operator.run("backup-files") == f"{len(stored_files())} files copied.\n"
    make_listing(Listing.objects.first().shop)  # type: ignore[union-attr]
    assert operator.run("backup-files") == "3 files copied.\n"


def test_a_site_moves_to_another_database_with_all_it_has(operator: Operator) -> None:
    before = contents(in_milliseconds)
    operator.run("move")
    lose_everything()
    said = operator.run("move-in")
    assert said.splitlines()[-1] == "Database and storage agree."
    assert contents(in_milliseconds) == before
