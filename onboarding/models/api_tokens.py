"""Tokens with which programs sign in as a person. Only their hashes are stored."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken


class ApiToken(AbstractAuthToken):
    """`ApiToken.objects.create(user=…, name=…, expiry=timedelta | None)` gives the row and, this once, the token."""

    digest = models.CharField(max_length=128, unique=True)
    name = models.CharField(_("name"), max_length=80)
    idempotency_key = models.UUIDField(_("key against repetition"), null=True, editable=False)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = (models.UniqueConstraint(fields=("user", "idempotency_key"), name="api_token_once_per_key"),)

    def __str__(self) -> str:
        return self.name
