"""Pages of shops and of the people in them."""

from typing import Any

import pytest
from django.core import mail
from django.http import HttpResponse

from catalog.models import Invitation, Membership, Shop
from tests.conftest import Cast, make_shop, make_user

FORM = {"name": "New shop", "country": "KE", "currency": "", "language": "sw"}


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_the_start_page_leads_members_to_their_catalogue(cast: Cast) -> None:
    browser = cast.browser(cast.seller)
    assert browser.get("/")["Location"] == f"/shops/{cast.shop.pk}/listings/"
    second = make_shop(cast.seller, "Second")
    browser.get(f"/shops/{second.pk}/listings/")
    assert browser.get("/")["Location"] == f"/shops/{second.pk}/listings/"


def test_the_start_page_leads_newcomers_to_their_first_shop(cast: Cast) -> None:
    assert cast.browser(make_user("new@example.com")).get("/")["Location"] == "/shops/new/"


def test_the_start_page_leads_nobody_back_to_a_shop_they_left(cast: Cast) -> None:
    browser = cast.browser(cast.teammate)
    browser.get(f"/shops/{cast.shop.pk}/listings/")
    Membership.objects.filter(user=cast.teammate).delete()
    assert browser.get("/")["Location"] == "/shops/new/"


@pytest.mark.django_db
def test_a_visitor_reads_what_lapel_is_without_a_query(client: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert client.get("/").status_code == 200


def test_a_new_shop_belongs_to_who_opened_it(cast: Cast) -> None:
    newcomer = make_user("new@example.com")
    response = cast.browser(newcomer).post("/shops/new/", FORM, follow=True)
    shop = Shop.objects.get(name="New shop")
    assert response.redirect_chain == [(f"/shops/{shop.pk}/listings/", 302)]
    assert said(response) == ["Your shop is open. Upload your first photos."]
    assert (shop.country, shop.currency, shop.language) == ("KE", "KES", "sw")
    assert [(each.user, each.role) for each in shop.memberships.all()] == [(newcomer, "owner")]


def test_a_shop_that_is_not_valid_is_not_opened(cast: Cast) -> None:
    response = cast.browser(cast.seller).post("/shops/new/", {**FORM, "country": "XX"})
    assert (response.status_code, list(response.context["form"].errors)) == (200, ["country"])
    assert Shop.objects.count() == 2


def hidden_key(page: HttpResponse) -> str:
    return str(page.context["form"]["idempotency_key"].value())


def test_a_form_that_arrives_twice_opens_one_shop(cast: Cast) -> None:
    browser = cast.browser(make_user("new@example.com"))
    page = browser.get("/shops/new/")
    form = {**FORM, "idempotency_key": hidden_key(page)}
    first, second = (browser.post("/shops/new/", form)["Location"] for _ in range(2))
    assert (first, Shop.objects.filter(name="New shop").count()) == (second, 1)
    assert f'value="{form["idempotency_key"]}"' in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_each_form_opens_a_shop_of_its_own(cast: Cast) -> None:
    browser = cast.browser(cast.seller)
    for _ in range(2):
        browser.post("/shops/new/", {**FORM, "idempotency_key": hidden_key(browser.get("/shops/new/"))})
    assert Shop.objects.filter(name="New shop").count() == 2


def test_a_key_leads_nobody_into_somebody_elses_shop(cast: Cast) -> None:
    form = {**FORM, "idempotency_key": hidden_key(cast.browser(cast.seller).get("/shops/new/"))}
    for person in (cast.seller, cast.stranger):
        cast.browser(person).post("/shops/new/", form)
    owners = [shop.members.get() for shop in Shop.objects.filter(name="New shop").order_by("pk")]
    assert owners == [cast.seller, cast.stranger]


def test_an_owner_changes_the_shop(cast: Cast) -> None:
    response = cast.browser(cast.seller).post(f"/shops/{cast.shop.pk}/", {**FORM, "currency": "USD"}, follow=True)
    assert response.redirect_chain == [(f"/shops/{cast.shop.pk}/", 302)]
    cast.shop.refresh_from_db()
    assert (cast.shop.name, cast.shop.currency) == ("New shop", "USD")


def test_fields_that_the_form_does_not_have_change_nothing(cast: Cast) -> None:
    before = [(each.shop, each.role) for each in Membership.objects.filter(user=cast.teammate)]
    forged = {**FORM, "id": cast.strangers_shop.pk, "members": cast.teammate.pk, "role": "owner"}
    cast.browser(cast.seller).post(f"/shops/{cast.shop.pk}/", forged)
    assert [(each.shop, each.role) for each in Membership.objects.filter(user=cast.teammate)] == before
    assert Shop.objects.get(pk=cast.strangers_shop.pk).name == "Another shop"


def invite(cast: Cast, email: str) -> HttpResponse:
    return cast.browser(cast.seller).post(f"/shops/{cast.shop.pk}/members/", {"email": email}, follow=True)


def test_an_invitation_is_sent_and_shown_until_it_is_answered(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = invite(cast, "new@example.com")
    invitation = Invitation.objects.get()
    assert said(response) == ["We sent an invitation to new@example.com."]
    assert list(response.context["invitations"]) == [invitation]
    assert f"http://testserver/join/{invitation.token}/\n" in mail.outbox[0].body
    cast.browser(cast.stranger).post(f"/join/{invitation.token}/")
    page = cast.browser(cast.seller).get(f"/shops/{cast.shop.pk}/members/")
    assert list(page.context["invitations"]) == []
    assert [each.user for each in page.context["memberships"]] == [cast.seller, cast.teammate, cast.stranger]


@pytest.mark.parametrize(
    ("email", "complaint"),
    [
        ("teammate@example.com", "This person already works in the shop."),
        ("nobody", "Enter a valid email address."),
    ],
)
def test_whom_one_cannot_invite_is_said_in_the_form(cast: Cast, email: str, complaint: str) -> None:
    response = invite(cast, email)
    assert (response.status_code, response.context["form"].errors) == (200, {"email": [complaint]})
    assert (Invitation.objects.count(), mail.outbox) == (0, [])


def test_an_invitation_that_was_withdrawn_leads_nowhere(cast: Cast) -> None:
    invite(cast, "new@example.com")
    invitation = Invitation.objects.get()
    response = cast.browser(cast.seller).post(f"/invitations/{invitation.pk}/withdraw/", follow=True)
    assert said(response) == ["The invitation is withdrawn."]
    assert cast.browser(cast.stranger).get(f"/join/{invitation.token}/").status_code == 404


def test_an_invitation_that_was_answered_cannot_be_withdrawn(cast: Cast) -> None:
    invite(cast, "new@example.com")
    invitation = Invitation.objects.get()
    cast.browser(cast.stranger).post(f"/join/{invitation.token}/")
    assert cast.browser(cast.seller).post(f"/invitations/{invitation.pk}/withdraw/").status_code == 404
    assert Membership.objects.filter(shop=cast.shop, user=cast.stranger).exists()


def test_a_visitor_with_a_link_signs_in_first_and_comes_back(cast: Cast) -> None:
    invite(cast, "new@example.com")
    path = f"/join/{Invitation.objects.get().token}/"
    assert cast.browser().get(path)["Location"] == f"/accounts/login/?next={path}"


def test_joining_leads_to_the_shop(cast: Cast) -> None:
    invite(cast, "new@example.com")
    response = cast.browser(cast.stranger).post(f"/join/{Invitation.objects.get().token}/", follow=True)
    assert response.redirect_chain == [(f"/shops/{cast.shop.pk}/listings/", 302)]
    assert said(response) == ["Welcome to Asha's Boutique."]


def test_looking_at_an_invitation_joins_nothing(cast: Cast) -> None:
    invite(cast, "new@example.com")
    cast.browser(cast.stranger).get(f"/join/{Invitation.objects.get().token}/")
    assert not Membership.objects.filter(shop=cast.shop, user=cast.stranger).exists()
    assert Invitation.objects.get().accepted_at is None


def test_a_removed_member_sees_the_shop_no_more(cast: Cast) -> None:
    browser = cast.browser(cast.teammate)
    assert browser.get(f"/shops/{cast.shop.pk}/listings/").status_code == 200
    membership = Membership.objects.get(user=cast.teammate)
    response = cast.browser(cast.seller).post(f"/members/{membership.pk}/remove/", follow=True)
    assert said(response) == ["teammate@example.com no longer works in this shop."]
    assert browser.get(f"/shops/{cast.shop.pk}/listings/").status_code == 404


def test_the_last_owner_is_told_that_they_cannot_leave(cast: Cast) -> None:
    membership = Membership.objects.get(user=cast.seller)
    response = cast.browser(cast.seller).post(f"/members/{membership.pk}/remove/", follow=True)
    assert said(response) == ["A shop needs at least one owner."]
    assert Membership.objects.filter(pk=membership.pk).exists()


def test_an_owner_who_leaves_lands_on_the_start_page(cast: Cast) -> None:
    Membership.objects.filter(user=cast.teammate).update(role="owner")
    membership = Membership.objects.get(user=cast.seller)
    response = cast.browser(cast.seller).post(f"/members/{membership.pk}/remove/")
    assert response["Location"] == "/"
    assert list(cast.shop.members.all()) == [cast.teammate]


def test_the_people_take_the_same_queries_for_two_and_for_four(cast: Cast, django_assert_num_queries: Any) -> None:
    browser = cast.browser(cast.seller)
    path = f"/shops/{cast.shop.pk}/members/"
    browser.get(path)
    for _ in range(2):
        with django_assert_num_queries(7):
            browser.get(path)
        for name in ("a", "b"):
            user = make_user(f"{name}{Membership.objects.count()}@example.com")
            Membership.objects.create(shop=cast.shop, user=user)
            Invitation.objects.create(shop=cast.shop, email=f"{user.pk}@example.com", invited_by=user)


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_pages_with_forms_take_no_other_method(cast: Cast, method: str) -> None:
    for path in ("/shops/new/", f"/shops/{cast.shop.pk}/", f"/shops/{cast.shop.pk}/members/"):
        assert getattr(cast.browser(cast.seller), method)(path).status_code == 405


def test_a_member_may_leave_but_not_remove_others(cast: Cast) -> None:
    browser = cast.browser(cast.teammate)
    owners, own = (cast.shop.memberships.get(user=user) for user in (cast.seller, cast.teammate))
    assert browser.post(f"/members/{owners.pk}/remove/").status_code == 404
    assert browser.post(f"/members/{own.pk}/remove/")["Location"] == "/"
    assert list(cast.shop.memberships.values_list("user", flat=True)) == [cast.seller.pk]
