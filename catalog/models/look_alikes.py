"""Photos of different listings that look alike, until somebody says what that means."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.photos import Photo


class LookAlike(models.Model):
    """Two photos of one shop; `photo` is the newer. Their listings may be one product, variants, or just similar."""

    class Kind(models.TextChoices):
        COPY = "copy", _("the same photo")
        SIMILAR = "similar", _("a similar photo")

    class Answer(models.TextChoices):
        VARIANTS = "variants", _("variants of one product")
        APART = "apart", _("different products")

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="look_alikes")
    other = models.ForeignKey(Photo, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("look-alike")
        verbose_name_plural = _("look-alikes")
        constraints = (
            models.UniqueConstraint(fields=("photo", "other"), name="look_alike_once_per_pair"),
            models.CheckConstraint(condition=models.Q(photo__gt=models.F("other")), name="look_alike_newer_first"),
        )

    def __str__(self) -> str:
        return f"{self.photo_id} · {self.other_id}"
