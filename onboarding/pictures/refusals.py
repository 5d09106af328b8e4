"""Why a file was not accepted, in one sentence for the seller."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RefusalReason(TextChoices):
    """Each label is one whole sentence; the numbers in them are those of the default `PictureLimits`."""

    EMPTY = "empty", _("The file is empty.")
    TOO_LARGE = "too_large", _("The file is larger than 25 MB; send a smaller copy.")
    NOT_AN_IMAGE = "not_an_image", _("The file is not a picture; send photos as JPEG, PNG or WebP.")
    UNSUPPORTED_FORMAT = (
        "unsupported_format",
        _("Pictures in this format cannot be used; send JPEG, PNG or WebP."),
    )
    HEIC = (
        "heic",
        _(
            "HEIC cannot be read here; choose the photos on the iPhone itself, which then sends JPEG"
            " (and takes new ones as JPEG after Settings, Camera, Formats, Most Compatible)."
        ),
    )
    TRUNCATED = "truncated", _("The picture is cut off; send it again.")
    TOO_MANY_PIXELS = (
        "too_many_pixels",
        _("The picture has too many pixels; send a copy with at most 12 megapixels."),
    )
    TOO_SMALL = "too_small", _("The picture is too small or too narrow to show a product.")
    ANIMATED = "animated", _("The picture is animated; send a still photo.")
    UNREADABLE = "unreadable", _("The picture is damaged and cannot be read; send another copy of it.")


class PictureRefused(Exception):
    """The file is not accepted; `reason` says why and `str()` gives the seller's sentence."""

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return str(self.reason.label)
