"""What people decided. Append-only: an undo is one more row, which withdraws an earlier one."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from onboarding.models.model_versions import ModelVersion


class Confirmation(models.Model):
    """One person's decision on one listing, or (with `withdraws`) the undoing of one."""

    class How(models.TextChoices):
        SHOWN = "shown", _("with the suggestions in view")
        HIDDEN = "hidden", _("without seeing suggestions")
        BULK = "bulk", _("many at once")
        ADMIN = "admin", _("by an admin")
        IMPORT = "import", _("imported")
        RESTORED = "restored", _("restored from the history")
        UNDO = "undo", _("undone")

    listing = models.ForeignKey(
        "catalog.Listing", models.CASCADE, related_name="confirmations", verbose_name=_("listing")
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="confirmations", verbose_name=_("person")
    )
    how = models.CharField(_("way"), max_length=10, choices=How.choices)
    seen_revision = models.PositiveIntegerField(_("revision seen"))
    idempotency_key = models.CharField(_("key against repetition"), max_length=100, unique=True)
    fields: "models.JSONField[list[Any], list[Any]]" = models.JSONField(
        _("fields decided"),
        default=list,
        help_text=_("The fields that were decided; one without a label was left empty on purpose."),
    )
    details: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(
        _("details changed"),
        default=dict,
        db_default=Value({}, models.JSONField()),  # releases before go on writing rows while a new one is rolled out
        help_text=_("Title, price and so on that were changed along with it: what stood before, and after."),
    )
    is_whole = models.BooleanField(
        _("whole listing"),
        default=True,
        help_text=_("Whether the listing was confirmed by it, or only some of its fields decided."),
    )
    batch = models.UUIDField(
        _("confirmed together"),
        null=True,
        editable=False,
        db_index=True,
        help_text=_("Shared by what one press of a button decided."),
    )
    withdraws = models.OneToOneField(
        "self", models.CASCADE, null=True, blank=True, related_name="withdrawn_by", verbose_name=_("takes back")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("confirmation")
        verbose_name_plural = _("confirmations")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(how="undo", withdraws__isnull=False)
                | (~models.Q(how="undo") & models.Q(withdraws=None)),
                name="confirmation_undo_names_what_it_withdraws",
            ),
        )

    def __str__(self) -> str:
        return f"{self.listing} · {self.get_how_display()}"

    @property
    def actor_name(self) -> str:
        return self.actor.get_full_name() or str(self.actor)


class Label(models.Model):
    """The true value of one field, as confirmed, beside what the network had suggested (if it was in view)."""

    confirmation = models.ForeignKey(
        Confirmation, models.CASCADE, related_name="labels", verbose_name=_("confirmation")
    )
    field = models.CharField(_("field"), max_length=10)
    term = models.ForeignKey("catalog.Term", models.PROTECT, related_name="+", verbose_name=_("term"))
    suggested = models.ForeignKey(
        "catalog.Term", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("suggested")
    )
    suggested_confidence = models.FloatField(_("confidence of the suggestion"), null=True, blank=True)
    model_version = models.ForeignKey(
        ModelVersion, models.PROTECT, null=True, blank=True, related_name="labels", verbose_name=_("model")
    )

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        constraints = (
            models.UniqueConstraint(fields=("confirmation", "field"), name="label_once_per_field"),
            models.CheckConstraint(
                condition=models.Q(suggested=None, suggested_confidence=None, model_version=None)
                | models.Q(suggested__isnull=False, suggested_confidence__isnull=False, model_version__isnull=False),
                name="label_suggestion_is_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.field}: {self.term}"
