"""Lines of the logs: text or JSON, each with the request that it belongs to, from the web server to the worker."""

import json
import logging
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import RequestFactory
from django.utils import timezone

from catalog.models import Listing
from onboarding import request_ids
from onboarding.config import logs
from onboarding.models import TagRequest
from onboarding.services import queue
from onboarding.site_client import FETCH, SiteClient
from onboarding.worker import _origin
from tests.artifacts import tiny_artifact
from tests.conftest import make_photo, make_shop, make_user
from tests.drawing import as_jpeg, product
from tests.flows.server import Server
from tests.flows.workers import Workers
from tests.flows.workers import workers as workers
from tests.live import environment, python, wait_until

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def written(format: str, message: str = "hello", **options: Any) -> str:
    """What the handler of the configuration writes for a warning; its time is checked, and left out of text."""
    stream = StringIO()
    configured = logs.configuration(level="INFO", format=format)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(configured["formatters"]["line"]["()"]())
    for each in configured["filters"].values():
        handler.addFilter(each["()"]())
    logger = logging.Logger("onboarding.test")
    logger.addHandler(handler)
    logger.warning(message, **options)
    return stream.getvalue()


def in_text(message: str = "hello", **options: Any) -> str:
    line = written("text", message, **options)
    assert TIME.match(line)
    return line.partition(" ")[2].removesuffix("\n")


def in_json(message: str = "hello", **options: Any) -> dict[str, Any]:
    (line,) = written("json", message, **options).splitlines()
    fields: dict[str, Any] = json.loads(line)
    assert TIME.fullmatch(fields.pop("time"))
    return fields


# --- One line -----------------------------------------------------------------------------------------------------


def test_the_extra_fields_of_a_line_come_out_in_both_formats() -> None:
    extra = {"path": "/shops/3/", "status": 200, "request_ids": ["a", "b"]}
    assert in_text(extra=extra) == "WARNING onboarding.test: hello path=/shops/3/ status=200 request_ids=a,b"
    head = {"level": "WARNING", "logger": "onboarding.test", "message": "hello"}
    assert in_json(extra=extra) == {**head, **extra}


def test_a_line_bears_the_request_that_is_served_and_outside_of_one_nothing() -> None:
    with request_ids.serving("abc"):
        assert in_text() == "WARNING onboarding.test: hello request_id=abc"
        assert in_json()["request_id"] == "abc"
        assert in_json(extra={"request_id": "of the photo"})["request_id"] == "of the photo"
    assert in_text() == "WARNING onboarding.test: hello"
    assert "request_id" not in in_json()


@pytest.mark.parametrize("value", ["a\nINFO forged: line", "a b=c", 'a"b', "é\u2028", "\x1b[2J", ""])
def test_a_value_can_neither_end_its_line_nor_pass_for_another_field(value: str) -> None:
    text = in_text(extra={"path": value, "status": 404})
    assert len(text.splitlines()) == 1
    found = re.fullmatch(r'WARNING onboarding\.test: hello path=("[!-~ ]*") status=404', text)
    assert found
    assert json.loads(found[1]) == value
    assert in_json(extra={"path": value})["path"] == value


def test_a_request_that_django_hangs_on_a_record_is_left_out() -> None:
    extra = {"request": RequestFactory().get("/?token=secret"), "status_code": 500}
    assert in_text(extra=extra) == "WARNING onboarding.test: hello"
    assert set(in_json(extra=extra)) == {"level", "logger", "message"}


def test_a_traceback_follows_the_line_of_text_and_is_a_field_in_json() -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        first, *_, last = in_text(exc_info=True, extra={"n": 1}).splitlines()
        fields = in_json(exc_info=True)
    assert (first, last) == ("WARNING onboarding.test: hello n=1", "ValueError: broken")
    assert fields["exc_info"].endswith("ValueError: broken")


# --- Real processes -----------------------------------------------------------------------------------------------

TALKING = """
import django, logging
django.setup()
from django.conf import settings
logging.getLogger("onboarding.x").info("told", extra={"n": 1})
logging.getLogger("gunicorn.error").warning("told by gunicorn")
logging.getLogger("django.request").warning("Not Found: /secret")
logging.getLogger("django.server").error("GET /?secret")
print(*(problem.sentence for problem in settings.SETTINGS_PROBLEMS))
"""


def said(folder: Path, **values: str) -> list[str]:
    log = folder / "log"
    assert python("-c", TALKING, env=environment(folder, **values), log=log).wait(60) == 0, log.read_text()
    return [line for line in log.read_text().splitlines() if line]


def test_a_process_writes_json_where_it_is_told_to(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in said(tmp_path, LOG_FORMAT="json")]
    told = [(each["level"], each["logger"], each["message"], each.get("n")) for each in lines]
    expected = [("INFO", "onboarding.x", "told", 1), ("WARNING", "gunicorn.error", "told by gunicorn", None)]
    assert told == expected


def test_a_process_writes_text_otherwise_and_no_less_than_the_level(tmp_path: Path) -> None:
    (line,) = said(tmp_path, LOG_FORMAT="", LOG_LEVEL="WARNING")
    assert line.partition(" ")[2] == "WARNING gunicorn.error: told by gunicorn"


def test_a_format_that_is_none_is_reported_and_text_goes_on(tmp_path: Path) -> None:
    *lines, problem = said(tmp_path, LOG_FORMAT="yaml")
    assert problem == "LOG_FORMAT cannot be 'yaml'."
    assert lines[0].partition(" ")[2] == "INFO onboarding.x: told n=1"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("LOG_FORMAT", "json")
    with Server(tmp_path / "var", artifact=tiny_artifact()) as running:
        yield running


def send(client: SiteClient, server: Server, photo: bytes) -> str:
    """Sends a photo as the page does; returns the request's id, as the answer has it."""
    page = client.upload_address()
    form = {**client.start_upload(page), "part": "0", "arrangement": "each"}
    address = f"{server.address}/{page}?secret=1"
    answer = client._send("POST", address, data=form, files=[("photos", ("a.jpg", photo))], headers=FETCH)
    assert answer.status_code == 200, answer.text
    return str(answer.headers["X-Request-ID"])


def test_one_search_leads_from_an_upload_to_its_tags(server: Server) -> None:
    client = SiteClient(server.address)
    client.sign_in("seller@example.com", "try-lapel")
    request_id = send(client, server, as_jpeg(product("shirt", "red")))
    assert server.rows("select request_id from onboarding_tagrequest") == [(request_id,)]
    wait_until(lambda: '"tagged 1 of 1' in server.log.read_text() and '"nudged"' in server.log.read_text())

    text = server.log.read_text()
    found = [json.loads(line) for line in text.splitlines() if request_id in line]
    steps = {(each["logger"], each["message"].partition(" ")[0]): each for each in found}
    assert set(steps) == {
        ("onboarding.requests", "answered"),
        ("onboarding.tasks", "nudged"),
        ("onboarding.worker", "tagged"),
    }
    answered = steps["onboarding.requests", "answered"]
    assert (answered["method"], answered["status"], answered["user_id"]) == ("POST", 200, seller_id(server))
    assert re.fullmatch(r"/shops/\d+/upload/", answered["path"])
    assert steps["onboarding.worker", "tagged"]["request_ids"] == [request_id]
    logged = [line for line in text.splitlines() if line.startswith("{")]
    assert all(TIME.fullmatch(json.loads(line)["time"]) for line in logged)
    assert not [line for line in logged if "secret" in line or "@example.com" in line or "127.0.0.1" in line]


def seller_id(server: Server) -> object:
    return server.rows("select id from onboarding_user where email = 'seller@example.com'")[0][0]


def test_a_workers_line_of_text_names_the_requests_that_its_photos_came_with(workers: Workers) -> None:
    shop = make_shop(make_user("seller@example.com"))
    for number, request_id in enumerate(("upload-1", "upload-1", "", "upload-2")):
        photo = make_photo(Listing.objects.create(shop=shop), as_jpeg(product("shirt", "red", (48, 64), seed=number)))
        with request_ids.serving(request_id):
            queue.enqueue_photo(photo=photo)
    worker = workers.start()
    workers.wait_until(lambda: TagRequest.objects.filter(state=TagRequest.State.DONE).count() == 4)
    assert workers.end(worker) == 0
    line = r"INFO onboarding\.worker: tagged 4 of 4 photos in \S+ s (.*)"
    assert re.findall(line, workers.log.read_text()) == ["request_ids=upload-1,upload-2"]


def test_a_line_about_a_batch_names_ten_requests_at_most_and_none_where_there_is_none() -> None:
    def origin(*ids: str) -> dict[str, list[str]]:
        return _origin(queue.Lease(uuid4(), timezone.now(), [TagRequest(request_id=each) for each in ids]))

    ids = [f"upload-{number}" for number in range(14)]
    assert (origin(*ids, *ids), origin("", "")) == ({"request_ids": ids[:10]}, {})


def test_a_workers_level_is_that_of_all_processes(workers: Workers) -> None:
    worker = workers.start(LOG_LEVEL="WARNING")
    queue.enqueue_photo(photo=make_photo(Listing.objects.create(shop=make_shop(make_user("seller@example.com")))))
    workers.wait_until(lambda: TagRequest.objects.filter(state=TagRequest.State.DONE).exists())
    assert workers.end(worker) == 0
    assert " INFO " not in workers.log.read_text()
