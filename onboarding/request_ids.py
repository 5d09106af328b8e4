"""The id of the web request being served: in its answer, in its log lines, and with the photos that it queues.

Outside a request, as in management commands, it is empty.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

HEADER = "X-Request-ID"
_SANE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    return _current.get()


def accept(sent: str) -> str:
    """What a proxy or a program calls its request, or a new id where that could harm a log or fits no column."""
    return sent if _SANE.fullmatch(sent) else uuid4().hex


@contextmanager
def serving(request_id: str) -> Iterator[None]:
    """What this thread does within the block, it does for that request."""
    token = _current.set(request_id)
    try:
        yield
    finally:
        _current.reset(token)
