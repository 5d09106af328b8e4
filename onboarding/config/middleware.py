"""Middleware of our own."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


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
