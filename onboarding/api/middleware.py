"""Errors that arise before or beside the API's views, in the API's shape: no program wants a page."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from rest_framework.exceptions import NotFound
from rest_framework.permissions import SAFE_METHODS

PREFIX = "/api/"


class JsonErrors:
    """Outermost, so that it also sees what other middleware refuses, and the pages that DEBUG shows."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self._get_response(request)
        if request.method not in SAFE_METHODS and not request.path_info.endswith("/"):
            # Django would redirect, and programs then read where they meant to write.
            return JsonResponse({"detail": "Addresses of the API end with a slash.", "code": "not_found"}, status=404)
        response = self._get_response(request)
        if response.status_code < 400:
            return response
        if response.get("Content-Type", "").startswith("application/json"):
            return response
        return JsonResponse(_content(response.status_code), status=response.status_code)


def _content(status: int) -> dict[str, str]:
    if status == HTTPStatus.NOT_FOUND:
        return {"detail": str(NotFound.default_detail), "code": NotFound.default_code}
    phrase = HTTPStatus(status).phrase
    return {"detail": f"{phrase}.", "code": phrase.lower().replace(" ", "_")}
