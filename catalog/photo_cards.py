"""Photos small enough for lists on slow networks: WebP, made of the display copy when somebody first looks.

They lie apart from the photos' own files and can be thrown away at any time.
"""

from io import BytesIO
from typing import Final

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from PIL import Image

from catalog.models import Photo
from catalog.photo_files import replace_file
from catalog.photo_sizes import CARD_LONGEST_PIXELS

QUALITY: Final = 70
EFFORT: Final = 4
"""Of WebP's encoder, from 0 to 6; more takes twice as long for a twentieth less."""


def open_card(photo: Photo) -> File[bytes]:
    """The card; made and stored if it is not there. Raises `FileNotFoundError` without the display copy."""
    try:
        return default_storage.open(photo.card_name)
    except FileNotFoundError:
        content = _made_of(photo)
    replace_file(photo.card_name, content)
    return ContentFile(content)


def _made_of(photo: Photo) -> bytes:
    stream = BytesIO()
    with photo.display.open() as file, Image.open(file) as image:
        image.draft(None, (CARD_LONGEST_PIXELS, CARD_LONGEST_PIXELS))
        image.thumbnail((CARD_LONGEST_PIXELS, CARD_LONGEST_PIXELS), Image.Resampling.LANCZOS)
        image.convert("RGB").save(stream, "WEBP", quality=QUALITY, method=EFFORT)
    return stream.getvalue()
