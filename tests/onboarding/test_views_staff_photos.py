"""Sellers' photos for the staff: whoever judges what was made of them sees them, nobody else."""

import pytest
from django.contrib.auth.models import Permission
from django.core.files.storage import default_storage
from django.urls import reverse

from catalog.models import Photo
from tests.conftest import Cast, make_listing, make_user


@pytest.fixture
def photo(cast: Cast) -> Photo:
    return make_listing(cast.shop).photos.get()


def path_of(photo: Photo, kind: str = "display") -> str:
    return reverse("onboarding:staff_photo", args=[photo.pk, kind])


def status_with(cast: Cast, right: str, path: str) -> int:
    person = make_user("some@example.com", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename=right))
    return cast.browser(person).get(path).status_code


@pytest.mark.parametrize("right", ["review_predictions", "view_modelversion", "view_photo"])
@pytest.mark.parametrize("kind", ["display", "master"])
def test_each_right_that_needs_photos_opens_them(cast: Cast, photo: Photo, right: str, kind: str) -> None:
    assert status_with(cast, right, path_of(photo, kind)) == 200


def test_other_rights_do_not(cast: Cast, photo: Photo) -> None:
    assert status_with(cast, "view_listing", path_of(photo)) == 403


def test_sellers_have_pages_of_their_own_and_visitors_sign_in(cast: Cast, photo: Photo) -> None:
    assert cast.browser(cast.seller).get(path_of(photo)).status_code == 404
    assert cast.browser().get(path_of(photo))["Location"].startswith("/accounts/login/?next=/staff/photos/")


def test_it_comes_as_members_of_the_shop_get_it(cast: Cast, photo: Photo) -> None:
    staff = cast.browser(make_user("admin@example.com", is_staff=True, is_superuser=True)).get(path_of(photo))
    member = cast.browser(cast.seller).get(reverse("catalog:photo_file", args=[photo.pk, "display"]))
    names = ("Cache-Control", "Content-Type", "X-Content-Type-Options", "Content-Security-Policy", "Vary")
    assert [staff.get(name) for name in names] == [member.get(name) for name in names]
    assert b"".join(staff) == b"".join(member)


def test_what_is_not_there_is_not_found(cast: Cast, photo: Photo) -> None:
    staff = cast.browser(make_user("admin@example.com", is_staff=True, is_superuser=True))
    assert staff.get(path_of(photo, "derivative")).status_code == 404
    assert staff.get(reverse("onboarding:staff_photo", args=[photo.pk + 1, "display"])).status_code == 404
    default_storage.delete(photo.display.name)
    assert staff.get(path_of(photo)).status_code == 404
