"""How well a model version did on labelled pictures: the evidence behind a promotion. Append-only."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from onboarding.models.model_versions import ModelVersion
from onboarding.models.predictions import Prediction
from onboarding.models.retrain_runs import RetrainRun


class Evaluation(models.Model):
    """Figures of one version on one set of pictures, field by field, as `ml.evidence` measures them."""

    class Pictures(models.TextChoices):
        STUDIO = "studio", _("Report set: studio shots")
        PHONE = "phone", _("Report set: phone photos")
        PLAIN = "plain", _("Report set: other pictures")
        HELD_OUT = "held_out", _("Sellers' held-out photos")

    model_version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="evaluations", verbose_name=_("model"))
    pictures = models.CharField(_("pictures"), max_length=10, choices=Pictures.choices)
    run = models.ForeignKey(
        RetrainRun,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="evaluations",
        help_text=_("Whose held-out labels these are; the report set came with the model."),
        verbose_name=_("training"),
    )
    figures: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(
        _("figures"), help_text=_("By output.")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("evaluation")
        verbose_name_plural = _("evaluations")
        constraints = (
            models.UniqueConstraint(fields=("model_version", "pictures", "run"), name="evaluation_once_per_run"),
            models.UniqueConstraint(
                fields=("model_version", "pictures"),
                condition=models.Q(run=None),
                name="evaluation_that_came_with_the_model_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.model_version} · {self.get_pictures_display()}"


class EvaluatedPhoto(models.Model):
    """One held-out label beside what the version says: a cell of the confusion matrix opens these."""

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="photos")
    photo = models.ForeignKey("catalog.Photo", models.CASCADE, related_name="+")
    field = models.CharField(max_length=20, choices=Prediction.Output.choices)
    actual = models.CharField(max_length=80)
    predicted = models.CharField(max_length=80)
    confidence = models.FloatField()

    class Meta:
        verbose_name = _("evaluated photo")
        verbose_name_plural = _("evaluated photos")
        constraints = (
            models.UniqueConstraint(fields=("evaluation", "photo", "field"), name="evaluated_photo_once_per_field"),
        )
        indexes = (models.Index(fields=("evaluation", "field", "actual", "predicted"), name="evaluated_photo_by_cell"),)

    def __str__(self) -> str:
        return f"{self.field}: {self.actual} / {self.predicted}"
