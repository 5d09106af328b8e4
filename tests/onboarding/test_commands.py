"""The commands as an operator runs them."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError

from catalog.models import Shop
from onboarding.management.commands import serve
from onboarding.management.commands.upload_folder import summarise
from onboarding.models import ModelVersion, User
from onboarding.services.model_versions import activate_version, active_version, register_artifact
from onboarding.site_client import Progress
from tests.artifacts import renamed_artifact, tiny_artifact
from tests.conftest import make_version


def run(*arguments: Any) -> str:
    out = StringIO()
    call_command(*map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_the_demo_is_refused_without_debug(settings: Any) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="DEBUG only"):
        run("setup_demo")
    assert (User.objects.count(), Shop.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_the_demo_can_be_set_up_twice(settings: Any) -> None:
    settings.DEBUG = True
    outputs = {run("setup_demo") for _ in range(2)}
    assert outputs == {"Demo seller: seller@example.com · Admin: admin@example.com · Password of both: try-lapel\n"}
    assert list(User.objects.order_by("email").values_list("email", "is_superuser")) == [
        ("admin@example.com", True),
        ("seller@example.com", False),
    ]
    assert Shop.objects.get().members.get().email == "seller@example.com"


@pytest.mark.django_db
def test_a_folder_without_an_artifact_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refused:
        run("register_model", tmp_path)
    assert "\n" not in str(refused.value)
    assert ModelVersion.objects.count() == 0


def test_a_taken_port_is_said_before_anything_starts() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} is taken"):
            serve.refuse_taken_port("127.0.0.1", port)


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.raises(CommandError, match="There are no JPEG, PNG, WebP or HEIC pictures"):
        run("upload_folder", tmp_path, "--email", "seller@example.com", "--password", "x")


def test_the_figures_of_an_upload_are_counted_from_the_waits() -> None:
    final = Progress(
        total=20, tagged=20, failed=0, waiting=0, refused=[], seconds_to_tag=[float(n) for n in range(20, 0, -1)]
    )
    figures = summarise(final, sent=21, sent_seconds=4.0, all_seconds=10.0)
    assert figures == {
        "files sent": 21,
        "photos stored": 20,
        "tagged": 20,
        "failed": 0,
        "refused": 0,
        "sending took seconds": 4.0,
        "photos a second, all told": 2.0,
        "first tag after seconds": 1.0,
        "median wait in seconds": 10.5,
        "p95 wait in seconds": 19.0,
        "longest wait in seconds": 20.0,
    }


# --- models -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_without_a_model_the_list_says_how_to_get_one() -> None:
    assert run("models", "list") == (
        "No model is registered: `manage.py register_model` registers the one that ships.\n"
    )


@pytest.mark.django_db
def test_versions_are_listed_newest_first_with_their_state() -> None:
    make_version("a" * 64, name="lapel-old", state="retired")
    make_version("b" * 64, name="lapel-new")
    rows = [line.split() for line in run("models", "list").splitlines()]
    assert [(name, state, sha256) for name, state, _day, _time, sha256 in rows] == [
        ("lapel-new", "active", "b" * 12),
        ("lapel-old", "retired", "a" * 12),
    ]


@pytest.mark.django_db
def test_a_version_is_shown_with_its_figures_and_how_it_came_about() -> None:
    version = register_artifact(tiny_artifact(), activate=True)
    shown = run("models", "show", version.name).splitlines()
    assert shown[:2] == [f"{version.name}: active", f"SHA-256 {version.sha256}"]
    assert "Report set: studio shots" in shown
    accuracy = version.evaluations.get().figures["article_type"]["accuracy"]
    (row,) = [line for line in shown if line.startswith("  Article type")]
    assert row.split()[2:6] == ["n", "24", "accuracy", f"{accuracy:.4f}"]


@pytest.fixture
def two_versions(db: None, tmp_path: Path) -> tuple[ModelVersion, ModelVersion]:
    """An active one and a candidate."""
    other = renamed_artifact(tiny_artifact(), tmp_path / "other", "lapel-other")
    return register_artifact(tiny_artifact(), activate=True), register_artifact(other, activate=False)


@pytest.mark.django_db
def test_promoting_and_rolling_back_say_who_is_active(two_versions: tuple[ModelVersion, ModelVersion]) -> None:
    old, new = two_versions
    assert run("models", "promote", new.sha256[:12]) == (
        f"{new.name} is active. Workers use it from their next batch on.\n"
    )
    assert active_version() == new
    assert run("models", "rollback", "--retag") == (
        f"{old.name} is active. Workers use it from their next batch on.\n"
        "0 photos are tagged anew, 0 listings changed at once.\n"
    )
    assert active_version() == old


@pytest.mark.django_db
@pytest.mark.parametrize("arguments", [("promote",), ("rollback",)])
def test_a_version_that_cannot_be_loaded_is_not_put_to_work(
    two_versions: tuple[ModelVersion, ModelVersion], arguments: tuple[str, ...]
) -> None:
    old, new = two_versions
    damaged = new if arguments == ("promote",) else old
    if damaged is old:
        activate_version(new)
    default_storage.delete(f"models/{damaged.sha256}/weights.safetensors")
    before = list(ModelVersion.objects.order_by("pk").values())
    with pytest.raises(CommandError, match=r"The files of model .* are missing in storage\."):
        run("models", *arguments, *([new.name] if damaged is new else ()))
    assert list(ModelVersion.objects.order_by("pk").values()) == before


@pytest.mark.django_db
@pytest.mark.parametrize("arguments", [("promote", "nothing"), ("show", ""), ("promote", "a"), ("rollback",)])
def test_what_cannot_be_done_is_one_sentence_and_changes_nothing(arguments: tuple[str, ...]) -> None:
    activate_version(make_version("a1" * 32, state="candidate"))
    make_version("a2" * 32, state="candidate")
    before = list(ModelVersion.objects.order_by("pk").values())
    with pytest.raises(CommandError) as refused:
        run("models", *arguments)
    assert "\n" not in str(refused.value)
    assert list(ModelVersion.objects.order_by("pk").values()) == before
