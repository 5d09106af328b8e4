"""The catalogue in the admin: what staff change is counted, checked, and goes the same ways as everywhere."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from catalog.models import Listing, ListingTag, Photo, Shop, Term
from onboarding.models import Prediction, TagRequest
from tests.conftest import Cast, make_listing, make_user, make_version, predict, stored_files, term

NAMES = {"names-TOTAL_FORMS": "0", "names-INITIAL_FORMS": "0"}
TAGS = {f"{name}-{what}_FORMS": "0" for name in ("photos", "tags") for what in ("TOTAL", "INITIAL")}


@pytest.fixture
def staff(cast: Cast) -> Client:
    return cast.browser(make_user("admin@example.com", is_staff=True, is_superuser=True))


def edit(staff: Client, listing: Listing, **fields: Any) -> HttpResponse:
    data = {"title": listing.title, "description": "", "sku": "", "price": "", **TAGS, **fields}
    return staff.post(f"/admin/catalog/listing/{listing.pk}/change/", data)


@pytest.mark.parametrize(
    "model", ["shop", "invitation", "listing", "photo", "term"], ids=lambda model: f"the list of {model}s"
)
def test_lists_open_and_can_be_searched(cast: Cast, staff: Client, model: str) -> None:
    make_listing(cast.shop)
    assert staff.get(f"/admin/catalog/{model}/").status_code == 200


def test_details_that_staff_change_count_as_a_change_by_a_person(cast: Cast, staff: Client) -> None:
    listing = make_listing(cast.shop, title="Tee")
    assert edit(staff, listing, title="Blue tee", price="5").status_code == 302
    listing.refresh_from_db()
    assert (listing.title, str(listing.price), listing.person_revision) == ("Blue tee", "5.00", 1)


def test_saving_without_a_change_counts_as_none(cast: Cast, staff: Client) -> None:
    listing = make_listing(cast.shop, title="Tee")
    assert edit(staff, listing).status_code == 302
    listing.refresh_from_db()
    assert (listing.title, listing.revision, listing.person_revision) == ("Tee", 0, 0)


def test_tags_and_state_are_shown_and_cannot_be_written(cast: Cast, staff: Client) -> None:
    listing = make_listing(cast.shop, title="Tee")
    tag = ListingTag.objects.create(listing=listing, field="colour", term=term("colour", "Blue"), source="model")
    forged = {
        "tags-TOTAL_FORMS": "1",
        "tags-INITIAL_FORMS": "1",
        "tags-0-id": tag.pk,
        "tags-0-field": "colour",
        "tags-0-term": term("colour", "Red").pk,
        "tags-0-source": "person",
    }
    edit(staff, listing, state="confirmed", shop=cast.strangers_shop.pk, **forged)
    listing.refresh_from_db()
    tag.refresh_from_db()
    assert (listing.state, listing.shop) == ("draft", cast.shop)
    assert (tag.term, tag.source) == (term("colour", "Blue"), "model")


@pytest.mark.django_db(transaction=True)
def test_photos_that_staff_delete_take_their_files_and_count_as_a_change(cast: Cast, staff: Client) -> None:
    listing = make_listing(cast.shop, photos=3)
    first, *others = listing.photos.all()
    staff.post(f"/admin/catalog/photo/{first.pk}/delete/", {"post": "yes"})
    assert (Photo.objects.count(), len(stored_files())) == (2, 6)
    chosen = {"action": "delete_selected", "_selected_action": [each.pk for each in others], "post": "yes"}
    staff.post("/admin/catalog/photo/", chosen)
    listing.refresh_from_db()
    assert (Photo.objects.count(), stored_files()) == (0, [])
    assert listing.person_revision >= 3


@pytest.mark.django_db(transaction=True)
def test_listings_that_staff_delete_take_their_files(cast: Cast, staff: Client) -> None:
    first, second, kept = (make_listing(cast.shop) for _ in range(3))
    staff.post(f"/admin/catalog/listing/{first.pk}/delete/", {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": [second.pk], "post": "yes"}
    staff.post("/admin/catalog/listing/", chosen)
    assert (list(Listing.objects.all()), len(stored_files())) == ([kept], 3)


def save_term(staff: Client, one: Term, **fields: Any) -> HttpResponse:
    data = {"key": one.key, "parent": one.parent_id or "", "merged_into": "", **NAMES, **fields}
    return staff.post(f"/admin/catalog/term/{one.pk}/change/", data)


def test_staff_retire_and_merge_terms(staff: Client) -> None:
    navy, blue = term("colour", "Navy Blue"), term("colour", "Blue")
    now = timezone.now()
    moment = {"retired_at_0": f"{now:%Y-%m-%d}", "retired_at_1": f"{now:%H:%M:%S}"}
    assert save_term(staff, navy, merged_into=blue.pk, **moment).status_code == 302
    navy.refresh_from_db()
    assert navy.merged_into == blue
    assert navy.retired_at is not None


def test_staff_move_a_term_below_another(staff: Client) -> None:
    shirts, bottom = term("category", "Apparel", "Topwear", "Tshirts"), term("category", "Apparel", "Bottomwear")
    assert save_term(staff, shirts, parent=bottom.pk).status_code == 302
    assert Term.objects.get(pk=shirts.pk).path == ("Apparel", "Bottomwear", "Tshirts")


@pytest.mark.parametrize(
    ("moved", "below", "complaint"),
    [
        (("Apparel",), ("Apparel",), "A term cannot stand below itself."),
        (("Apparel",), ("Apparel", "Topwear", "Tshirts"), "A term cannot stand below itself."),
        (("Footwear",), ("Apparel", "Topwear"), "Terms can be 3 levels deep at most."),
        (("Footwear", "Shoes"), ("Apparel", "Topwear", "Tshirts"), "Terms can be 3 levels deep at most."),
    ],
)
def test_terms_stay_a_tree(staff: Client, moved: tuple[str, ...], below: tuple[str, ...], complaint: str) -> None:
    one, above = term("category", *moved), term("category", *below)
    response = save_term(staff, one, parent=above.pk)
    assert response.context["adminform"].form.errors == {"parent": [complaint]}
    assert Term.objects.get(pk=one.pk).path == moved


@pytest.mark.parametrize("name", ["parent", "merged_into"])
def test_terms_of_different_fields_have_nothing_to_do_with_each_other(staff: Client, name: str) -> None:
    blue = term("colour", "Blue")
    response = save_term(staff, blue, **{name: term("season", "Summer").pk})
    assert response.context["adminform"].form.errors == {name: ["This term belongs to another field."]}
    blue.refresh_from_db()
    assert (blue.parent, blue.merged_into) == (None, None)


def test_a_term_is_not_merged_into_itself(staff: Client) -> None:
    blue = term("colour", "Blue")
    response = save_term(staff, blue, merged_into=blue.pk)
    assert response.context["adminform"].form.errors == {"merged_into": ["A term cannot be merged into itself."]}


def test_a_new_term_is_added_with_its_names(staff: Client) -> None:
    names = {"names-TOTAL_FORMS": "1", "names-INITIAL_FORMS": "0", "names-0-language": "en", "names-0-text": "Petrol"}
    response = staff.post("/admin/catalog/term/add/", {"field": "colour", "key": "Petrol", **names})
    assert response.status_code == 302
    assert [name.text for name in term("colour", "Petrol").names.all()] == ["Petrol"]


@pytest.mark.parametrize(
    ("model", "left"), [("shop", (0, 0)), ("listing", (0, 0)), ("photo", (1, 0))], ids=lambda each: str(each)
)
def test_shops_listings_and_photos_go_with_all_that_belongs_to_them(
    cast: Cast, staff: Client, model: str, left: tuple[int, int]
) -> None:
    """What nobody may delete one by one (predictions, queue entries, decisions) stands in nobody's way."""
    listing = make_listing(cast.shop)
    photo = listing.photos.get()
    predict(photo, make_version(), "colour", term("colour", "Blue"))
    TagRequest.objects.create(photo=photo, shop=cast.shop)
    pk = {"shop": cast.shop.pk, "listing": listing.pk, "photo": photo.pk}[model]
    assert staff.post(f"/admin/catalog/{model}/{pk}/delete/", {"post": "yes"}).status_code == 302
    assert (Listing.objects.count(), Photo.objects.count()) == left
    assert (Prediction.objects.count(), TagRequest.objects.count()) == (0, 0)
    assert Shop.objects.count() == (1 if model == "shop" else 2)
