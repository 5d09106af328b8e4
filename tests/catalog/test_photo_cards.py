"""Small copies of photos for lists: made when first looked at, kept, and gone with their photo."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage
from PIL import Image

from catalog.models import Photo
from catalog.photo_cards import open_card
from catalog.photo_files import replace_file
from tests.conftest import Cast, make_listing
from tests.drawing import as_jpeg, product


@pytest.fixture
def photo(cast: Cast) -> Photo:
    photo = make_listing(cast.shop, photos=1).photos.get()
    replace_file(photo.display.name, as_jpeg(product("dress", "red", (480, 640), seed=1)))
    Photo.objects.filter(pk=photo.pk).update(width=1_500, height=2_000)
    photo.refresh_from_db()
    return photo


def test_a_card_is_a_smaller_webp_of_the_width_that_pages_announce(photo: Photo) -> None:
    content = open_card(photo).read()
    with Image.open(BytesIO(content)) as image:
        assert (image.format, image.size) == ("WEBP", (360, 480))
    assert (photo.card_width, photo.display_width) == (360, 480)
    assert len(content) < default_storage.size(photo.display.name) / 2


def test_it_is_made_once(photo: Photo) -> None:
    first = open_card(photo).read()
    replace_file(photo.display.name, b"nothing that could be read")
    assert open_card(photo).read() == first


def test_two_that_make_it_at_once_leave_one(photo: Photo, monkeypatch: Any) -> None:
    name = photo.card_name
    opened = Storage.open

    def look_too_early(storage: Storage, asked: str, mode: str = "rb") -> Any:
        if asked == name and not storage.exists(name):
            storage.save(name, ContentFile(b"of the other process"))
            raise FileNotFoundError(name)
        return opened(storage, asked, mode)

    monkeypatch.setattr(Storage, "open", look_too_early)
    assert open_card(photo).read()[:4] == b"RIFF"
    assert default_storage.listdir("cards")[1] == [name.removeprefix("cards/")]


def test_a_picture_smaller_than_a_card_stays_as_it_is(photo: Photo) -> None:
    replace_file(photo.display.name, as_jpeg(product("dress", "red", (90, 120), seed=1)))
    Photo.objects.filter(pk=photo.pk).update(width=90, height=120)
    photo.refresh_from_db()
    with Image.open(open_card(photo)) as image:
        assert image.size == (90, 120)
    assert photo.card_width == 90


def test_it_goes_with_its_photo(photo: Photo, django_capture_on_commit_callbacks: Any) -> None:
    open_card(photo)
    name = photo.card_name
    assert default_storage.exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        photo.delete()
    assert not default_storage.exists(name)


def test_members_see_it_and_may_keep_it_and_without_a_display_copy_there_is_none(photo: Photo, cast: Cast) -> None:
    path = f"/photos/{photo.pk}/card.webp"
    answer = cast.browser(cast.teammate).get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert answer["Cache-Control"] == "private, max-age=604800, immutable"
    assert cast.browser(cast.stranger).get(path).status_code == 404
    default_storage.delete(photo.card_name)
    default_storage.delete(photo.display.name)
    assert cast.browser(cast.seller).get(path).status_code == 404


def test_lists_offer_both_sizes(photo: Photo, cast: Cast) -> None:
    page = cast.browser(cast.seller).get(f"/shops/{cast.shop.pk}/listings/").content.decode()
    assert f'srcset="/photos/{photo.pk}/card.webp 360w, /photos/{photo.pk}/display.jpg 480w"' in page
