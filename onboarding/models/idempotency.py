"""Answers that were given under an `Idempotency-Key`, to be given again when the same request comes again."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class IdempotentRequest(models.Model):
    """One key of one person. `status` is empty while what was asked for is under way."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64, help_text=_("SHA-256 of method, address and content."))
    status = models.PositiveSmallIntegerField(null=True)
    answer: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("idempotent request")
        verbose_name_plural = _("idempotent requests")
        constraints = (models.UniqueConstraint(fields=("user", "key"), name="idempotency_key_once_per_person"),)

    def __str__(self) -> str:
        return self.key
