"""What a network guessed. Guess and truth never share a table: truth is in `confirmations`."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from onboarding.models.model_versions import ModelVersion


class Prediction(models.Model):
    """The guess of one model version for one output of the network on one photo; append-only."""

    class Output(models.TextChoices):
        MASTER_CATEGORY = "master_category", _("Main category")
        SUB_CATEGORY = "sub_category", _("Subcategory")
        ARTICLE_TYPE = "article_type", _("Article type")
        COLOUR = "colour", _("Colour")
        SEASON = "season", _("Season")
        GENDER = "gender", _("For")
        USAGE = "usage", _("Occasion")

    class Band(models.TextChoices):
        SURE = "sure", _("Sure")
        CHECK = "check", _("Please check")
        UNSURE = "unsure", _("Not sure")

    photo = models.ForeignKey("catalog.Photo", models.CASCADE, related_name="predictions", verbose_name=_("photo"))
    model_version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="predictions", verbose_name=_("model"))
    field = models.CharField(_("field"), max_length=20, choices=Output.choices)
    term = models.ForeignKey("catalog.Term", models.PROTECT, related_name="+", verbose_name=_("term"))
    confidence = models.FloatField(_("confidence"), help_text=_("Calibrated probability, 0 to 1."))
    band = models.CharField(_("how sure"), max_length=10, choices=Band.choices)
    alternatives: "models.JSONField[list[Any], list[Any]]" = models.JSONField(
        _("runners-up"), default=list, help_text=_("Runners-up, best first: [term id, confidence].")
    )
    contradicted = models.BooleanField(
        _("contradicted"),
        default=False,
        db_default=False,  # workers of the release before go on writing rows while a new one is rolled out
        help_text=_("The photo's own pixels speak for another value; the band is lower for it."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("prediction")
        verbose_name_plural = _("predictions")
        permissions = (("review_predictions", "Can decide low-confidence tags"),)
        constraints = (
            models.UniqueConstraint(
                fields=("photo", "model_version", "field"), name="prediction_once_per_photo_version_field"
            ),
            models.CheckConstraint(
                condition=models.Q(confidence__gte=0, confidence__lte=1), name="prediction_confidence_in_range"
            ),
        )

    def __str__(self) -> str:
        return f"{self.field}: {self.term} ({self.confidence:.2f})"
