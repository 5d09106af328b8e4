"""Tokens with which programs sign in as a person."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from onboarding.errors import TooManyTokens
from onboarding.models import ApiToken, User


@transaction.atomic
def make_token(*, user: AbstractBaseUser, name: str, lifetime: timedelta | None) -> str:
    """The new token: only its hash is stored, so this is the only time it can be seen. Raises `TooManyTokens`."""
    owner = User.objects.select_for_update().get(pk=user.pk)
    if ApiToken.objects.filter(user=owner).count() >= settings.API_TOKENS_PER_PERSON:
        raise TooManyTokens
    _row, token = ApiToken.objects.create(user=owner, name=name, expiry=lifetime)  # type: ignore[no-untyped-call]
    return str(token)
