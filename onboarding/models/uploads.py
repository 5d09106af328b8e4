"""Uploads: what was sent, and what became of each file."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from onboarding.pictures import RefusalReason


def refusal_reasons() -> list[tuple[str, str]]:
    """A function, so that a reworded sentence needs no migration."""
    return [(reason.value, str(reason.label)) for reason in RefusalReason]


class Upload(models.Model):
    """One pile of photos sent by one person; large piles arrive in several requests with the same token."""

    shop = models.ForeignKey("catalog.Shop", models.CASCADE, related_name="uploads", verbose_name=_("shop"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="uploads", verbose_name=_("person"))
    token = models.UUIDField(
        _("token"), default=uuid.uuid4, help_text=_("Chosen by the form; a repeated send finds it again.")
    )
    listing = models.ForeignKey(
        "catalog.Listing",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Where all photos of this upload go, if they show one product."),
        verbose_name=_("listing"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        constraints = (models.UniqueConstraint(fields=("shop", "token"), name="upload_once_per_token"),)

    def __str__(self) -> str:
        return _("Upload %(number)s") % {"number": self.pk}


class UploadedFile(models.Model):
    """One file of an upload: it became a photo, or was refused for a reason."""

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="files", verbose_name=_("upload"))
    key = models.CharField(_("key"), max_length=100, help_text=_("Identifies the file within its upload."))
    name = models.CharField(_("name"), max_length=255, blank=True)
    photo = models.OneToOneField(
        "catalog.Photo", models.SET_NULL, null=True, blank=True, related_name="uploaded_file", verbose_name=_("photo")
    )
    refused_because = models.CharField(_("why refused"), max_length=20, choices=refusal_reasons, blank=True)
    product = models.UUIDField(
        _("product"), null=True, editable=False, help_text=_("The sender's name of the product it shows.")
    )
    had_location = models.BooleanField(_("carried its place"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("uploaded file")
        verbose_name_plural = _("uploaded files")
        constraints = (models.UniqueConstraint(fields=("upload", "key"), name="file_once_per_upload"),)

    def __str__(self) -> str:
        return self.name
