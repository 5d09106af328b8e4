"""Labels over the API: out in the published layout, in as a table."""

import csv
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from rest_framework.test import APIClient

from catalog.models import Listing, ListingTag, Photo, TagField
from ml.layouts import read_folder
from onboarding.label_files import COLUMNS
from onboarding.models import Confirmation, IdempotentRequest
from onboarding.services.confirming import Decision, confirm_listing, undo_confirmation
from tests.conftest import Cast, jpeg, make_listing, make_photo, sent_file, term
from tests.onboarding.api.conftest import API
from tests.onboarding.test_labels import decide

HEADER = "id,gender,masterCategory,subCategory,articleType,baseColour,season,year,usage,productDisplayName"
TEE = "Men,Apparel,Topwear,Tshirts,Blue,Summer,2012,Casual,Blue tee, plain"


def table(*rows: tuple[Photo, str]) -> str:
    return "\n".join([HEADER, *(f"{photo.pk},{values}" for photo, values in rows)])


def send(api: APIClient, cast: Cast, styles: str, key: str | None = None, **more: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return api.post(f"{API}/shops/{cast.shop.pk}/labels/", {"styles": styles, **more}, headers=headers)


def send_file(api: APIClient, cast: Cast, content: bytes, key: str | None = None, **more: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    body = {"styles": sent_file(content, "styles.csv"), **more}
    return api.post(f"{API}/shops/{cast.shop.pk}/labels/", body, format="multipart", headers=headers)


def tags(listing: Listing) -> dict[str, tuple[str | None, str]]:
    rows = ListingTag.objects.filter(listing=listing).values_list("field", "term__key", "source")
    return {field: (key, source) for field, key, source in rows}


def test_the_zip_is_what_training_reads(cast: Cast, api: APIClient, tmp_path: Path) -> None:
    listing, undecided = make_listing(cast.shop, photos=0, title='=1+1, "red"'), make_listing(cast.shop)
    photos = [make_photo(listing, jpeg(colour)) for colour in ("red", "blue")]
    decide(cast, listing, colour="Red", season=None, category="Apparel")
    decide(cast, make_listing(cast.strangers_shop), colour="Blue")
    answer = api.get(f"{API}/shops/{cast.shop.pk}/labels/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    with ZipFile(BytesIO(b"".join(answer.streaming_content))) as archive:  # type: ignore[attr-defined]
        archive.extractall(tmp_path)
    assert [(each.picture.name, each.labels) for each in read_folder(tmp_path)] == [
        (f"{photo.pk}.jpg", {"master_category": "Apparel", "colour": "Red"}) for photo in photos
    ]
    assert (tmp_path / "images" / f"{photos[1].pk}.jpg").read_bytes() == jpeg("blue")
    assert undecided.photos.get().pk not in [int(each.picture.stem) for each in read_folder(tmp_path)]


def test_the_table_alone_has_the_published_columns_and_no_formula(cast: Cast, api: APIClient) -> None:
    listing = make_listing(cast.shop, title='=1+1, "red"')
    decide(cast, listing, colour="Red")
    answer = api.get(f"{API}/shops/{cast.shop.pk}/labels/?format=csv")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    pk = listing.photos.get().pk
    assert (answer["Content-Type"], text.splitlines()[0]) == ("text/csv", HEADER)
    assert list(csv.DictReader(StringIO(text))) == [
        {**dict.fromkeys(COLUMNS, ""), "id": str(pk), "baseColour": "Red", "productDisplayName": '\'=1+1, "red"'}
    ]


def test_a_table_decides_listings_and_repeating_it_changes_nothing(cast: Cast, api: APIClient) -> None:
    listing = make_listing(cast.shop, title="Mine")
    styles = table((listing.photos.get(), TEE))
    assert send(api, cast, styles).json() == {"confirmed": 1, "unchanged": 0, "kept": []}
    assert tags(listing) == {
        "category": ("Tshirts", "import"),
        "colour": ("Blue", "import"),
        "season": ("Summer", "import"),
        "gender": ("Men", "import"),
        "usage": ("Casual", "import"),
    }
    listing.refresh_from_db()
    assert (listing.state, listing.title, Confirmation.objects.get().how) == ("confirmed", "Mine", "import")
    assert send(api, cast, styles).json() == {"confirmed": 0, "unchanged": 1, "kept": []}
    assert (Confirmation.objects.count(), listing.revision) == (1, Listing.objects.get().revision)


def test_what_was_exported_can_be_imported_and_changes_nothing(cast: Cast, api: APIClient) -> None:
    for colour in ("Red", "Blue"):
        decide(cast, make_listing(cast.shop, photos=2), colour=colour)
    exported = api.get(f"{API}/shops/{cast.shop.pk}/labels/?format=csv")
    text = b"".join(exported.streaming_content).decode()  # type: ignore[attr-defined]
    assert send(api, cast, text, overwrite=True).json() == {"confirmed": 0, "unchanged": 2, "kept": []}
    assert Confirmation.objects.count() == 2


def test_empty_cells_and_na_leave_fields_empty(cast: Cast, api: APIClient) -> None:
    listing = make_listing(cast.shop)
    send(api, cast, table((listing.photos.get(), ",Apparel,NA,,none,nan,,N/A,")))
    assert tags(listing) == {
        "category": ("Apparel", "import"),
        **{field.value: (None, "import") for field in TagField if field != TagField.CATEGORY},
    }


def test_what_a_person_decided_is_kept_unless_it_shall_be_overwritten(cast: Cast, api: APIClient) -> None:
    listing = make_listing(cast.shop)
    decide(cast, listing, colour="Red")
    styles = table((listing.photos.get(), TEE))
    assert send(api, cast, styles).json() == {"confirmed": 0, "unchanged": 0, "kept": [listing.pk]}
    assert tags(listing)["colour"] == ("Red", "person")
    assert send(api, cast, styles, overwrite=True).json() == {"confirmed": 1, "unchanged": 0, "kept": []}
    assert tags(listing)["colour"] == ("Blue", "import")


def test_what_a_person_decided_about_one_field_of_a_draft_is_kept_too(cast: Cast, api: APIClient) -> None:
    agreeing, differing = make_listing(cast.shop), make_listing(cast.shop)
    for listing, colour in ((agreeing, "Blue"), (differing, "Red")):
        choices = {TagField.COLOUR: term("colour", colour)}
        decision = Decision(choices=choices, seen_revision=0, idempotency_key="k", is_whole=False)
        confirm_listing(listing=listing, actor=cast.seller, decision=decision)
    styles = table(*((listing.photos.get(), TEE) for listing in (agreeing, differing)))
    assert send(api, cast, styles).json() == {"confirmed": 1, "unchanged": 0, "kept": [differing.pk]}
    assert (tags(agreeing)["category"], tags(differing)) == (("Tshirts", "import"), {"colour": ("Red", "person")})
    assert dict(Listing.objects.values_list("pk", "state")) == {agreeing.pk: "confirmed", differing.pk: "draft"}


def test_a_file_is_imported_like_its_text_and_once_under_a_key(cast: Cast, api: APIClient) -> None:
    listing = make_listing(cast.shop)
    content = b"\xef\xbb\xbf" + table((listing.photos.get(), TEE)).encode()
    first = send_file(api, cast, content, key="k-1")
    assert (first.status_code, first.json()) == (200, {"confirmed": 1, "unchanged": 0, "kept": []})
    assert send_file(api, cast, content, key="k-1").json() == first.json()
    assert send_file(api, cast, content, key="k-1", overwrite="true").status_code == 422
    assert (tags(listing)["colour"], Confirmation.objects.count()) == (("Blue", "import"), 1)


def test_a_file_that_is_no_text_or_too_large_imports_nothing(cast: Cast, api: APIClient, settings: Any) -> None:
    refused = send_file(api, cast, jpeg())
    assert (refused.status_code, refused.json()["fields"]) == (400, {"styles": ["The file is not text in UTF-8."]})
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    content = table((make_listing(cast.shop).photos.get(), TEE)).encode()
    assert send_file(api, cast, content).status_code == 413
    assert Confirmation.objects.count() == 0


def test_an_import_can_be_undone_like_any_decision(cast: Cast, api: APIClient) -> None:
    listing = make_listing(cast.shop)
    send(api, cast, table((listing.photos.get(), TEE)))
    undo_confirmation(confirmation=Confirmation.objects.get(), actor=cast.seller)
    listing.refresh_from_db()
    assert (listing.state, tags(listing)) == ("draft", {})


def test_every_wrong_cell_is_named_and_nothing_is_imported(cast: Cast, api: APIClient) -> None:
    good, second = make_listing(cast.shop), make_listing(cast.shop, photos=2)
    foreign = make_listing(cast.strangers_shop)
    first_photo, second_photo = second.photos.all()
    styles = table(
        (good.photos.get(), TEE),
        (foreign.photos.get(), TEE),
        (first_photo, "Men,Apparel,Topwear,Hats,Rainbow,Summer,2012,Casual,x"),
        (first_photo, ",,Topwear,,Red,,,,"),
        (first_photo, ",,,,Red,,,,"),
        (second_photo, ",,,,Blue,,,,"),
    )
    answer = send(api, cast, styles, key="k-1")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_rows")
    assert [(row["line"], row["column"], row["detail"]) for row in answer.json()["rows"]] == [
        (3, "id", "There is no such photo in this shop."),
        (4, "articleType", "There is no value “Hats” here."),
        (4, "baseColour", "There is no value “Rainbow” here."),
        (5, "masterCategory", "There is no value “” here."),
        (7, "baseColour", "Another line has another value for a photo of the same listing."),
    ]
    assert (Confirmation.objects.count(), IdempotentRequest.objects.count()) == (0, 0)
    assert set(Listing.objects.values_list("state", flat=True)) == {"draft"}


@pytest.mark.parametrize(
    ("styles", "rows"),
    [
        ("id,gender\n1,Men", [(1, column) for column in COLUMNS[2:7]] + [(1, "usage")]),
        (f"{HEADER}\n1,Men", [(2, "masterCategory")]),
        (f"{HEADER}\nfirst.jpg,{TEE}\n\n１,{TEE}", [(2, "id"), (4, "id")]),
        (f"{HEADER}\n1,\0", []),
        (f'{HEADER}\n1,"{"x" * 140_000}"', [(2, "")]),
    ],
)
def test_a_table_in_another_form_is_refused(
    cast: Cast, api: APIClient, styles: str, rows: list[tuple[int, str]]
) -> None:
    answer = send(api, cast, styles)
    assert answer.status_code == 400
    assert [(row["line"], row["column"]) for row in answer.json().get("rows", [])] == rows


def test_a_table_is_limited(cast: Cast, api: APIClient, settings: Any) -> None:
    settings.LABEL_IMPORT_MAX_ROWS = 1
    listing = make_listing(cast.shop, photos=2)
    answer = send(api, cast, table(*((photo, TEE) for photo in listing.photos.all())))
    assert answer.json()["rows"] == [{"line": 3, "column": "", "detail": "Send at most 1 lines at a time."}]
    assert Confirmation.objects.count() == 0


def test_names_of_columns_may_be_spelt_otherwise_and_further_columns_are_left(cast: Cast, api: APIClient) -> None:
    listing = make_listing(cast.shop)
    header = "\ufeffphoto,ID,Gender,master_category,sub category,Article-Type,basecolour,season,usage"
    send(api, cast, f"{header}\nx,{listing.photos.get().pk},,,,,Red,,")
    assert tags(listing)["colour"] == ("Red", "import")
