"""People: signing up, in and out, new passwords by e-mail, invitations, and the headers of every page."""

import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from catalog.models import Invitation, Membership
from onboarding.models import User
from tests.conftest import PASSWORD, Cast, make_user

pytestmark = pytest.mark.django_db

NEW = {"email": "New@Example.com", "password1": "a wholly new secret"}
LINK = re.compile(r"https?://testserver(/\S+)")


@pytest.fixture(autouse=True)
def untired() -> None:
    """The limits count what a browser has tried lately; each test starts afresh."""
    cache.clear()


def sign_in(browser: Client, email: str = "seller@example.com", password: str = PASSWORD) -> HttpResponse:
    return browser.post("/accounts/login/", {"login": email, "password": password})


def is_signed_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def mailed_link() -> str:
    found = LINK.search(mail.outbox[-1].body)
    assert found is not None, mail.outbox[-1].body
    return found.group(1)


def test_who_signs_up_is_signed_in_and_asked_for_a_shop(client: Client) -> None:
    response = client.post("/accounts/signup/", NEW, follow=True)
    assert response.redirect_chain == [("/", 302), ("/shops/new/", 302)]
    assert [user.email for user in User.objects.all()] == ["new@example.com"]
    assert is_signed_in(client)
    user = User.objects.get()
    assert (user.is_staff, user.is_superuser, user.check_password(NEW["password1"])) == (False, False, True)


def test_an_address_is_confirmed_through_the_mailed_link(client: Client) -> None:
    client.post("/accounts/signup/", NEW)
    assert [message.to for message in mail.outbox] == [["new@example.com"]]
    link = mailed_link()
    assert client.get(link).status_code == 200
    client.post(link)
    assert list(User.objects.get().emailaddress_set.values_list("email", "verified")) == [("new@example.com", True)]


@pytest.mark.parametrize("email", ["seller@example.com", "SELLER@Example.COM", " seller@example.com "])
def test_an_address_has_one_account_whatever_its_case(cast: Cast, email: str) -> None:
    browser, count = cast.browser(), User.objects.count()
    browser.post("/accounts/signup/", {**NEW, "email": email})
    assert (User.objects.count(), is_signed_in(browser)) == (count, False)
    cast.seller.refresh_from_db()
    assert cast.seller.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": ""}, "email"),
        ({"password1": ""}, "password1"),
        ({"password1": "short"}, "password1"),
        ({"password1": "password123"}, "password1"),
        ({"password1": "48151623424815"}, "password1"),
        ({"password1": "new@example.com"}, "password1"),
    ],
)
def test_what_no_account_can_have_is_said_where_it_stands(client: Client, fields: dict[str, str], wrong: str) -> None:
    response = client.post("/accounts/signup/", {**NEW, **fields})
    assert (response.status_code, list(response.context["form"].errors)) == (200, [wrong])
    assert (User.objects.count(), mail.outbox) == (0, [])


def test_nobody_makes_themselves_staff(client: Client) -> None:
    client.post("/accounts/signup/", {**NEW, "is_staff": "on", "is_superuser": "on"})
    assert list(User.objects.values_list("is_staff", "is_superuser")) == [(False, False)]


@pytest.mark.parametrize("email", ["seller@example.com", "Seller@EXAMPLE.com"])
def test_a_member_signs_in_with_the_address_in_any_case(cast: Cast, email: str) -> None:
    browser = cast.browser()
    assert sign_in(browser, email)["Location"] == "/"
    assert browser.get("/")["Location"] == f"/shops/{cast.shop.pk}/listings/"


def test_signing_in_leads_back_to_the_page_that_asked_for_it(cast: Cast) -> None:
    data = {"login": "seller@example.com", "password": PASSWORD, "next": f"/shops/{cast.shop.pk}/members/"}
    assert cast.browser().post("/accounts/login/", data)["Location"] == f"/shops/{cast.shop.pk}/members/"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_signing_in_never_leads_off_the_site(cast: Cast, target: str) -> None:
    data = {"login": "seller@example.com", "password": PASSWORD, "next": target}
    assert cast.browser().post("/accounts/login/", data)["Location"] == "/"


def test_a_wrong_password_and_an_unknown_address_sound_alike(cast: Cast) -> None:
    complaints = []
    for email in ("seller@example.com", "nobody@example.com"):
        browser = cast.browser()
        response = sign_in(browser, email, "a wrong password")
        assert (response.status_code, is_signed_in(browser)) == (200, False)
        complaints.append(response.context["form"].errors.as_json())
    assert complaints[0] == complaints[1]


def test_who_may_not_sign_in_any_more_does_not(cast: Cast) -> None:
    User.objects.filter(pk=cast.seller.pk).update(is_active=False)
    browser = cast.browser()
    sign_in(browser)
    assert not is_signed_in(browser)


def test_signing_out_takes_a_click_on_a_button(cast: Cast) -> None:
    browser = cast.browser(cast.seller)
    assert browser.get("/accounts/logout/").status_code == 200
    assert is_signed_in(browser)
    assert browser.post("/accounts/logout/")["Location"] == "/"
    assert not is_signed_in(browser)
    assert browser.get(f"/shops/{cast.shop.pk}/listings/").status_code == 404


def test_a_new_password_comes_by_mail_and_its_link_works_once(cast: Cast) -> None:
    browser = cast.browser()
    response = browser.post("/accounts/password/reset/", {"email": "SELLER@example.com"})
    assert response["Location"] == "/accounts/password/reset/done/"
    assert [message.to for message in mail.outbox] == [["seller@example.com"]]
    form = browser.get(mailed_link(), follow=True)
    new = {"password1": "another fine secret", "password2": "another fine secret"}
    assert browser.post(form.redirect_chain[-1][0], new).status_code == 302
    assert [sign_in_works(cast, password) for password in (PASSWORD, new["password1"])] == [False, True]
    again = cast.browser().get(mailed_link(), follow=True)
    assert again.context["token_fail"] is True
    assert sign_in_works(cast, new["password1"])


def sign_in_works(cast: Cast, password: str) -> bool:
    browser = cast.browser()
    sign_in(browser, password=password)
    return is_signed_in(browser)


def test_a_forged_link_changes_no_password(cast: Cast) -> None:
    browser = cast.browser()
    browser.post("/accounts/password/reset/", {"email": "seller@example.com"})
    browser.get(f"{mailed_link()[:-3]}xx/", follow=True)
    uid = mailed_link().rsplit("/", 2)[1].partition("-")[0]
    new = {"password1": "another fine secret", "password2": "another fine secret"}
    browser.post(f"/accounts/password/reset/key/{uid}-set-password/", new)
    cast.seller.refresh_from_db()
    assert cast.seller.check_password(PASSWORD)


def test_asking_for_a_new_password_tells_nobody_who_has_an_account(cast: Cast) -> None:
    answers = {
        cast.browser().post("/accounts/password/reset/", {"email": email})["Location"]
        for email in ("seller@example.com", "nobody@example.com")
    }
    assert answers == {"/accounts/password/reset/done/"}


def test_too_many_wrong_passwords_close_the_account_for_a_while(cast: Cast) -> None:
    for _ in range(5):
        assert not sign_in_works(cast, "a wrong password")
    assert not sign_in_works(cast, PASSWORD)
    cache.clear()  # the while is over
    assert sign_in_works(cast, PASSWORD)


def test_too_many_letters_to_one_address_are_not_sent(cast: Cast) -> None:
    statuses = [
        cast.browser().post("/accounts/password/reset/", {"email": "seller@example.com"}).status_code for _ in range(6)
    ]
    assert statuses == [302] * 5 + [429]
    assert len(mail.outbox) == 5


def test_the_admin_is_entered_through_the_same_door(cast: Cast) -> None:
    staff = make_user("admin@example.com", is_staff=True, is_superuser=True)
    door = "/accounts/login/?next=%2Fadmin%2F"
    browser = cast.browser()
    assert browser.get("/admin/", follow=True).redirect_chain[-1] == (door, 302)
    assert browser.post("/admin/login/", {"username": staff.email, "password": PASSWORD}).status_code == 302
    assert not is_signed_in(browser)
    assert cast.browser(cast.seller).get("/admin/login/").status_code == 403


def test_an_invitation_lets_one_person_in(cast: Cast) -> None:
    invitation = Invitation.objects.create(shop=cast.shop, email="guest@example.com", invited_by=cast.seller)
    path, second = f"/join/{invitation.token}/", make_user("second@example.com")
    assert cast.browser(cast.stranger).post(path)["Location"] == f"/shops/{cast.shop.pk}/listings/"
    response = cast.browser(second).post(path, follow=True)
    said = [str(message) for message in response.context["messages"]]
    assert said == ["This invitation has already been used. Ask for a new one."]
    members = [(each.user, each.role) for each in Membership.objects.filter(shop=cast.shop).order_by("pk")]
    assert members == [(cast.seller, "owner"), (cast.teammate, "member"), (cast.stranger, "member")]


def test_somebody_invited_signs_up_and_comes_back_to_the_invitation(cast: Cast) -> None:
    invitation = Invitation.objects.create(shop=cast.shop, email="guest@example.com", invited_by=cast.seller)
    browser, path = cast.browser(), f"/join/{invitation.token}/"
    login = browser.get(path, follow=True)
    signup = login.context["signup_url"]
    assert browser.post(signup, {**NEW, "next": path})["Location"] == path
    browser.post(path)
    assert cast.shop.members.filter(email="new@example.com").exists()


def test_cookies_are_for_this_site_over_tls_and_out_of_reach_for_scripts(cast: Cast) -> None:
    browser = cast.browser()
    sign_in(browser)
    browser.get("/accounts/password/change/")
    flags = {
        name: [cookie[flag] for flag in ("secure", "httponly", "samesite", "path", "domain")]
        for name, cookie in browser.cookies.items()
    }
    safe = [True, True, "Lax", "/", ""]
    assert flags == {"__Host-sessionid": safe, "__Host-csrftoken": safe}


def test_signing_in_starts_a_new_session(cast: Cast) -> None:
    browser = cast.browser()
    session = browser.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    sign_in(browser)
    assert browser.session.session_key != planted


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/logout/", "/shops/new/"])
def test_a_form_without_its_token_is_refused_with_a_page(cast: Cast, path: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.seller)
    response = browser.post(path, {"login": "seller@example.com", "password": PASSWORD})
    assert response.status_code == 403
    assert [template.name for template in response.templates][:2] == ["403_csrf.html", "base.html"]
    assert is_signed_in(browser)


POLICY = (
    "default-src 'self'; form-action 'self'; object-src 'none'; img-src 'self' data: blob:; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
}


PAGES = {"/": "visitor", "/accounts/login/": "visitor", "/nowhere/": "seller", "/shops/{shop}/upload/": "seller"}


@pytest.mark.parametrize("path", PAGES)
def test_every_page_forbids_frames_and_foreign_or_inline_code(cast: Cast, path: str) -> None:
    browser = cast.browser(None if PAGES[path] == "visitor" else cast.seller)
    response = browser.get(path.format(shop=cast.shop.pk), secure=True)
    policy = response["Content-Security-Policy"].split("; ")
    assert sorted(policy) == sorted(POLICY.split("; "))
    assert {name: response[name] for name in HEADERS} == HEADERS
    page = response.content.decode()
    assert re.findall(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|javascript:", page) == []


def test_plain_http_is_sent_on_to_tls(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    response = Client().get("/accounts/login/")
    assert (response.status_code, response["Location"]) == (301, "https://testserver/accounts/login/")


def test_another_hosts_name_is_refused(client: Client) -> None:
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400
