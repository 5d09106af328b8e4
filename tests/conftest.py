"""The cast of every access test: a seller, a teammate, a stranger with a shop of their own, a visitor; and makers."""

import gc
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from PIL import Image

from catalog.models import Listing, Membership, Photo, Shop, Term
from catalog.photo_files import write_photo_files
from catalog.services.photos import place_last
from catalog.services.shops import open_shop
from onboarding.models import ModelVersion, Prediction, User
from tests import once
from tests.live import live_database as live_database
from tests.live import storage_options
from tests.settings import ON_SERVICES

PASSWORD = "correct horse battery"

# How long one example takes says more about what else the machine does than about the code.
hypothesis_settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("shared machine")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the processes that test are given the name by the one that started them
        config.option.testrunuid = once.RUN


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        once.clear_away()


def pytest_collection_finish() -> None:
    """Modules and tests stay until the end: no search for garbage needs to look through them again."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    if "triton" in sys.modules:  # complains on leaving about whatever is not cleared away
        gc.unfreeze()


@dataclass
class Cast:
    """People, and browsers in which they are signed in."""

    shop: Shop
    seller: User
    teammate: User
    stranger: User
    strangers_shop: Shop

    def browser(self, user: User | None = None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client


def make_user(email: str, **fields: Any) -> User:
    return User.objects.create_user(email, PASSWORD, **fields)


def make_shop(owner: User, name: str = "Asha's Boutique") -> Shop:
    return open_shop(shop=Shop(name=name, country="IN", currency="INR"), owner=owner)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def make_cast() -> Cast:
    seller, teammate, stranger = (make_user(f"{name}@example.com") for name in ("seller", "teammate", "stranger"))
    shop = make_shop(seller)
    Membership.objects.create(shop=shop, user=teammate)
    return Cast(shop, seller, teammate, stranger, make_shop(stranger, "Another shop"))


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """A request leaves its language behind, as it does in a web process; the next test begins with the usual one."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    """Every test stores its files in a place of its own."""
    default = {**settings.STORAGES["default"], "OPTIONS": storage_options(tmp_path)}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    settings.ARTIFACT_CACHE_DIR = tmp_path / "artifact-cache"


def jpeg(colour: str = "red", size: tuple[int, int] = (120, 160)) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", size, colour).save(buffer, "JPEG")
    return buffer.getvalue()


def sent_file(content: bytes | None = None, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, jpeg() if content is None else content, content_type="image/jpeg")


def make_photo(listing: Listing, content: bytes | None = None) -> Photo:
    """A stored photo with its three files, as receiving would leave it, but not queued."""
    photo = Photo(listing=listing, sha256="0" * 64, width=120, height=160)
    data = content or jpeg()
    write_photo_files(photo, contents={"master": data, "display": data, "derivative": data})
    place_last(photo=photo, listing=listing)
    return photo


def make_listing(shop: Shop, *, photos: int = 1, **fields: Any) -> Listing:
    listing = Listing.objects.create(shop=shop, **fields)
    for _ in range(photos):
        make_photo(listing)
    return listing


def term(field: str, *path: str) -> Term:
    """A term by its keys: term("colour", "Navy Blue"), term("category", "Apparel", "Topwear")."""
    above: Term | None = None
    for key in path:
        found = Term.objects.get(field=field, parent=above, key=key)
        found.parent, above = above, found
    return found


def make_version(sha256: str = "a" * 64, **fields: Any) -> ModelVersion:
    return ModelVersion.objects.create(**{"name": f"model-{sha256[:8]}", "sha256": sha256, "state": "active", **fields})


def predict(photo: Photo, version: ModelVersion, output: str, value: Term, **fields: Any) -> Prediction:
    """A stored prediction, sure unless said otherwise."""
    values = {"confidence": 0.97, "band": Prediction.Band.SURE, "alternatives": [], **fields}
    return Prediction.objects.create(photo=photo, model_version=version, field=output, term=value, **values)


def stored_files(folder: str = "") -> list[str]:
    """Names of all files in storage, in order."""
    if ON_SERVICES:  # one request instead of one for each folder
        bucket: Any = default_storage
        start = f"{bucket.location}/{folder}".rstrip("/") + "/"
        return sorted(
            each.key.removeprefix(f"{bucket.location}/") for each in bucket.bucket.objects.filter(Prefix=start)
        )
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:  # a bucket has no folders that could be missing
        return []
    here = [f"{folder}/{name}" for name in names]
    return sorted([*here, *(file for name in folders for file in stored_files(f"{folder}/{name}".lstrip("/")))])
