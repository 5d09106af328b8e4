"""Bodies of requests: whole, or refused."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

import pytest
from django.http import UnreadablePostError

from onboarding.config.request_bodies import AnnouncedBody, whole_bodies_only


class Dribble(BytesIO):
    """A line that hands over two bytes at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(2 if size is None or size < 0 else min(2, size))


@pytest.mark.parametrize("kind", [BytesIO, Dribble])
def test_a_whole_body_is_read_as_announced_and_not_beyond(kind: type[BytesIO]) -> None:
    assert AnnouncedBody(kind(b"0123456789 next request"), 10).read() == b"0123456789"
    body = AnnouncedBody(kind(b"0123456789 next request"), 10)
    assert [body.read(4), body.read(4), body.read(4), body.read(4)] == [b"0123", b"4567", b"89", b""]


@pytest.mark.parametrize("kind", [BytesIO, Dribble])
@pytest.mark.parametrize("size", [-1, 4, 10, 1000])
@pytest.mark.parametrize("came", [b"", b"01", b"012345678"])
def test_a_body_that_ends_early_is_an_error_however_it_is_read(kind: type[BytesIO], size: int, came: bytes) -> None:
    body = AnnouncedBody(kind(came), 10)
    with pytest.raises(UnreadablePostError):
        list(iter(lambda: body.read(size), b""))


def test_lines_are_read_whole_or_refused() -> None:
    body = AnnouncedBody(BytesIO(b"one\ntwo\nthree"), 13)
    assert [body.readline(), body.readline(2), body.readline(), body.readline(), body.readline()] == [
        b"one\n", b"tw", b"o\n", b"three", b"",
    ]  # fmt: skip
    cut = AnnouncedBody(BytesIO(b"one\ntw"), 13)
    assert cut.readline() == b"one\n"
    with pytest.raises(UnreadablePostError):
        cut.readline()


@pytest.mark.parametrize("length", [None, "", "0", "-5", "ten"])
def test_a_request_that_announces_nothing_is_handed_on_as_it_is(length: str | None) -> None:
    stream = BytesIO(b"")
    assert _handed_on(stream, length) is stream


def test_a_request_that_announces_a_body_is_watched() -> None:
    watched = _handed_on(BytesIO(b"ab"), "3")
    with pytest.raises(UnreadablePostError):
        watched.read()


def _handed_on(stream: BytesIO, length: str | None) -> Any:
    seen: list[Any] = []

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        seen.append(environ["wsgi.input"])
        return [b"done"]

    environ = {"wsgi.input": stream, **({} if length is None else {"CONTENT_LENGTH": length})}
    assert whole_bodies_only(application)(environ, None) == [b"done"]
    return seen[0]
