"""Receiving uploads: every file ends as a photo or as a refusal, whatever is repeated or breaks in between."""

import uuid
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import Storage, default_storage, storages
from django.db import IntegrityError
from PIL import Image

from catalog.models import Listing, Photo, TagField
from catalog.services.listings import ListingDetails
from onboarding.errors import PhotosNotStored
from onboarding.models import Confirmation, TagRequest, Upload, UploadedFile
from onboarding.services.receiving import Arrangement, CommonValues, receive_photos
from tests.conftest import Cast, jpeg, make_listing, sent_file, stored_files, term


def receive(cast: Cast, *contents: bytes, **options: Any) -> Upload:
    values = {"token": uuid.uuid4(), "part": 0, "arrangement": Arrangement(), **options}
    files = [sent_file(content, f"photo-{number}.jpg") for number, content in enumerate(contents)]
    return receive_photos(shop=cast.shop, user=cast.seller, files=files, **values)


def test_each_photo_becomes_a_draft_listing_that_waits_for_tags(cast: Cast) -> None:
    upload = receive(cast, jpeg("red"), jpeg("blue"))
    photos = list(Photo.objects.order_by("pk"))
    assert [photo.listing.shop for photo in photos] == [cast.shop, cast.shop]
    assert len({photo.listing_id for photo in photos}) == 2
    assert [photo.listing.state for photo in photos] == [Listing.State.DRAFT] * 2
    assert list(TagRequest.objects.order_by("pk").values_list("photo", "shop", "state", "attempts")) == [
        (photo.pk, cast.shop.pk, "pending", 0) for photo in photos
    ]
    assert [file.photo for file in upload.files.order_by("pk")] == photos


def test_a_file_with_a_name_of_its_own_enters_once_in_whatever_company_it_is_sent_again(cast: Cast) -> None:
    token, (red, blue, green) = uuid.uuid4(), (uuid.uuid4() for _ in range(3))
    receive(cast, jpeg("red"), jpeg("blue"), token=token, keys=[red, blue])
    upload = receive(cast, jpeg("blue"), jpeg("blue"), token=token, part=1, keys=[blue, green])
    assert list(upload.files.order_by("pk").values_list("key", flat=True)) == [str(red), str(blue), str(green)]
    assert Photo.objects.count() == 3


def test_a_location_that_the_sender_removed_is_told_like_one_that_we_did(cast: Cast) -> None:
    first, second = uuid.uuid4(), uuid.uuid4()
    upload = receive(cast, jpeg("red"), jpeg("blue"), keys=[first, second], located=[second])
    assert list(upload.files.order_by("pk").values_list("had_location", flat=True)) == [False, True]


def test_common_values_are_a_persons_in_every_new_listing_and_are_left_out_of_training(cast: Cast) -> None:
    common = CommonValues(
        details=ListingDetails(brand="Asha", price=Decimal("499.00")),
        choices={TagField.SEASON: term("season", "Summer")},
    )
    receive(cast, jpeg("red"), jpeg("blue"), common=common)
    for listing in Listing.objects.all():
        assert (listing.brand, listing.price, listing.state) == ("Asha", Decimal("499.00"), "draft")
        assert [(tag.field, tag.term.key, tag.source) for tag in listing.tags.all() if tag.term] == [
            ("season", "Summer", "person")
        ]
    assert set(Confirmation.objects.values_list("how", "is_whole", "actor")) == {("bulk", False, cast.seller.pk)}


def test_photos_for_one_listing_get_the_common_values_once(cast: Cast) -> None:
    common = CommonValues(choices={TagField.SEASON: term("season", "Summer")})
    token, one = uuid.uuid4(), Arrangement(as_one_listing=True)
    receive(cast, jpeg("red"), jpeg("blue"), token=token, arrangement=one, common=common)
    receive(cast, jpeg("green"), token=token, part=1, arrangement=one, common=common)
    assert (Listing.objects.count(), Confirmation.objects.count()) == (1, 1)


def test_all_photos_of_one_product_share_a_listing_in_their_order(cast: Cast) -> None:
    token = uuid.uuid4()
    one = Arrangement(as_one_listing=True)
    receive(cast, jpeg("red"), jpeg("blue"), token=token, arrangement=one)
    receive(cast, jpeg("green"), token=token, part=1, arrangement=one)
    listing = Listing.objects.get()
    assert [photo.position for photo in listing.photos.all()] == [0, 1, 2]


def test_photos_can_join_an_existing_listing(cast: Cast) -> None:
    listing = make_listing(cast.shop, photos=1)
    receive(cast, jpeg("red"), arrangement=Arrangement(into=listing))
    assert Listing.objects.get() == listing
    assert listing.photos.count() == 2


def test_a_bad_file_is_named_with_its_reason_and_the_good_ones_go_on(cast: Cast) -> None:
    upload = receive(cast, jpeg(), b"", b"no picture", jpeg("blue")[:300])
    assert list(upload.files.order_by("pk").values_list("name", "refused_because")) == [
        ("photo-0.jpg", ""),
        ("photo-1.jpg", "empty"),
        ("photo-2.jpg", "not_an_image"),
        ("photo-3.jpg", "truncated"),
    ]
    assert Photo.objects.count() == 1


def test_repeating_a_request_brings_nothing_in_twice(cast: Cast) -> None:
    token = uuid.uuid4()
    contents = (jpeg("red"), b"no picture", jpeg("blue"))
    first, second = (receive(cast, *contents, token=token) for _ in range(2))
    assert first == second
    assert (Photo.objects.count(), UploadedFile.objects.count(), TagRequest.objects.count()) == (2, 3, 2)
    assert len(stored_files()) == 2 * 3


def test_a_request_that_was_cut_off_is_completed_by_sending_it_again(cast: Cast) -> None:
    token = uuid.uuid4()
    receive(cast, jpeg("red"), token=token)
    receive(cast, jpeg("red"), jpeg("blue"), token=token)
    assert Photo.objects.count() == 2


def test_the_same_photo_twice_in_one_pile_is_the_sellers_right(cast: Cast) -> None:
    receive(cast, jpeg("red"), jpeg("red"))
    assert Photo.objects.count() == 2
    assert len(set(Photo.objects.values_list("sha256", flat=True))) == 1


def test_another_shop_may_use_the_same_token(cast: Cast) -> None:
    token = uuid.uuid4()
    receive(cast, jpeg(), token=token)
    receive_photos(
        shop=cast.strangers_shop,
        user=cast.stranger,
        token=token,
        part=0,
        files=[sent_file()],
        arrangement=Arrangement(),
    )
    assert list(Upload.objects.order_by("pk").values_list("shop", flat=True)) == [cast.shop.pk, cast.strangers_shop.pk]
    assert Photo.objects.count() == 2


def test_a_large_pile_leaves_the_first_photos_their_priority(cast: Cast) -> None:
    receive(cast, *(jpeg(size=(40 + number, 60)) for number in range(25)))
    priorities = list(TagRequest.objects.order_by("pk").values_list("priority", flat=True))
    assert priorities == [0] * 20 + [10] * 5


@pytest.mark.parametrize("failing_write", [1, 2, 3])
def test_a_storage_that_fails_leaves_neither_file_nor_row(
    cast: Cast, failing_write: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend: Any = type(storages["default"])
    save = backend._save
    writes = []

    def failing(self: Storage, name: str, content: Any) -> str:
        writes.append(name)
        if len(writes) == failing_write:
            raise OSError("no space left on device")
        return str(save(self, name, content))

    monkeypatch.setattr(backend, "_save", failing)
    with pytest.raises(PhotosNotStored, match="cannot store photos"):
        receive(cast, jpeg())
    assert stored_files() == []
    assert (Photo.objects.count(), Listing.objects.count(), UploadedFile.objects.count()) == (0, 0, 0)


def test_a_database_that_fails_leaves_no_file(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(**_kwargs: Any) -> None:
        raise RuntimeError("the database went away")

    monkeypatch.setattr("onboarding.services.receiving.enqueue_photo", failing)
    with pytest.raises(RuntimeError, match="went away"):
        receive(cast, jpeg())
    assert stored_files() == []
    assert (Photo.objects.count(), Listing.objects.count(), UploadedFile.objects.count()) == (0, 0, 0)


def test_an_error_that_is_no_repetition_is_not_taken_for_one(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(**_kwargs: Any) -> None:
        raise IntegrityError("the upload has been deleted meanwhile")

    monkeypatch.setattr("onboarding.services.receiving.enqueue_photo", failing)
    with pytest.raises(IntegrityError, match="deleted meanwhile"):
        receive(cast, jpeg())
    assert stored_files() == []
    assert (Photo.objects.count(), Listing.objects.count(), UploadedFile.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\photos\\shirt.jpg", "shirt.jpg"),
        ("red\u202egpj.exe", "redgpj.exe"),
        ("x" * 400 + ".jpg", "x" * 255),
    ],
)
def test_a_files_name_is_only_data(cast: Cast, sent: str, shown: str) -> None:
    file = sent_file(b"no picture")
    file._name = sent  # as a hostile client sends it, past Django's own cleaning
    upload = receive_photos(
        shop=cast.shop, user=cast.seller, token=uuid.uuid4(), part=0, files=[file], arrangement=Arrangement()
    )
    assert upload.files.get().name == shown


def test_where_a_photo_was_taken_reaches_no_stored_file(cast: Cast) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    buffer = BytesIO()
    Image.new("RGB", (120, 160), "red").save(buffer, "JPEG", exif=exif)
    assert b"Exif" in buffer.getvalue()
    upload = receive(cast, buffer.getvalue())
    assert upload.files.get().had_location is True
    for name in stored_files():
        with default_storage.open(name) as stored:
            content = stored.read()
        assert b"Exif" not in content
        with Image.open(BytesIO(content)) as image:
            assert dict(image.getexif()) == {}
