"""Signing in with a token: `Authorization: Bearer …`."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed


class BearerToken(TokenAuthentication):
    def authenticate_credentials(self, token: bytes) -> Any:
        """What is no text is no token either, and no reason to fail."""
        if not token.isascii() or b"\0" in token:  # PostgreSQL cannot even look for a NUL
            raise AuthenticationFailed
        return super().authenticate_credentials(token)  # type: ignore[no-untyped-call]


class BearerTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = BearerToken
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "A token from the page “API tokens”."}
