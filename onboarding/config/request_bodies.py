"""Bodies of requests: whole, or refused.

A web server hands over what came before the line broke as if it were all, and a form that was cut in the middle of a
photo, or of a field, would be taken as it is.
"""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from django.http import UnreadablePostError

WsgiApplication = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...

    def readline(self, size: int, /) -> bytes: ...


class AnnouncedBody:
    """Reads as many bytes as the request's header announces. Raises `UnreadablePostError` where fewer came."""

    def __init__(self, stream: Stream, announced_bytes: int) -> None:
        self._stream, self._missing = stream, announced_bytes

    def read(self, size: int = -1, /) -> bytes:
        wanted = self._missing if size < 0 else min(size, self._missing)
        data = self._stream.read(wanted)
        while len(data) < wanted and (more := self._stream.read(wanted - len(data))):
            data += more
        return self._count(data, is_end=len(data) < wanted)

    def readline(self, size: int = -1, /) -> bytes:
        wanted = self._missing if size < 0 else min(size, self._missing)
        line = self._stream.readline(wanted)
        return self._count(line, is_end=len(line) < wanted and not line.endswith(b"\n"))

    def _count(self, data: bytes, *, is_end: bool) -> bytes:
        self._missing -= len(data)
        if is_end and self._missing:
            raise UnreadablePostError("The request ended before its body did.")
        return data


def whole_bodies_only(application: WsgiApplication) -> WsgiApplication:
    """Around Django's own application."""

    def guarded(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length):
            environ["wsgi.input"] = AnnouncedBody(environ["wsgi.input"], int(length))
        return application(environ, start_response)

    return guarded
