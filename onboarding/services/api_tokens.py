"""Tokens with which programs sign in as a person."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from onboarding.errors import TokenMadeAlready, TooManyTokens
from onboarding.models import ApiToken, User


@transaction.atomic
def make_token(
    *, user: AbstractBaseUser, name: str, lifetime: timedelta | None, idempotency_key: UUID | None = None
) -> str:
    """The new token: only its hash is stored, so this is the only time it can be seen.

    Raises `TokenMadeAlready` for a key that has made one, and `TooManyTokens`.
    """
    owner = User.objects.select_for_update().get(pk=user.pk)
    if idempotency_key and ApiToken.objects.filter(user=owner, idempotency_key=idempotency_key).exists():
        raise TokenMadeAlready
    if ApiToken.objects.filter(user=owner).count() >= settings.API_TOKENS_PER_PERSON:
        raise TooManyTokens
    _row, token = ApiToken.objects.create(  # type: ignore[no-untyped-call]
        user=owner, name=name, expiry=lifetime, idempotency_key=idempotency_key
    )
    return str(token)
