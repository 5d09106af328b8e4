"""The admin: what staff find in lists and on pages, how they get from one to the other, and what it costs."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Invitation, Listing, TagField
from onboarding.models import Confirmation, Evaluation, Label, Prediction, RetrainRun, TagRequest, Upload, UploadedFile
from onboarding.services.confirming import Decision, confirm_listing
from tests.conftest import Cast, make_listing, make_shop, make_user, make_version, predict, term

LISTS = {  # and how many queries the list of it takes, with filters, counts and all that it shows
    "catalog/invitation": 7,
    "catalog/listing": 5,
    "catalog/photo": 4,
    "catalog/shop": 8,
    "catalog/term": 6,
    "onboarding/confirmation": 4,
    "onboarding/evaluation": 7,
    "onboarding/label": 6,
    "onboarding/modelversion": 6,
    "onboarding/prediction": 5,
    "onboarding/retrainrun": 6,
    "onboarding/tagrequest": 4,
    "onboarding/upload": 6,
    "onboarding/uploadedfile": 4,
    "onboarding/user": 8,
}
HELD_BY_SERVICES = [
    "confirmation", "evaluation", "label", "modelversion", "prediction", "retrainrun", "tagrequest", "upload",
    "uploadedfile",
]  # fmt: skip


@pytest.fixture
def staff(cast: Cast) -> Client:
    return cast.browser(make_user("admin@example.com", is_staff=True, is_superuser=True))


def make_rows(cast: Cast, number: int) -> Listing:
    """One more row of everything, each with a shop, a model version and people of its own."""
    seller = make_user(f"seller{number}@example.com")
    shop = make_shop(seller, f"Shop {number}")
    version = make_version(f"{number}" * 64, state="retired", activated_at=timezone.now())
    listing = make_listing(shop, photos=2, title=f"Tee {number}")
    photo = listing.photos.all()[0]
    predict(photo, version, "colour", term("colour", "Red"), alternatives=[[term("colour", "Blue").pk, 0.02]])
    choices = {TagField.COLOUR: term("colour", "Red"), TagField.SEASON: None}
    decision = Decision(choices=choices, seen_revision=listing.revision, idempotency_key=f"{number}")
    confirm_listing(listing=listing, actor=seller, decision=decision)
    Label.objects.filter(confirmation__listing=listing).update(
        suggested=term("colour", "Blue"), suggested_confidence=0.4, model_version=version
    )
    TagRequest.objects.create(photo=photo, shop=shop, state="failed", reason="unreadable")
    upload = Upload.objects.create(shop=shop, user=seller)
    UploadedFile.objects.create(upload=upload, key="0", name="tee.jpg", photo=photo, had_location=True)
    UploadedFile.objects.create(upload=upload, key="1", name="notes.txt", refused_because="not_picture")
    run = RetrainRun.objects.create(
        base=version, candidate=version, host="here:1", state="kept", lease_until=timezone.now(),
        report={"reasons": ["No better on sellers' photos."]},
    )  # fmt: skip
    Evaluation.objects.create(model_version=version, pictures="held_out", run=run, figures={"colour": {"n": 1}})
    Invitation.objects.create(shop=shop, email=f"new{number}@example.com", invited_by=seller)
    return listing


def text_of(page: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page.content.decode()).split())


def change_page(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


# --- Lists --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("model", LISTS)
def test_a_list_takes_as_many_queries_for_one_row_as_for_three(
    cast: Cast, staff: Client, django_assert_num_queries: Any, model: str, count: int
) -> None:
    for number in range(count):
        make_rows(cast, number)
    with django_assert_num_queries(LISTS[model]):
        assert staff.get(f"/admin/{model}/").status_code == 200


MOST_OPENED = 20  # of a hundred terms


@pytest.mark.parametrize("model", LISTS)
def test_every_list_can_be_searched_and_its_rows_opened(cast: Cast, staff: Client, model: str) -> None:
    make_rows(cast, 0)
    page = staff.get(f"/admin/{model}/").content.decode()
    rows = set(re.findall(rf'href="(/admin/{model}/\d+/change/)[^"]*"', page))
    assert rows
    assert {staff.get(row).status_code for row in sorted(rows)[:MOST_OPENED]} == {200}
    found = staff.get(f"/admin/{model}/?q=nothing+is+called+so")
    assert (found.status_code, found.context["cl"].result_count) == (200, 0)


@pytest.mark.parametrize(
    ("model", "words", "expected"),
    [
        ("catalog/listing", "Shop 1", 1),
        ("catalog/photo", "Tee 1", 2),
        ("catalog/shop", "seller1@example.com", 1),
        ("onboarding/confirmation", "seller1@", 1),
        ("onboarding/label", "Red", 2),
        ("onboarding/prediction", "Red", 2),
        ("onboarding/tagrequest", '"Shop 1"', 1),
        ("onboarding/upload", "seller1@", 1),
        ("onboarding/uploadedfile", "notes", 2),
        ("onboarding/retrainrun", "model-1", 1),
    ],
)
def test_a_search_finds_what_people_know_a_row_by(
    cast: Cast, staff: Client, model: str, words: str, expected: int
) -> None:
    for number in range(2):
        make_rows(cast, number)
    assert staff.get(f"/admin/{model}/", {"q": words}).context["cl"].result_count == expected


def test_a_row_leads_to_what_it_is_about(cast: Cast, staff: Client) -> None:
    listing = make_rows(cast, 0)
    confirmation, prediction = Confirmation.objects.get(), Prediction.objects.get()
    page = staff.get("/admin/onboarding/confirmation/").content.decode()
    for related in (confirmation, listing, listing.shop, confirmation.actor):
        assert f'href="{change_page(related)}"' in page
    page = staff.get("/admin/onboarding/prediction/").content.decode()
    for related in (prediction, prediction.photo, prediction.term, prediction.model_version, listing):
        assert f'href="{change_page(related)}"' in page


def test_photos_are_shown_through_the_page_for_staff(cast: Cast, staff: Client) -> None:
    listing = make_rows(cast, 0)
    first = listing.photos.all()[0]
    address = reverse("onboarding:staff_photo", args=[first.pk, "display"])
    pages = ["catalog/listing/", "catalog/photo/", "onboarding/prediction/", "onboarding/tagrequest/",
             "onboarding/uploadedfile/", f"catalog/photo/{first.pk}/change/",
             f"catalog/listing/{listing.pk}/change/"]  # fmt: skip
    for page in pages:
        assert (page, address in staff.get(f"/admin/{page}").content.decode()) == (page, True)
    assert staff.get(address).status_code == 200


def test_an_upload_counts_its_files_and_leads_to_them(cast: Cast, staff: Client) -> None:
    make_rows(cast, 0)
    make_rows(cast, 1)
    upload = Upload.objects.latest("pk")
    page = staff.get("/admin/onboarding/upload/").content.decode()
    files = f"/admin/onboarding/uploadedfile/?upload__id__exact={upload.pk}"
    assert f'<a href="{files}">2</a>' in page
    listed = staff.get(files)
    assert listed.context["cl"].result_count == 2
    assert "removed" in text_of(listed)


# --- Pages --------------------------------------------------------------------------------------------------------


def test_a_prediction_shows_its_runners_up_by_name(cast: Cast, staff: Client) -> None:
    make_rows(cast, 0)
    assert "Blue 2.0%" in text_of(staff.get(change_page(Prediction.objects.get())))


def test_a_decision_shows_its_fields_and_labels(cast: Cast, staff: Client) -> None:
    make_rows(cast, 0)
    page = text_of(staff.get(change_page(Confirmation.objects.get())))
    assert "Colour, Season" in page
    assert "model-00000000" in page


def test_a_label_says_whether_the_network_was_right(cast: Cast, staff: Client) -> None:
    make_rows(cast, 0)
    assert 'alt="False"' in staff.get("/admin/onboarding/label/").content.decode()
    Label.objects.update(suggested=term("colour", "Red"))
    assert 'alt="True"' in staff.get("/admin/onboarding/label/").content.decode()
    Label.objects.update(suggested=None, suggested_confidence=None, model_version=None)
    assert 'alt="None"' in staff.get("/admin/onboarding/label/").content.decode()


def test_a_network_leads_to_its_evidence_and_a_retraining_says_why(cast: Cast, staff: Client) -> None:
    make_rows(cast, 0)
    run, evaluation = RetrainRun.objects.get(), Evaluation.objects.get()
    evidence = reverse("onboarding:staff_model", args=[run.base_id])
    for row in (run.base, evaluation):
        assert f'href="{evidence}"' in staff.get(change_page(row)).content.decode()
    assert "No better on sellers&#x27; photos." in staff.get(change_page(run)).content.decode()


def test_a_person_shows_their_shops_and_cannot_be_put_into_others_there(cast: Cast, staff: Client) -> None:
    page = staff.get(change_page(cast.teammate))
    assert cast.shop.name.replace("'", "&#x27;") in page.content.decode()
    inlines = page.context["inline_admin_formsets"]
    assert [(each.has_add_permission, each.has_change_permission) for each in inlines] == [(False, False)]


@pytest.mark.parametrize("model", HELD_BY_SERVICES)
def test_what_only_services_write_cannot_be_written_here(cast: Cast, staff: Client, model: str) -> None:
    make_rows(cast, 0)
    page = staff.get(f"/admin/onboarding/{model}/")
    row = page.context["cl"].result_list[0]
    before = list(type(row).objects.order_by("pk").values())
    sent = {"post": "yes", "state": "done", "name": "Changed", "action": "delete_selected", "_selected_action": row.pk}
    statuses = [staff.post(f"/admin/onboarding/{model}/{path}", sent).status_code
                for path in ("add/", f"{row.pk}/change/", f"{row.pk}/delete/")]  # fmt: skip
    assert statuses == [403, 403, 403]
    staff.post(f"/admin/onboarding/{model}/", sent)
    assert list(type(row).objects.order_by("pk").values()) == before


# --- The first page -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_the_first_page_says_what_needs_attention_in_a_fixed_number_of_queries(
    cast: Cast, staff: Client, django_assert_num_queries: Any, count: int
) -> None:
    for number in range(count):
        make_rows(cast, number)
    with django_assert_num_queries(7):
        page = staff.get("/admin/")
    text = text_of(page)
    failed = "1 photo could not be tagged" if count == 1 else "3 photos could not be tagged"
    for sentence in (failed, "0 low-confidence tags to decide", "No model", "not better: the active model stays"):
        assert sentence in text
    assert 'href="/admin/onboarding/tagrequest/?state__exact=failed"' in page.content.decode()


RIGHTS = {
    "review_predictions": ["low-confidence tags"],
    "view_tagrequest": ["could not be tagged", "waiting for their tags"],
    "view_modelversion": ["at work since"],
    "view_retrainrun": ["retraining of"],
    "view_label": [],
}


@pytest.fixture
def attended(cast: Cast) -> None:
    version = make_version(activated_at=timezone.now())
    RetrainRun.objects.create(base=version, host="here:1", lease_until=timezone.now())


@pytest.mark.parametrize("right", RIGHTS)
def test_the_first_page_tells_nobody_more_than_they_may_see(cast: Cast, attended: None, right: str) -> None:
    person = make_user("some@example.com", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename=right))
    page = cast.browser(person).get("/admin/").content.decode()
    sentences = [each for known in RIGHTS.values() for each in known]
    assert [each for each in sentences if each in page] == RIGHTS[right]


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        ("review_predictions", ["/staff/queue/", "/admin/"]),
        ("view_modelversion", ["/staff/models/", "/admin/"]),
        ("view_label", ["/admin/"]),
    ],
)
def test_the_navigation_of_the_staff_leads_where_one_may_go(cast: Cast, right: str, expected: list[str]) -> None:
    person = make_user("some@example.com", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename=right))
    browser = cast.browser(person)
    page = browser.get("/admin/").content.decode()
    links = re.findall(r'href="([^"]*)"', page.partition('class="staff-nav"')[2].partition("</nav>")[0])
    assert links == expected
    assert {browser.get(link).status_code for link in links} == {200}


def test_no_page_needs_what_the_content_policy_forbids(cast: Cast, staff: Client) -> None:
    listing = make_rows(cast, 0)
    pages = ["/admin/", *(f"/admin/{model}/" for model in LISTS), change_page(listing), change_page(listing.shop),
             change_page(cast.seller), "/admin/catalog/term/add/", "/admin/onboarding/user/add/",
             "/admin/password_change/"]  # fmt: skip
    for path in pages:
        page = staff.get(path)
        assert "unsafe" not in page["Content-Security-Policy"]
        inline = re.findall(r"<style|\sstyle=|\son\w+=\"|<script(?![^>]*\ssrc=)[^>]*>", page.content.decode())
        assert (path, inline) == (path, [])
