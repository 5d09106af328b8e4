"""Each request has an id: in its answer, in its log lines, and with the photos that it queues."""

import logging
import re
from typing import Any
from uuid import uuid4

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from catalog.models import Photo
from onboarding import request_ids
from onboarding.config.middleware import RequestIds
from onboarding.models import TagRequest
from onboarding.services import queue
from onboarding.services.api_tokens import make_token
from tests.conftest import Cast, make_listing, sent_file

MADE = re.compile(r"[0-9a-f]{32}")
FIELDS = ("method", "path", "status", "user_id")


def answers(caplog: pytest.LogCaptureFixture) -> list[tuple[object, ...]]:
    """What the finished requests left: level, method, path, status, user id."""
    records = [each for each in caplog.records if each.name == "onboarding.requests"]
    return [(each.levelname, *(getattr(each, field, None) for field in FIELDS)) for each in records]


@pytest.fixture(autouse=True)
def informed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


# --- The id and its header ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", ["a", "Req-1_x", "0" * 64, "9f8e7d6c-5b4a-4321-8765-0123456789ab"])
def test_a_sane_id_that_is_sent_is_kept(db: None, sent: str) -> None:
    response = Client().get("/accounts/login/", headers={"X-Request-ID": sent})
    assert response["X-Request-ID"] == sent


HOSTILE = [
    "",
    " ",
    "a b",
    "a\nSet-Cookie: x=1",
    "a\r\n\r\n<script>",
    "a\n",
    "x" * 65,
    "x" * 10_000,
    "é",
    "١٢٣",
    "a=b",
    "a\x00",
]


@pytest.mark.parametrize("sent", HOSTILE, ids=range(len(HOSTILE)))
def test_any_other_is_replaced(db: None, caplog: pytest.LogCaptureFixture, sent: str) -> None:
    response = Client().get("/accounts/login/", headers={"X-Request-ID": sent})
    assert response.status_code == 200
    assert MADE.fullmatch(response["X-Request-ID"])
    assert answers(caplog) == [("INFO", "GET", "/accounts/login/", 200, None)]


def test_two_requests_without_one_get_two(db: None) -> None:
    first, second = (Client().get("/accounts/login/")["X-Request-ID"] for _ in range(2))
    assert first != second


def test_outside_a_request_there_is_none() -> None:
    with request_ids.serving("outer"):
        with request_ids.serving("inner"):
            assert request_ids.current() == "inner"
        assert request_ids.current() == "outer"
    assert request_ids.current() == ""


def test_no_id_is_left_behind_by_a_request_that_breaks() -> None:
    def breaking(request: HttpRequest) -> HttpResponse:
        assert request_ids.current() == "abc"
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        RequestIds(breaking)(RequestFactory().get("/", headers={"X-Request-ID": "abc"}))
    assert request_ids.current() == ""


# --- One line a finished request ----------------------------------------------------------------------------------


def test_a_line_names_the_signed_in_person_and_no_query_string(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    path = f"/shops/{cast.shop.pk}/listings/"
    cast.browser(cast.seller).get(f"{path}?q=secret")
    assert answers(caplog) == [("INFO", "GET", path, 200, cast.seller.pk)]
    (record,) = (each for each in caplog.records if each.name == "onboarding.requests")
    assert 0 <= record.milliseconds < 60_000  # type: ignore[attr-defined]
    assert "secret" not in caplog.text
    assert cast.seller.email not in str([each.__dict__ for each in caplog.records])


def test_a_line_names_the_person_whose_program_asked(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    token = make_token(user=cast.seller, name="script", lifetime=None)
    Client().get("/api/v1/shops/", headers={"Authorization": f"Bearer {token}"})
    assert answers(caplog) == [("INFO", "GET", "/api/v1/shops/", 200, cast.seller.pk)]
    assert token not in str([each.__dict__ for each in caplog.records])


def test_a_visitor_and_what_is_not_found_have_a_line_too(db: None, caplog: pytest.LogCaptureFixture) -> None:
    Client().get("/nowhere/")
    Client().get("/shops/new/")
    assert answers(caplog) == [("INFO", "GET", "/nowhere/", 404, None), ("INFO", "GET", "/shops/new/", 302, None)]


def test_what_other_middleware_refuses_has_an_id_and_a_line(db: None, caplog: pytest.LogCaptureFixture) -> None:
    response = Client().get("/api/v1/shops/", headers={"host": "elsewhere.example"})
    assert (response.status_code, bool(MADE.fullmatch(response["X-Request-ID"]))) == (400, True)
    assert answers(caplog) == [("INFO", "GET", "/api/v1/shops/", 400, None)]


def test_static_files_and_probes_have_no_line(db: None, caplog: pytest.LogCaptureFixture) -> None:
    for path in ("/static/site.css", "/static/nothing.css", "/healthz"):
        Client().get(path)
    assert answers(caplog) == []


@pytest.mark.parametrize(
    ("status", "level"), [(200, "INFO"), (404, "INFO"), (499, "INFO"), (500, "WARNING"), (503, "WARNING")]
)
def test_a_line_is_a_warning_from_500_on(caplog: pytest.LogCaptureFixture, status: int, level: str) -> None:
    RequestIds(lambda _request: HttpResponse(status=status))(RequestFactory().post("/here/?token=secret"))
    assert answers(caplog) == [(level, "POST", "/here/", status, None)]


def test_a_method_that_is_none_is_not_repeated(caplog: pytest.LogCaptureFixture) -> None:
    RequestIds(lambda _request: HttpResponse())(RequestFactory().generic("EVIL\nLINE", "/"))
    assert answers(caplog) == [("INFO", "other", "/", 200, None)]


def test_nobody_is_looked_up_for_a_line(
    cast: Cast, caplog: pytest.LogCaptureFixture, django_assert_num_queries: Any
) -> None:
    from django.contrib.auth.middleware import AuthenticationMiddleware
    from django.contrib.sessions.backends.db import SessionStore

    def view(request: WSGIRequest) -> HttpResponse:
        request.session = SessionStore(cast.browser(cast.seller).session.session_key)
        AuthenticationMiddleware(lambda _request: HttpResponse()).process_request(request)
        return HttpResponse()

    RequestIds(view)(RequestFactory().get("/"))  # type: ignore[arg-type]
    assert answers(caplog) == [("INFO", "GET", "/", 200, None)]


# --- With the photos ----------------------------------------------------------------------------------------------


def queued() -> list[str]:
    return list(TagRequest.objects.order_by("pk").values_list("request_id", flat=True))


def test_an_upload_leaves_its_id_with_its_photos(cast: Cast) -> None:
    files = {"photos": [sent_file(), sent_file()], "token": str(uuid4()), "part": 0, "arrangement": "each"}
    path = f"/shops/{cast.shop.pk}/upload/"
    response = cast.browser(cast.seller).post(path, files, headers={"X-Request-ID": "upload-1"})
    assert (response.status_code, response["X-Request-ID"], queued()) == (302, "upload-1", ["upload-1"] * 2)


def test_photos_that_are_queued_again_bear_the_id_of_who_asked(cast: Cast) -> None:
    photos = Photo.objects.filter(listing=make_listing(cast.shop, photos=2)).select_related("listing")
    with request_ids.serving("again"):
        queue.enqueue_again(photos)
    assert queued() == ["again"] * 2


def test_a_photo_that_waits_already_keeps_the_id_it_came_with(cast: Cast) -> None:
    photo = make_listing(cast.shop).photos.get()
    for request_id in ("first", "second"):
        with request_ids.serving(request_id):
            queue.enqueue_photo(photo=photo)
    assert queued() == ["first"]


def test_photos_queued_by_a_command_bear_none(cast: Cast) -> None:
    queue.enqueue_photo(photo=make_listing(cast.shop).photos.get())
    assert queued() == [""]
