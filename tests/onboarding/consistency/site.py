"""A site to check up: photos that came in as a seller's do, and storage to damage behind the application's back."""

import os
import time
import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from catalog.models import Photo
from onboarding.consistency.checkup import findings
from onboarding.consistency.findings import Finding
from onboarding.services.receiving import Arrangement, receive_photos
from tests.conftest import Cast, sent_file

HOUR = timedelta(hours=1)


def noise(seed: int = 0, size: tuple[int, int] = (700, 900)) -> bytes:
    """A JPEG that a network could look at, larger than the display copy."""
    buffer = BytesIO()
    Image.effect_noise(size, 20 + seed).convert("RGB").save(buffer, "JPEG")
    return buffer.getvalue()


def received(cast: Cast, count: int = 1) -> list[Photo]:
    """Photos of one upload, each with its files, its draft and its request."""
    files = [sent_file(noise(number), f"{number}.jpg") for number in range(count)]
    upload = receive_photos(
        shop=cast.shop, user=cast.seller, token=uuid.uuid4(), part=0, files=files, arrangement=Arrangement()
    )
    return [file.photo for file in upload.files.order_by("pk") if file.photo]


def found(*, grace: timedelta = HOUR, thorough: bool = False) -> list[Finding]:
    return list(findings(grace=grace, thorough=thorough))


def kinds(each: Iterable[Finding]) -> dict[str, int]:
    return dict(Counter(finding.kind.value for finding in each))


def store(name: str, content: bytes = b"left behind", *, hours: float = 2.0) -> str:
    """A file that has lain in storage for so long."""
    default_storage.delete(name)
    saved = default_storage.save(name, ContentFile(content))
    moment = time.time() - hours * 3600
    os.utime(default_storage.path(saved), (moment, moment))
    return saved


def read(name: str | None) -> bytes:
    with default_storage.open(name or "") as stored:
        content: bytes = stored.read()
    return content


def everything() -> dict[str, Any]:
    """What a check-up without `--repair` must leave as it is: files with their contents, and all rows of photos."""
    from tests.conftest import stored_files

    return {
        "files": {name: read(name) for name in stored_files()},
        "photos": list(Photo.objects.order_by("pk").values()),
    }
