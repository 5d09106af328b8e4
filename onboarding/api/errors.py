"""What can go wrong, in one shape: `{"detail": sentence, "code": word, "fields": {name: [sentences]}}`."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from django.core.exceptions import (
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.forms import BaseForm
from django.http import Http404, UnreadablePostError
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.response import Response

from catalog.errors import ErrorForPeople
from onboarding.errors import InvalidLabels, PhotosNotStored


class Conflict(exceptions.APIException):
    """What was asked for does not fit what is there now; `more` goes into the answer."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, detail: str, code: str, **more: Any) -> None:
        super().__init__(detail, code)
        self.more = more


class TooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = _("This is too much for one request.")
    default_code = "too_large"


class Unavailable(exceptions.APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "unavailable"
    wait = 30  # seconds


class KeyReused(exceptions.APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = _("This Idempotency-Key was used for another request.")
    default_code = "idempotency_key_reused"


class InvalidRows(exceptions.APIException):
    """A table in which lines are wrong: `rows` says where and why."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "invalid_rows"

    def __init__(self, error: InvalidLabels) -> None:
        super().__init__(str(error))
        self.more = {"rows": [asdict(cell) for cell in error.cells]}


def invalid_form(form: BaseForm) -> exceptions.ValidationError:
    return exceptions.ValidationError({name: [str(each) for each in found] for name, found in form.errors.items()})


def answer_error(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """The exception handler of all API views; None for what nobody expected."""
    known = _as_api_exception(error)
    if known is None:
        return None
    headers = {}
    if challenge := getattr(known, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(known, "wait", None):
        headers["Retry-After"] = str(math.ceil(wait))
    return Response(_content(known), status=known.status_code, headers=headers)


def _as_api_exception(error: Exception) -> exceptions.APIException | None:
    match error:
        case exceptions.APIException():
            return error
        case Http404() | ObjectDoesNotExist():  # the second: deleted meanwhile
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case UnreadablePostError():
            return exceptions.ParseError()
        case RequestDataTooBig() | TooManyFieldsSent() | TooManyFilesSent():
            return TooLarge()
        case PhotosNotStored():
            return Unavailable(str(error))
        case InvalidLabels():
            return InvalidRows(error)
        case ErrorForPeople():
            return Conflict(str(error), re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).lower())
    return None


def _content(error: exceptions.APIException) -> dict[str, Any]:
    if not isinstance(error, exceptions.ValidationError):
        return {"detail": str(error.detail), "code": error.get_codes(), **getattr(error, "more", {})}
    fields: dict[str, list[str]] = {}
    for name, sentence in _sentences(error.detail):
        fields.setdefault(name, []).append(sentence)
    general = fields.pop("", None)
    detail = " ".join(general) if general else str(_("Some values cannot be used."))
    return {"detail": detail, "code": "invalid", **({"fields": fields} if fields else {})}


def _sentences(detail: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Each sentence with the name of its field; names of fields within fields are joined by dots."""
    if isinstance(detail, dict):
        for key, below in detail.items():
            own = "" if key in ("non_field_errors", "__all__") else str(key)
            yield from _sentences(below, ".".join(filter(None, (name, own))))
    elif isinstance(detail, list):
        for each in detail:
            yield from _sentences(each, name)
    else:
        yield name, str(detail)
