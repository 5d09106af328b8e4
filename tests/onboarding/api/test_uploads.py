"""Uploads over the API: sending photos, adding more, and watching them."""

import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import Listing, Photo
from onboarding.models import IdempotentRequest, TagRequest, Upload, UploadedFile
from onboarding.services.queue import mark_failed
from tests.conftest import Cast, jpeg, make_listing, make_photo, sent_file
from tests.onboarding.api.conftest import API


def send(api: APIClient, cast: Cast, *contents: bytes, key: str | None = None, **fields: str) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    data = {"photos": [sent_file(content) for content in contents], **fields}
    return api.post(f"{API}/shops/{cast.shop.pk}/uploads/", data, format="multipart", headers=headers)


def test_photos_become_listings_and_wait_for_their_tags(cast: Cast, api: APIClient) -> None:
    answer = send(api, cast, jpeg("red"), jpeg("blue"))
    upload = Upload.objects.get()
    assert (answer.status_code, answer.json()["id"], upload.shop, upload.user) == (
        201,
        upload.pk,
        cast.shop,
        cast.seller,
    )
    assert answer.json()["counts"] == {"total": 2, "waiting": 2, "tagged": 0, "failed": 0, "to_review": 2}
    assert sorted(each["listing"] for each in answer.json()["photos"]) == sorted(
        Listing.objects.values_list("pk", flat=True)
    )
    assert TagRequest.objects.filter(state="pending").count() == 2
    assert api.get(answer.json()["url"]).json() == answer.json()


def test_all_photos_of_one_product_go_into_one_listing_later_ones_too(cast: Cast, api: APIClient) -> None:
    upload = send(api, cast, jpeg("red"), jpeg("blue"), arrangement="one").json()["id"]
    more = {"photos": [sent_file(jpeg("green"))], "part": "1"}
    answer = api.post(f"{API}/uploads/{upload}/photos/", more, format="multipart")
    assert (answer.status_code, answer.json()["counts"]["total"]) == (201, 3)
    assert Listing.objects.get().photos.count() == 3


def test_more_photos_of_other_products_get_listings_of_their_own(cast: Cast, api: APIClient) -> None:
    upload = send(api, cast, jpeg("red")).json()["id"]
    api.post(f"{API}/uploads/{upload}/photos/", {"photos": [sent_file(jpeg("green"))]}, format="multipart")
    assert (Listing.objects.count(), Upload.objects.get().files.count()) == (2, 2)


def test_a_refused_file_is_listed_with_its_code_and_a_sentence(cast: Cast, api: APIClient) -> None:
    answer = send(api, cast, jpeg(), b"no picture").json()
    assert answer["refused"] == [
        {
            "name": "photo.jpg",
            "code": "not_an_image",
            "reason": "The file is not a picture; send photos as JPEG, PNG or WebP.",
        }
    ]
    assert answer["counts"]["total"] == 1


def test_polling_says_when_all_is_done(cast: Cast, api: APIClient) -> None:
    upload = send(api, cast, jpeg("red"), jpeg("blue")).json()["id"]
    first, second = TagRequest.objects.order_by("pk")
    TagRequest.objects.filter(pk=first.pk).update(state="done", finished_at=first.created_at)
    mark_failed(second, TagRequest.Reason.UNREADABLE)
    answer = api.get(f"{API}/uploads/{upload}/").json()
    assert (answer["is_finished"], answer["is_stalled"]) == (True, False)
    assert [(each["state"], each["reason"], each["seconds_to_tag"]) for each in answer["photos"]] == [
        ("tagged", "", 0.0),
        ("failed", "The stored photo could not be read.", None),
    ]


def test_the_same_token_and_file_is_taken_once(cast: Cast, api: APIClient) -> None:
    token = str(uuid.uuid4())
    answers = [send(api, cast, jpeg(), token=token).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert (answers[0]["token"], Photo.objects.count()) == (token, 1)


def test_the_same_key_and_file_is_taken_once_and_the_first_answer_is_given_again(cast: Cast, api: APIClient) -> None:
    first = send(api, cast, jpeg(), key="pile-1")
    TagRequest.objects.update(state="done")
    again = send(api, cast, jpeg(), key="pile-1")
    assert (again.status_code, again.json(), again["Idempotent-Replayed"]) == (201, first.json(), "true")
    assert (Upload.objects.count(), Photo.objects.count()) == (1, 1)


def test_a_send_that_died_on_its_way_is_finished_by_its_repetition(cast: Cast, api: APIClient) -> None:
    first = send(api, cast, jpeg("red"), jpeg("blue"), key="pile-1")
    IdempotentRequest.objects.update(status=None, answer={})  # as if the process had died after the first file
    UploadedFile.objects.order_by("pk").last().photo.delete()  # type: ignore[union-attr]
    UploadedFile.objects.filter(photo=None).delete()
    again = send(api, cast, jpeg("red"), jpeg("blue"), key="pile-1")
    assert (again.json()["id"], again.json()["counts"]["total"]) == (first.json()["id"], 2)
    assert Photo.objects.count() == 2


def test_the_same_key_with_another_file_is_refused(cast: Cast, api: APIClient) -> None:
    send(api, cast, jpeg("red"), key="pile-1")
    answer = send(api, cast, jpeg("blue"), key="pile-1")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Photo.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "named"),
    [({"token": "no uuid"}, "token"), ({"part": "-1"}, "part"), ({"arrangement": "pile"}, "arrangement")],
)
def test_fields_that_cannot_be_used_are_named_and_nothing_is_stored(
    cast: Cast, api: APIClient, fields: dict[str, str], named: str
) -> None:
    answer = send(api, cast, jpeg(), key="pile-1", **fields)
    assert (answer.status_code, answer.json()["code"], list(answer.json()["fields"])) == (400, "invalid", [named])
    assert (Upload.objects.count(), Photo.objects.count(), IdempotentRequest.objects.count()) == (0, 0, 0)


def test_the_limit_of_files_is_that_of_the_page(cast: Cast, api: APIClient, settings: Any) -> None:
    settings.UPLOAD_MAX_PHOTOS = 1
    answer = send(api, cast, jpeg(), jpeg())
    assert answer.status_code == 400
    assert answer.json()["fields"] == {"photos": ["Send at most 1 photo at a time; you chose 2. None was stored."]}
    assert Photo.objects.count() == 0


def test_far_too_many_files_are_too_much_for_one_request(cast: Cast, api: APIClient, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 1
    answer = send(api, cast, jpeg(), jpeg())
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert Photo.objects.count() == 0


def test_photos_come_as_a_form_with_files_only(cast: Cast, api: APIClient) -> None:
    answer = api.post(f"{API}/shops/{cast.shop.pk}/uploads/", {"photos": []})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert Upload.objects.count() == 0


def test_a_photo_names_its_listing_and_its_files(cast: Cast, api: APIClient) -> None:
    photo = make_photo(make_listing(cast.shop, photos=0), jpeg("green"))
    answer = api.get(f"{API}/photos/{photo.pk}/").json()
    assert (answer["id"], answer["listing"], answer["width"]) == (photo.pk, photo.listing_id, 120)
    for kind in ("master", "display", "derivative"):
        file = api.get(answer["files"][kind])
        assert (file.status_code, file["Content-Type"]) == (200, "image/jpeg")
        assert b"".join(file.streaming_content) == jpeg("green")  # type: ignore[attr-defined]


def test_a_file_that_is_missing_or_never_was_is_not_found(cast: Cast, api: APIClient) -> None:
    photo = make_photo(make_listing(cast.shop, photos=0))
    photo.master.storage.delete(photo.master.name)
    for kind in ("master", "thumbnail"):
        answer = api.get(f"{API}/photos/{photo.pk}/files/{kind}/")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
