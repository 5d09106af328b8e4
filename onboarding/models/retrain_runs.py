"""Runs of `manage.py retrain`: what was learned from, what came of it. At most one runs at a time."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onboarding.models.model_versions import ModelVersion


class RetrainRun(models.Model):
    """One run. It shows that it lives by renewing `lease_until`; a run whose lease has passed died on its way."""

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        PROMOTED = "promoted", _("promoted")
        KEPT = "kept", _("not better: the active model stays")
        CANDIDATE = "candidate", _("stored as a candidate")
        FAILED = "failed", _("failed")
        DIED = "died", _("ended without a word")

    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.RUNNING)
    host = models.CharField(_("machine"), max_length=100, help_text=_("Host and process of the command."))
    lease_until = models.DateTimeField(_("lease ends"))
    base = models.ForeignKey(
        ModelVersion,
        models.PROTECT,
        related_name="+",
        help_text=_("What it started from."),
        verbose_name=_("started from"),
    )
    candidate = models.ForeignKey(
        ModelVersion, models.PROTECT, null=True, blank=True, related_name="retrain_runs", verbose_name=_("candidate")
    )
    report: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(
        _("report"),
        default=dict,
        help_text=_("Snapshot of the labels, figures of both models, and why it was promoted or not."),
    )
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("retraining")
        verbose_name_plural = _("retrainings")
        constraints = (
            models.UniqueConstraint(
                fields=("state",), condition=models.Q(state="running"), name="retrain_run_one_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return _("Retraining %(number)s: %(state)s") % {"number": self.pk, "state": self.get_state_display()}
