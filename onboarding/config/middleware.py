"""Middleware of our own."""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import render
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from catalog.navigation import page_before, shop_language
from onboarding import metrics, request_ids
from onboarding.views import probes

requests_log = logging.getLogger("onboarding.requests")

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PROBES = {"/healthz": probes.healthz, "/readyz": probes.readyz, "/metrics": probes.prometheus}


class Probes:
    """Answers what machines ask before anything else can refuse or redirect them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path_info)
        return probes.answer(probe, request) if probe else self._get_response(request)


class RequestIds:
    """Gives each request its id, answers it in X-Request-ID, and logs a line for each answer but static files."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = request_ids.accept(request.headers.get(request_ids.HEADER, ""))
        with request_ids.serving(request_id):
            began = time.monotonic()
            response = self._get_response(request)
            response[request_ids.HEADER] = request_id
            if not request.path.startswith(settings.STATIC_URL):
                _log(request, response.status_code, time.monotonic() - began)
        return response


def _log(request: HttpRequest, status: int, seconds: float) -> None:
    fields = {
        "method": request.method if request.method in METHODS else "other",
        "path": request.path,
        "status": status,
        "milliseconds": round(1000 * seconds),
    }
    user_id = _user_id(request)
    level = logging.WARNING if status >= 500 else logging.INFO
    requests_log.log(level, "answered", extra=fields if user_id is None else {**fields, "user_id": user_id})


def _user_id(request: HttpRequest) -> int | None:
    """Of whoever the answer was for. Nobody is looked up for a log line: the database may be what is away."""
    user = getattr(request, "user", None)  # none yet where a middleware before it has answered
    if isinstance(user, SimpleLazyObject):
        user = getattr(request, "_cached_user", None)
    return user.pk if user else None


class RequestMetrics:
    """Counts requests and their times by the view that answered; what no view answers is counted together."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.monotonic()
        response = self._get_response(request)
        view = request.resolver_match.view_name if request.resolver_match else ""
        metrics.REQUEST_SECONDS.labels(view).observe(time.monotonic() - began)
        method = request.method if request.method in METHODS else "other"
        metrics.REQUESTS.labels(method, view, f"{response.status_code // 100}xx").inc()
        return response


class CompressedText(GZipMiddleware):
    """Compresses what Django makes; photos and archives are small already."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.get("Content-Type", "")
        if not kind.startswith(("text/", "application/json", "application/javascript", "image/svg")):
            return response
        return super().process_response(request, response)


class ReadersLanguage(LocaleMiddleware):
    """What the reader chose with the switch, else the language of the shop in view, else the browser's."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
            return
        language = shop_language(request)
        if language in dict(settings.LANGUAGES):
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()


class NotAllowedPage:
    """Says on a page that an address takes no such request; Django answers with nothing at all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        page = render(request, "405.html", {"nav_here": page_before(request)}, status=response.status_code)
        page["Allow"] = response["Allow"]
        return page


class OwnNotFoundPage:
    """Shows Lapel's "not found" page with DEBUG too, where Django would list every address instead.

    `make run` runs with DEBUG, and what it shows should be what a customer sees.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if response.status_code == 404 and "text/html" in response.get("Content-Type", ""):
            return render(request, "404.html", status=404)
        return response
