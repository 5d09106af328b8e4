"""What machines ask is answered whatever host they name, and tells nothing of a customer's."""

import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from django.test import Client

from onboarding import monitoring
from onboarding.models import TagRequest
from onboarding.services import queue
from tests.conftest import make_listing, make_shop, make_user, make_version
from tests.live import environment, python, wait_until
from tests.services.process import HOST, answers, free_port

PATHS = ("/healthz", "/readyz", "/metrics")
TOKEN = "a long and random token"


@pytest.fixture(autouse=True)
def _as_on_a_real_site(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS, settings.METRICS_TOKEN = True, ["shop.example.com"], TOKEN
    monkeypatch.setattr(monitoring, "PART_SECONDS", 10.0)


def ask(path: str, **headers: str) -> Any:
    return Client(headers={"host": "10.0.0.7:8000", "authorization": f"Bearer {TOKEN}", **headers}).get(path)


@pytest.mark.parametrize("path", PATHS)
def test_any_host_name_is_answered_without_a_redirect_a_cookie_or_a_cache(path: str, live_database: Path) -> None:
    response = ask(path)
    assert (response.status_code, response.cookies, response["Cache-Control"]) == (200, {}, "no-store")


def test_other_addresses_are_as_strict_as_ever(live_database: Path) -> None:
    assert [ask(path).status_code for path in ("/healthz/", "/", "/accounts/login/")] == [400] * 3


@pytest.mark.parametrize("path", PATHS)
def test_a_probe_changes_nothing(path: str) -> None:
    assert [Client().post(path).status_code, Client().delete(path).status_code] == [405, 405]


def test_a_process_lives_without_a_database() -> None:
    """No database is at hand here: a query would fail the test."""
    assert ask("/healthz").json() == {"status": "ok"}


def test_readiness_tells_the_age_of_the_queue_the_last_claim_and_the_model(live_database: Path) -> None:
    make_version()
    shop = make_shop(make_user("seller@example.com"))
    for photo in make_listing(shop, photos=2).photos.all():
        queue.enqueue_photo(photo=photo)
    queue.claim_batch(limit=1, lease_seconds=30.0, leased_by="here:1")
    report = ask("/readyz").json()
    tagging = report["tagging"]
    assert (report["status"], set(report["parts"].values())) == ("ok", {"ok"})
    assert 0 <= tagging["waiting"]["interactive"].pop("oldest_due_seconds") < 30
    claimed = TagRequest.objects.get(claimed_at__isnull=False).claimed_at
    assert claimed is not None
    assert tagging.pop("last_claim_at")[:19] == claimed.isoformat()[:19]
    nothing = {"photos": 0, "due": 0, "oldest_due_seconds": 0.0}
    assert tagging == {
        "waiting": {"interactive": {"photos": 1, "due": 1}, "bulk": nothing, "retag": nothing},
        "leased": 1,
        "failed_last_hour": 0,
        "last_tagged_at": None,
        "active_model": "model-aaaaaaaa",
    }


def test_a_site_that_is_not_ready_says_so_by_its_status(live_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise monitoring.MigrationsMissing

    monkeypatch.setattr(monitoring, "_check_migrations", missing)
    response = ask("/readyz")
    assert (response.status_code, response.json()["status"]) == (503, "unavailable")


# --- Metrics ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", ["", "Bearer ", "Bearer wrong", TOKEN, "Bearer ä"])
def test_metrics_are_hidden_from_whoever_does_not_know_the_token(sent: str) -> None:
    assert ask("/metrics", authorization=sent).status_code == 404


def test_without_a_token_there_are_no_metrics(settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    assert [ask("/metrics", authorization=sent).status_code for sent in ("", "Bearer ")] == [404, 404]


# --- A real site whose database hangs -----------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """Address of a web server as in service, whose database takes connections and never says a word."""
    port, log = free_port(), tmp_path / "web.log"
    with socket.create_server((HOST, 0)) as deaf:
        settings = {
            "DJANGO_SETTINGS_MODULE": "onboarding.config.settings",
            "DATABASE_URL": f"postgres://lapel:secret@{HOST}:{deaf.getsockname()[1]}/lapel",
            "REDIS_URL": "",
            "AWS_STORAGE_BUCKET_NAME": "",
            "AWS_LOCATION": "",
            "DATA_DIR": str(tmp_path),
            "DEBUG": "0",
            "SECRET_KEY": "a-long-secret-of-this-test",
            "ALLOWED_HOSTS": "shop.example.com",
            "SECURE_SSL_REDIRECT": "1",
            "METRICS_TOKEN": "token",
            "WEB_THREADS": "4",
        }
        names = {name for name in os.environ if name.startswith("AWS_")}
        env = {**environment(tmp_path), **dict.fromkeys(names, ""), **settings}
        process = python("-m", "gunicorn", "onboarding.config.wsgi", "--bind", f"{HOST}:{port}", env=env, log=log)
        wait_until(lambda: answers(port), log=log)
        yield f"http://{HOST}:{port}"
        process.kill()
        process.wait(30)


def test_a_database_that_hangs_is_told_in_time_and_the_process_lives(site: str) -> None:
    def get(path: str) -> requests.Response:
        headers = {"Host": "10.0.0.7:8000", "Authorization": "Bearer token"}
        return requests.get(f"{site}{path}", headers=headers, timeout=30, allow_redirects=False)

    with ThreadPoolExecutor(3) as crowd:  # one thread is left
        hanging = list(crowd.map(get, ["/readyz"] * 3))
    assert [each.status_code for each in hanging] == [503] * 3
    parts = hanging[0].json()["parts"]
    assert {name: parts[name] for name in ("storage", "broker")} == {"storage": "ok", "broker": "ok"}
    assert {parts[name] for name in ("database", "migrations")} <= {"no answer", "OperationalError"}
    assert max(each.elapsed.total_seconds() for each in hanging) < 8
    figures, alive = get("/metrics"), get("/healthz")
    assert (figures.status_code, "lapel_database_up 0.0\n" in figures.text) == (200, True)
    assert (alive.status_code, alive.elapsed.total_seconds() < 1) == (200, True)
