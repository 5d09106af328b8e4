"""What a line of the logs looks like: text that people read and grep, or one JSON object a line for a log store.

The `extra` of a log call comes out in both, as `name=value` and as fields. No line holds a query string, an address of
mail or network, or a token.
"""

import json
import logging
import re
import time
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS, merge_record_extra
from pythonjsonlogger.json import JsonFormatter

from onboarding import request_ids

LEVELS = "DEBUG|INFO|WARNING|ERROR|CRITICAL"
FORMATS = "text|json"
# Of Django's and Celery's own records: whole requests with their query strings, and what their messages say already.
LEFT_OUT = ("request", "status_code", "server_time", "data", "taskName")
_PLAIN = re.compile(r"[!#-~]+")


class UtcTime(logging.Formatter):
    """Time as in 2026-03-01T09:30:00.123Z."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"


class TextLine(UtcTime):
    """time LEVEL logger: message name=value ..."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:
        extra = merge_record_extra(record, {}, reserved=(*RESERVED_ATTRS, *LEFT_OUT))
        return " ".join([super().formatMessage(record), *(f"{name}={_in_text(extra[name])}" for name in extra)])


def _in_text(value: object) -> str:
    """Never of two lines, nor what looks like the next field."""
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text)


class JsonLine(UtcTime, JsonFormatter):
    """Fields: time, level, logger, message, exc_info where there is a traceback, and the extra ones."""

    def __init__(self) -> None:
        super().__init__(
            ["asctime", "levelname", "name", "message"],
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            reserved_attrs=[*RESERVED_ATTRS, *LEFT_OUT],
        )


class WithRequestId(logging.Filter):
    """Lets every record pass, with the id of the request that is being served."""

    def filter(self, record: logging.LogRecord) -> bool:
        request_id = request_ids.current()
        if request_id and not hasattr(record, "request_id"):
            record.request_id = request_id
        return True


def configuration(*, level: str, format: str) -> dict[str, Any]:
    """For `logging.config.dictConfig`: everything goes to standard error, from Celery and gunicorn too."""
    to_root: dict[str, Any] = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": WithRequestId}},
        "formatters": {"line": {"()": JsonLine if format == "json" else TextLine}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]},
        },
        "loggers": {
            "django": to_root,
            # `onboarding.requests` has a line for each answer; these would repeat it, one with the query string.
            "django.request": {"level": "ERROR"},
            "django.server": {**to_root, "level": "CRITICAL"},
            "gunicorn.error": to_root,
        },
        "root": {"handlers": ["console"], "level": level},
    }
