"""The web process' figures: of the queue when somebody asks, of the requests as they are answered."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from django.db import connection
from django.test import Client
from django.utils import timezone

from onboarding import metrics, monitoring
from onboarding.services import queue
from tests.conftest import make_listing, make_shop, make_user, make_version
from tests.live import environment, python, wait_until
from tests.services.process import HOST, answers, free_port

TOKEN = "a-long-and-random-token"


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitoring, "PART_SECONDS", 10.0)


def figures(text: str, prefix: str = "lapel_") -> dict[str, float]:
    """Values by name and labels, as the exposition has them."""
    lines = (line.rpartition(" ") for line in text.splitlines() if line.startswith(prefix))
    return {name: float(value) for name, _space, value in lines}


def exposed() -> dict[str, float]:
    return figures(metrics.exposition().decode())


def of_the_queue(found: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in found.items() if not name.startswith("lapel_request")}


PRIORITIES = ("interactive", "bulk", "retag")
EMPTY = {
    "lapel_database_up": 1.0,
    **{
        f'lapel_{name}{{priority="{priority}"}}': 0.0
        for name in ("photos_waiting", "photos_due", "oldest_due_seconds")
        for priority in PRIORITIES
    },
    "lapel_photos_leased": 0.0,
    "lapel_photos_failed_last_hour": 0.0,
}


def test_an_empty_site_has_a_figure_for_all_that_is_counted(live_database: Path) -> None:
    assert of_the_queue(exposed()) == EMPTY


def test_the_queue_is_read_when_somebody_asks(live_database: Path) -> None:
    make_version()
    photos = make_listing(make_shop(make_user("seller@example.com")), photos=3).photos.all()
    for photo in photos:
        queue.enqueue_photo(photo=photo)
    lease = queue.claim_batch(limit=2, lease_seconds=30.0, leased_by="here:1")
    assert lease is not None
    queue.mark_done(lease.requests[:1])
    now, found = timezone.now().timestamp(), of_the_queue(exposed())
    assert 0 < found.pop('lapel_oldest_due_seconds{priority="interactive"}') < 60
    moments = [found.pop(f"lapel_last_{each}_timestamp_seconds") for each in ("claim", "tagged")]
    assert moments == pytest.approx([now, now], abs=60)
    expected = {
        **EMPTY,
        'lapel_photos_waiting{priority="interactive"}': 1.0,
        'lapel_photos_due{priority="interactive"}': 1.0,
        "lapel_photos_leased": 1.0,
        f'lapel_active_model_info{{name="model-aaaaaaaa",sha256="{"a" * 64}"}}': 1.0,
    }
    del expected['lapel_oldest_due_seconds{priority="interactive"}']
    assert found == expected


def test_without_a_database_the_other_figures_are_still_there(live_database: Path) -> None:
    connection.settings_dict["NAME"] = "/nowhere/lapel.sqlite3" if connection.vendor == "sqlite" else "nowhere"
    metrics.REQUESTS.labels("GET", "a-view", "2xx").inc()
    found = exposed()
    assert of_the_queue(found) == {"lapel_database_up": 0.0}
    assert found['lapel_requests_total{method="GET",status="2xx",view="a-view"}'] >= 1


def test_requests_are_counted_by_the_view_that_answered(live_database: Path) -> None:
    names = [
        'lapel_requests_total{method="GET",status="2xx",view="account_login"}',
        'lapel_requests_total{method="other",status="4xx",view="account_login"}',
        'lapel_requests_total{method="GET",status="4xx",view=""}',
        'lapel_request_seconds_count{view="account_login"}',
    ]
    before = exposed()
    for path in ("/accounts/login/", "/accounts/login/?next=/secret/", "/nowhere/at/all/", "/healthz", "/metrics"):
        Client().get(path)
    Client().generic("BREW", "/accounts/login/")
    after = exposed()
    assert [after[name] - before.get(name, 0.0) for name in names] == [2, 1, 1, 3]
    new = {name for name in after if after[name] != before.get(name, 0.0) and "_bucket" not in name}
    views = {view for name in new for view in re.findall('view="(.*?)"', name)}
    assert views == {"account_login", ""}


def test_a_view_that_breaks_is_counted_as_an_error(live_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaking(*_arguments: Any, **_options: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("allauth.account.views.LoginView.get", breaking)
    name = 'lapel_requests_total{method="GET",status="5xx",view="account_login"}'
    before = exposed().get(name, 0.0)
    assert Client(raise_request_exception=False).get("/accounts/login/").status_code == 500
    assert exposed()[name] - before == 1


def test_a_workers_figures_are_not_shown_as_zeros() -> None:
    """The web process loads the worker's module too, to send nudges."""
    import onboarding.worker_metrics

    assert onboarding.worker_metrics.PHOTOS_TAGGED
    assert b"lapel_photos_tagged" not in metrics.exposition()


# --- Several processes --------------------------------------------------------------------------------------------


@pytest.fixture
def site(live_database: Path) -> Iterator[str]:
    """Address of a web server with two processes."""
    port, log = free_port(), live_database / "web.log"
    env = environment(live_database, WEB_PROCESSES="2", WEB_THREADS="2", METRICS_TOKEN=TOKEN)
    command = ("-m", "gunicorn", "onboarding.config.wsgi", "--bind", f"{HOST}:{port}")
    process = python(*command, env=env, log=log)
    wait_until(lambda: answers(port), log=log)
    yield f"http://{HOST}:{port}"
    process.send_signal(signal.SIGTERM)
    process.wait(40)


def test_whichever_process_is_asked_answers_for_all(site: str) -> None:
    name = 'lapel_requests_total{method="GET",status="2xx",view="account_login"}'
    for number in range(12):
        assert requests.get(f"{site}/accounts/login/", timeout=30).status_code == 200
        page = requests.get(f"{site}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30)
        found = figures(page.text)
        assert (found[name], found["lapel_database_up"]) == (number + 1, 1.0)
    assert requests.get(f"{site}/metrics", timeout=30).status_code == 404
