"""`Idempotency-Key`: a request that comes twice is carried out once, and answered twice alike.

Only what succeeded is remembered, for a day. A refusal has changed nothing: repeating it asks anew.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from onboarding.api.access import person
from onboarding.api.errors import KeyReused
from onboarding.models import IdempotentRequest

KEY_MAX_LENGTH = 200
KEY_HEADER = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": KEY_MAX_LENGTH, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    description="Your own name for this request: sent again with the same content, it is answered and not repeated.",
)


def answer_once(request: Request, do: Callable[[], Response]) -> Response:
    """Answers with `do`, or with what it answered before. Effect and answer are one transaction.

    Of two requests at once the second waits for the first. Raises `KeyReused` for a key of another request.
    """
    key = _key(request)
    if key is None:
        return do()
    with transaction.atomic():
        known = _claim(request, key)
        return _repeated(known) if known.status else _remember(known, do())


def answer_once_in_steps(request: Request, do: Callable[[], Response]) -> Response:
    """For what commits step by step and may be repeated at any point: a repetition finishes what was begun.

    `do` names its work by `lasting_token`. The answer is remembered when all is done.
    """
    key = _key(request)
    if key is None:
        return do()
    with transaction.atomic():
        known = _claim(request, key)
    return _repeated(known) if known.status else _remember(known, do())


def lasting_token(request: Request) -> UUID:
    """The same for each repetition of a request with a key, new for one without."""
    key = _key(request)
    return uuid4() if key is None else uuid5(NAMESPACE_URL, f"{request.user.pk}:{key}:{fingerprint(request)}")


def _key(request: Request) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not (key.isascii() and key.isprintable() and " " not in key and 0 < len(key) <= KEY_MAX_LENGTH):
        sentence = _("Use 1 to %(length)s printable ASCII characters without spaces.") % {"length": KEY_MAX_LENGTH}
        raise ValidationError({"Idempotency-Key": [sentence]})
    return key


def _claim(request: Request, key: str) -> IdempotentRequest:
    """The key's row. A new one is seen by others only after the commit: until then they wait in this very place."""
    mine = IdempotentRequest.objects.filter(user=person(request))
    mine.filter(created_at__lt=timezone.now() - settings.IDEMPOTENCY_KEYS_KEPT).delete()
    sent = fingerprint(request)
    known, _created = mine.get_or_create(key=key, defaults={"user": person(request), "fingerprint": sent})
    if known.fingerprint != sent:
        raise KeyReused
    return known


def _remember(known: IdempotentRequest, response: Response) -> Response:
    answer = json.loads(JSONRenderer().render(response.data))
    IdempotentRequest.objects.filter(pk=known.pk).update(status=response.status_code, answer=answer)
    return response


def _repeated(known: IdempotentRequest) -> Response:
    return Response(known.answer, status=known.status, headers={"Idempotent-Replayed": "true"})


def fingerprint(request: Request) -> str:
    """SHA-256 of method, address and content; of files, their content counts."""
    sent = request.data
    content = {name: list(map(_digest, sent.getlist(name))) for name in sent} if hasattr(sent, "getlist") else sent
    text = json.dumps([request.method, request.get_full_path(), content], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _digest(value: Any) -> str:
    if not isinstance(value, UploadedFile):
        return str(value)
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return f"file:{digest.hexdigest()}"
