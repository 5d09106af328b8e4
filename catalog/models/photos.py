"""Photos of listings. Every stored file is one that Lapel encoded itself: upright, sRGB, without metadata."""

import uuid
from collections.abc import Sequence

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.listings import Listing
from catalog.photo_sizes import CARD_LONGEST_PIXELS, DISPLAY_LONGEST_PIXELS

FILE_KINDS: Sequence[str] = ("master", "display", "derivative")


def _key(photo: "Photo", kind: str) -> str:
    return f"photos/{photo.listing.shop_id}/{photo.key}/{kind}.jpg"


def master_key(photo: "Photo", filename: str) -> str:
    return _key(photo, "master")


def display_key(photo: "Photo", filename: str) -> str:
    return _key(photo, "display")


def derivative_key(photo: "Photo", filename: str) -> str:
    return _key(photo, "derivative")


class Photo(models.Model):
    """One photo in three sizes. master: longest side ≤ 2,048 px; derivative: shorter side ≤ 256 px, for networks."""

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="photos", verbose_name=_("listing"))
    position = models.PositiveIntegerField(_("position"), default=0)
    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    sha256 = models.CharField(
        _("SHA-256"), max_length=64, db_index=True, help_text=_("Of the file as it was uploaded.")
    )
    perceptual_hash = models.CharField(
        _("perceptual hash"),
        max_length=128,
        blank=True,
        help_text=_("Of what it looks like: copies of a photo have nearly the same."),
    )
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    master = models.FileField(_("master copy"), upload_to=master_key, max_length=200)
    display = models.FileField(_("copy for screens"), upload_to=display_key, max_length=200)
    derivative = models.FileField(_("copy for the network"), upload_to=derivative_key, max_length=200)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ("position", "id")

    def __str__(self) -> str:
        return _("Photo %(number)s") % {"number": self.pk}

    @property
    def card_name(self) -> str:
        """Where in storage its card lies once it is made (see `catalog.photo_cards`)."""
        return f"cards/{self.key}.webp"

    @property
    def card_width(self) -> int:
        """In pixels, of the small copy for lists (see `catalog.photo_cards`)."""
        return self._width_within(CARD_LONGEST_PIXELS)

    @property
    def display_width(self) -> int:
        return self._width_within(DISPLAY_LONGEST_PIXELS)

    def _width_within(self, longest: int) -> int:
        return max(1, round(self.width * min(1.0, longest / max(self.width, self.height))))
