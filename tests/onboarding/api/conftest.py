"""Programs of everybody in the cast: clients that send a token and speak JSON."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient
from rest_framework.throttling import UserRateThrottle

from onboarding.models import ApiToken, User
from tests.conftest import Cast

API = "/api/v1"


def program(user: User | None, **options: Any) -> APIClient:
    """With a token of the user's, or nobody's."""
    client = APIClient(**options)
    if user is not None:
        _row, token = ApiToken.objects.create(user=user, name="program")
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


@pytest.fixture
def api(cast: Cast) -> APIClient:
    """The seller's."""
    return program(cast.seller)


@pytest.fixture(autouse=True)
def generous_rate(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Tests ask quickly; the one about the limit sets its own."""
    cache.clear()

    def allow(rate: str) -> None:
        monkeypatch.setattr(UserRateThrottle, "THROTTLE_RATES", {"user": rate})

    allow("1000000/minute")
    return allow
