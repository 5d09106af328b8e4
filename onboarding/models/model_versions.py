"""Registered networks. One of them is active."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class ModelVersion(models.Model):
    """A network whose artifact lies in storage under its SHA-256; immutable but for its state."""

    class State(models.TextChoices):
        CANDIDATE = "candidate", _("candidate")
        ACTIVE = "active", _("active")
        RETIRED = "retired", _("retired")

    name = models.CharField(_("name"), max_length=80)
    sha256 = models.CharField(_("SHA-256"), max_length=64, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.CANDIDATE)
    card: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(_("model card"), default=dict)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    activated_at = models.DateTimeField(_("active since"), null=True, blank=True)

    class Meta:
        verbose_name = _("model version")
        verbose_name_plural = _("model versions")
        constraints = (
            models.UniqueConstraint(
                fields=("state",), condition=models.Q(state="active"), name="model_version_active_once"
            ),
        )

    def __str__(self) -> str:
        return self.name
