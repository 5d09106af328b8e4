"""Uploading through the form, with and without the page's script, and watching the progress."""

import re
import uuid
from collections import Counter
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Listing, LookAlike, Photo
from onboarding.models import TagRequest, Upload, UploadedFile
from onboarding.pictures import RefusalReason
from tests.conftest import Cast, jpeg, make_listing, make_photo, sent_file, stored_files, term
from tests.drawing import Kind, as_heic, as_jpeg, product, with_gps

SCRIPT = {"X-Requested-With": "fetch"}


def send(cast: Cast, *contents: bytes, headers: dict[str, str] | None = None, **fields: Any) -> HttpResponse:
    data = {
        "token": str(uuid.uuid4()),
        "part": "0",
        "arrangement": "each",
        "photos": [sent_file(content) for content in contents],
        **fields,
    }
    return cast.browser(cast.seller).post(f"/shops/{cast.shop.pk}/upload/", data, headers=headers or {})


def test_the_form_leads_to_the_progress_of_the_upload(cast: Cast) -> None:
    response = send(cast, jpeg("red"), jpeg("blue"))
    upload = Upload.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/uploads/{upload.pk}/")
    assert Photo.objects.count() == 2


def test_the_script_gets_addresses_and_what_became_of_each_file_it_named(cast: Cast) -> None:
    good, bad = uuid.uuid4(), uuid.uuid4()
    response = send(cast, jpeg(), b"no picture", headers=SCRIPT, keys=[str(good), str(bad)], located=[str(good)])
    upload = Upload.objects.get()
    assert response.json() == {
        "progress": f"/uploads/{upload.pk}/",
        "status": f"/uploads/{upload.pk}/status/",
        "refused": {str(bad): "The file is not a picture; send photos as JPEG, PNG or WebP."},
        "stored": [str(good)],
        "copies": {},
    }
    assert list(upload.files.order_by("pk").values_list("key", "had_location")) == [
        (str(good), True),
        (str(bad), False),
    ]


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        (["no uuid"], "The files are not named as they should be. Reload the page and try again."),
        ([str(uuid.UUID(int=1))] * 2, "The files are not named as they should be. Reload the page and try again."),
        ([str(uuid.UUID(int=n)) for n in range(2)], "Some files did not arrive. Send them again."),
    ],
)
def test_keys_that_do_not_name_the_files_store_nothing(cast: Cast, keys: list[str], sentence: str) -> None:
    response = send(cast, jpeg(), headers=SCRIPT, keys=keys)
    assert (response.status_code, response.json()) == (400, {"errors": [sentence]})
    assert Upload.objects.count() == 0


@pytest.mark.parametrize("headers", [{}, SCRIPT])
def test_storage_trouble_is_a_sentence_and_leaves_nothing_half_stored(
    cast: Cast, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any) -> str:
        raise OSError(28, "No space left on device")

    token = str(uuid.uuid4())
    with monkeypatch.context() as patch:
        patch.setattr(type(storages["default"]), "_save", fail)  # a full disk
        response = send(cast, jpeg(), headers=headers, token=token)
    assert (response.status_code, response["Retry-After"]) == (503, "30")
    assert "The site cannot store photos just now." in response.content.decode()
    assert (Photo.objects.count(), Listing.objects.count(), stored_files()) == (0, 0, [])
    assert send(cast, jpeg(), headers=headers, token=token).status_code in (200, 302)
    assert Photo.objects.count() == 1


@pytest.mark.parametrize("headers", [{}, SCRIPT])
def test_a_full_shop_says_so_and_keeps_what_fitted(cast: Cast, headers: dict[str, str]) -> None:
    cast.shop.max_photos = 2
    cast.shop.save()
    token = str(uuid.uuid4())
    response = send(cast, jpeg("red"), jpeg("blue"), jpeg("green"), headers=headers, token=token)
    assert response.status_code == 409
    assert "The shop has all the 2 photos that it may have." in response.content.decode()
    assert Photo.objects.count() == 2
    Listing.objects.all()[0].delete()
    assert send(cast, jpeg("red"), jpeg("blue"), jpeg("green"), headers=headers, token=token).status_code in (200, 302)
    assert Photo.objects.count() == 2  # the deleted one does not come back, the third fits now


@pytest.mark.parametrize(
    ("reads_heic", "accepted", "sentence"),
    [
        (
            True,
            ",image/heic,image/heif,.heic,.heif",
            "JPEG, PNG, WebP or HEIC, up to 25 MB each. Not accepted: animations.",
        ),
        (False, "", "JPEG, PNG or WebP, up to 25 MB each. Not accepted: HEIC and animations."),
    ],
)
def test_the_page_offers_heic_only_where_it_is_read(
    cast: Cast, reads_heic: bool, accepted: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onboarding.views.uploads.READS_HEIC", reads_heic)
    page = cast.browser(cast.seller).get(f"/shops/{cast.shop.pk}/upload/").content.decode()
    assert f'accept="image/jpeg,image/png,image/webp{accepted}"' in page
    assert [sentence in page, "Not accepted" in page.replace(sentence, "")] == [True, False]


def test_heic_is_received_without_its_location(cast: Cast) -> None:
    key = uuid.uuid4()
    response = send(cast, with_gps(format="HEIF"), headers=SCRIPT, keys=[str(key)])
    assert (response.json()["stored"], response.json()["refused"]) == ([str(key)], {})
    assert list(Upload.objects.get().files.values_list("had_location", flat=True)) == [True]


def test_heic_is_refused_with_advice_where_it_is_not_read(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onboarding.pictures.formats.READS_HEIC", False)
    bad, good = uuid.uuid4(), uuid.uuid4()
    response = send(cast, as_heic(), jpeg(), headers=SCRIPT, keys=[str(bad), str(good)])
    assert response.json()["refused"] == {str(bad): str(RefusalReason.HEIC.label)}
    assert (response.json()["stored"], Photo.objects.count()) == ([str(good)], 1)


def tables_read(cast: Cast, **fields: Any) -> Counter[str]:
    """How often an upload of three photos reads each table first of all."""
    with CaptureQueriesContext(connection) as queries:
        assert send(cast, jpeg("red"), jpeg("blue"), jpeg("green"), **fields).status_code == 302
    froms = (re.search(r'^SELECT .*? FROM "(\w+)"', query["sql"]) for query in queries.captured_queries)
    return Counter(found[1] for found in froms if found)


def test_vocabulary_is_read_only_for_values_in_common(cast: Cast) -> None:
    plain = tables_read(cast)
    tables = ("catalog_term", "catalog_termname", "catalog_vocabularyedition")
    assert [plain[table] for table in tables] == [0, 0, 1]  # the edition comes with the shop
    summer = term("season", "Summer")
    chosen = tables_read(cast, **{"common-season": str(summer.pk)})
    assert chosen["catalog_vocabularyedition"] == 2  # whether what was read before is still true


@pytest.mark.parametrize(("limit", "counts"), [(None, 1), (29, 4)])
def test_photos_of_a_shop_are_counted_for_each_file_only_where_it_is_nearly_full(
    cast: Cast, limit: int | None, counts: int
) -> None:
    cast.shop.max_photos = limit
    cast.shop.save()
    with CaptureQueriesContext(connection) as queries:
        send(cast, jpeg("red"), jpeg("blue"), jpeg("green"))
    counted = [
        query for query in queries.captured_queries if 'COUNT(*) AS "__count" FROM "catalog_photo"' in query["sql"]
    ]
    assert (len(counted), Photo.objects.count()) == (counts, 3)


def test_how_much_room_is_left_is_told_before_it_runs_out(cast: Cast, settings: Any) -> None:
    address, sentence = f"/shops/{cast.shop.pk}/upload/", b"The shop has room for"
    assert sentence not in cast.browser(cast.seller).get(address).content
    settings.SHOP_MAX_PHOTOS = 3
    make_listing(cast.shop, photos=2)
    assert b"The shop has room for 1 more photo." in cast.browser(cast.seller).get(address).content


@pytest.mark.parametrize("since", ["", "yesterday", "2026-02-31T10:00:00Z", "2026-03-01T10:00:00", "\0", "9" * 5000])
def test_a_moment_that_is_none_is_passed_over(cast: Cast, since: str) -> None:
    send(cast, jpeg())
    TagRequest.objects.update(state="done", finished_at=timezone.now())
    address = f"/uploads/{Upload.objects.get().pk}/status/"
    answer = cast.browser(cast.seller).get(address, {"since": since}, headers=SCRIPT).json()
    assert len(answer["finished"]) == 1
    assert (
        cast.browser(cast.seller).get(address, {"since": "9000-01-01T00:00Z"}, headers=SCRIPT).json()["finished"] == []
    )


def test_no_file_is_one_clear_sentence_and_nothing_is_stored(cast: Cast) -> None:
    response = send(cast, headers=SCRIPT)
    assert (response.status_code, response.json()) == (400, {"errors": ["Choose at least one photo."]})
    assert Upload.objects.count() == 0


def test_too_many_files_are_refused_with_the_limit(cast: Cast, settings: Any) -> None:
    settings.UPLOAD_MAX_PHOTOS = 2
    response = send(cast, jpeg(), jpeg(), jpeg(), headers=SCRIPT)
    assert response.status_code == 400
    assert response.json() == {"errors": ["Send at most 2 photos at a time; you chose 3. None was stored."]}
    assert Photo.objects.count() == 0


@pytest.mark.parametrize("fields", [{"token": "no uuid"}, {"part": "-1"}, {"part": "x"}, {"arrangement": "pile"}])
def test_a_forged_form_stores_nothing(cast: Cast, fields: dict[str, str]) -> None:
    assert send(cast, jpeg(), **fields).status_code == 400
    assert (Upload.objects.count(), Photo.objects.count()) == (0, 0)


def test_fields_that_the_form_does_not_have_change_nothing(cast: Cast) -> None:
    send(cast, jpeg(), shop=str(cast.strangers_shop.pk), state="confirmed", source="person")
    listing = Listing.objects.get()
    assert (listing.shop, listing.state) == (cast.shop, "draft")


def test_what_all_have_in_common_is_written_into_each(cast: Cast) -> None:
    summer = term("season", "Summer")
    common = {"common-brand": "Asha", "common-price": "499", "common-season": str(summer.pk)}
    assert send(cast, jpeg("red"), jpeg("blue"), **common).status_code == 302
    assert (
        list(Listing.objects.values_list("brand", "tags__term", "tags__source")) == [("Asha", summer.pk, "person")] * 2
    )


@pytest.mark.parametrize(
    "common", [{"common-price": "-1"}, {"common-price": "x"}, {"common-season": "999999"}, {"common-brand": "x" * 81}]
)
def test_common_values_that_cannot_be_used_store_nothing(cast: Cast, common: dict[str, str]) -> None:
    for headers in ({}, SCRIPT):
        assert send(cast, jpeg(), headers=headers, **common).status_code == 400
    assert (Upload.objects.count(), Photo.objects.count()) == (0, 0)


def test_photos_are_added_to_the_listing_of_the_page(cast: Cast) -> None:
    listing = make_listing(cast.shop)
    data = {"token": str(uuid.uuid4()), "part": "0", "photos": [sent_file()]}
    response = cast.browser(cast.teammate).post(f"/listings/{listing.pk}/photos/", data)
    assert response.status_code == 302
    assert listing.photos.count() == 2


def drawn(kind: Kind = "shirt", **options: Any) -> bytes:
    return as_jpeg(product(kind, "red", (300, 400), seed=1), **options)


def test_a_photo_that_the_shop_has_already_is_told_at_once_and_asked_about_later(cast: Cast) -> None:
    send(cast, drawn())
    Listing.objects.update(title="Red tee")
    copy, other = str(uuid.uuid4()), str(uuid.uuid4())
    response = send(cast, drawn(quality=60), drawn("shoe"), headers=SCRIPT, keys=[copy, other])
    assert response.json()["copies"] == {copy: "Red tee"}
    answer = cast.browser(cast.seller).get(response.json()["status"], headers=SCRIPT)
    assert answer.json()["look_alikes"] == 1
    assert LookAlike.objects.values_list("photo__uploaded_file__key", "kind").get() == (copy, "copy")


def test_photos_of_one_product_share_a_listing_also_when_they_come_in_two_requests(cast: Cast) -> None:
    token = str(uuid.uuid4())
    shirt, shoe = str(uuid.uuid4()), str(uuid.uuid4())
    send(cast, jpeg("red"), jpeg("blue"), jpeg("green"), token=token, products=[shirt, shirt, shoe])
    send(cast, jpeg("black"), token=token, part=1, products=[shirt])
    first, second = Listing.objects.order_by("pk")
    assert [file.name for file in UploadedFile.objects.filter(photo__listing=first)] == ["photo.jpg"] * 3
    assert (first.photos.count(), second.photos.count()) == (3, 1)


def test_all_photos_are_named_a_product_or_none_is(cast: Cast) -> None:
    response = send(cast, jpeg("red"), jpeg("blue"), headers=SCRIPT, products=[str(uuid.uuid4())])
    assert (response.status_code, response.json()) == (400, {"errors": ["Some files did not arrive. Send them again."]})
    assert Photo.objects.count() == 0


def progress_of(cast: Cast) -> dict[str, Any]:
    upload = Upload.objects.get()
    answer = cast.browser(cast.seller).get(f"/uploads/{upload.pk}/status/", headers=SCRIPT)
    return dict(answer.json())


def test_progress_counts_what_waits_what_is_tagged_and_what_was_refused(cast: Cast) -> None:
    send(cast, jpeg("red"), jpeg("blue"), jpeg("green"), b"no picture")
    first, second, _third = TagRequest.objects.order_by("pk")
    TagRequest.objects.filter(pk=first.pk).update(state="done", finished_at=first.created_at)
    TagRequest.objects.filter(pk=second.pk).update(state="failed", reason="unreadable")
    answer = progress_of(cast)
    assert [each["state"] for each in answer.pop("finished")] == ["tagged"]
    assert answer.pop("seen") == first.created_at.isoformat()
    assert answer == {
        "total": 3,
        "tagged": 1,
        "failed": 1,
        "waiting": 1,
        "look_alikes": 0,
        "refused": [{"name": "photo.jpg", "reason": "not_an_image"}],
        "seconds_to_tag": [0.0],
    }


def test_the_progress_page_works_by_plain_reload(cast: Cast) -> None:
    send(cast, jpeg())
    response = cast.browser(cast.seller).get(f"/uploads/{Upload.objects.get().pk}/")
    assert response.status_code == 200
    assert response.context["status"].waiting == 1


def test_names_stand_for_themselves_in_pages_of_either_direction(cast: Cast) -> None:
    send(cast, jpeg(), b"no picture")
    TagRequest.objects.update(state="failed", reason="unreadable")
    Listing.objects.update(title="Tee 20-30")
    browser, listing = cast.browser(cast.seller), Listing.objects.get()
    progress = browser.get(f"/uploads/{Upload.objects.get().pk}/").content.decode()
    assert [name in progress for name in ("<bdi>photo.jpg</bdi>", "<bdi>Tee 20-30</bdi>")] == [True, True]
    assert "<bdi>Tee 20-30</bdi></a>" in browser.get(f"/listings/{listing.pk}/photos/").content.decode()


@pytest.mark.django_db
def test_progress_takes_the_same_queries_for_one_photo_and_for_three(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    browser = cast.browser(cast.seller)
    for contents in ((jpeg(),), (jpeg("red"), jpeg("blue"), jpeg("green"))):
        send(cast, *contents)
        upload = Upload.objects.latest("pk")
        with django_assert_num_queries(6):
            browser.get(f"/uploads/{upload.pk}/status/")


def test_a_failed_photo_can_be_tried_again_alone(cast: Cast) -> None:
    photo = make_photo(make_listing(cast.shop, photos=0))
    TagRequest.objects.create(photo=photo, shop=cast.shop, state="failed", reason="quarantined", attempts=3)
    cast.browser(cast.seller).post(f"/photos/{photo.pk}/retry/")
    again = TagRequest.objects.get(photo=photo, state="pending")
    assert (again.attempts, again.batch_limit) == (0, 1)
