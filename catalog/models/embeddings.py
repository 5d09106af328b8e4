"""What networks see in photos, as vectors: for similar items, and for training heads without decoding photos again."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.photos import Photo


class PhotoEmbedding(models.Model):
    """The pooled features of one photo by one trunk: float16, little endian. Heads may change, the trunk may not."""

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="embeddings")
    trunk_hash = models.CharField(max_length=64, help_text=_("SHA-256 of the trunk's weights."))
    fingerprint = models.CharField(
        max_length=64, db_index=True, help_text=_("SHA-256 of the decoded pixels: identical pictures share it.")
    )
    vector = models.BinaryField()

    class Meta:
        verbose_name = _("photo embedding")
        verbose_name_plural = _("photo embeddings")
        constraints = (models.UniqueConstraint(fields=("photo", "trunk_hash"), name="embedding_once_per_trunk"),)

    def __str__(self) -> str:
        return f"{self.photo_id} · {self.trunk_hash[:8]}"
