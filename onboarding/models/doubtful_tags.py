"""What the network is unsure of and nobody has decided yet: the queue of low-confidence tags."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import TagField


class DoubtfulTag(models.Model):
    """One field of a draft, with the best guess. It follows the listing's suggestions, and goes with a decision."""

    listing = models.ForeignKey("catalog.Listing", models.CASCADE, related_name="doubtful_tags")
    field = models.CharField(_("field"), max_length=10, choices=TagField.choices)
    term = models.ForeignKey("catalog.Term", models.PROTECT, related_name="+", verbose_name=_("best guess"))
    confidence = models.FloatField(_("confidence"))

    class Meta:
        verbose_name = _("low-confidence tag")
        verbose_name_plural = _("low-confidence tags")
        constraints = (models.UniqueConstraint(fields=("listing", "field"), name="doubtful_tag_once_per_field"),)
        indexes = (
            models.Index(fields=("confidence", "id"), name="doubtful_tag_by_confidence"),
            models.Index(fields=("field", "term", "confidence", "id"), name="doubtful_tag_by_value"),
        )

    def __str__(self) -> str:
        return f"{self.field}: {self.term}?"
