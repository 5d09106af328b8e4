"""Who may do what: every address × everybody × reading and writing, in one table.

A new address without a row here fails. What belongs to another shop looks exactly like what does not exist. Staff have
no key to shops: beyond the pages of their own rights they are strangers like any other.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.db import connection, transaction
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from catalog.models import Invitation, Listing, Membership, Photo, TagField
from catalog.photo_files import delete_files
from onboarding.models import (
    ApiToken,
    Confirmation,
    DoubtfulTag,
    Evaluation,
    ModelVersion,
    RetrainRun,
    TagRequest,
    Upload,
    UploadedFile,
)
from onboarding.services.confirming import Decision, confirm_listing
from tests.conftest import (
    Cast,
    make_listing,
    make_user,
    make_version,
    predict,
    sent_file,
    stored_files,
    term,
)
from tests.onboarding.evidence.documents import figures_document

PEOPLE = ("visitor", "stranger", "teammate", "owner", "staff", "entitled", "superuser")
"""`staff` have no right at all, `entitled` staff have just the right that a row names."""
SHOPKEEPERS = 4  # the first of them
CSRF = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')


@dataclass
class World:
    """One of everything that an address can lead to, all of it in the seller's shop."""

    cast: Cast
    member: Membership
    invitation: Invitation
    listing: Listing
    other_listing: Listing
    photo: Photo
    upload: Upload
    sure_listing: Listing
    confirmation: Confirmation
    api_token: ApiToken
    version: ModelVersion
    doubt: DoubtfulTag

    def browser(self, who: str, *rights: str) -> Client:
        people = {"stranger": self.cast.stranger, "teammate": self.cast.teammate, "owner": self.cast.seller}
        if who in PEOPLE[SHOPKEEPERS:]:
            people[who] = make_user(f"{who}@example.com", is_staff=True, is_superuser=who == "superuser")
        if who == "entitled":
            people[who].user_permissions.set(permission(right) for right in rights)
        return self.cast.browser(people.get(who))

    def arguments(self, name: str) -> dict[str, Any]:
        kind = PAGES[name].of
        if kind == "sentences":
            return {"language": "es", "edition": "today"}
        if kind == "invitation link":
            return {"token": self.invitation.token}
        keys = {"pk": getattr(self, kind).pk if hasattr(self, kind) else self.cast.shop.pk} if kind else {}
        if name in PAGES_OF_A_FIELD:
            return {**keys, "pictures": "studio", "field": "sub_category"}
        return {**keys, "kind": "display"} if name in ("catalog:photo_file", "onboarding:staff_photo") else keys


def permission(right: str) -> Permission:
    app, _dot, codename = right.partition(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)


@dataclass(frozen=True)
class Page:
    """Expected statuses in the order of `PEOPLE`; where staff are left out, they get what a stranger gets.

    `of`: what the address is about; `data`: a form that would work; `right`: what the entitled have.
    """

    get: tuple[int, ...]
    post: tuple[int, ...]
    of: str = ""
    data: Callable[[World], dict[str, Any]] = lambda world: {}
    right: str = ""
    changes: bool = True  # where it is False there is nothing to change: the answer alone is compared

    def expected(self, method: str, who: str) -> int:
        statuses: tuple[int, ...] = getattr(self, method)
        return (*statuses, *[statuses[1]] * (len(PEOPLE) - len(statuses)))[PEOPLE.index(who)]


NOT_FOR = (405, 405, 405, 405)
MEMBERS_READ = (404, 404, 200, 200)
MEMBERS_WRITE = (404, 404, 302, 302)
OWNERS_READ = (404, 404, 404, 200)
OWNERS_WRITE = (404, 404, 404, 302)
STAFF_READ = (302, 404, 404, 404, 403, 200, 200)
STAFF_WRITE = (302, 404, 404, 404, 403, 302, 302)


def shop_form(world: World) -> dict[str, Any]:
    return {"name": "Renamed", "country": "IN", "currency": "INR", "language": "en"}


def photos_form(world: World) -> dict[str, Any]:
    return {"token": str(uuid.uuid4()), "part": "0", "arrangement": "each", "photos": [sent_file()]}


def products_form(world: World) -> dict[str, Any]:
    return {"listings": [world.listing.pk, world.other_listing.pk], "action": "combine"}


def set_value_form(world: World) -> dict[str, Any]:
    return {"listings": [world.listing.pk], "value": f"colour:{term('colour', 'Blue').pk}"}


def review_form(world: World) -> dict[str, Any]:
    return {"seen_revision": world.listing.revision, "idempotency_key": str(uuid.uuid4()), "title": "Changed"}


def queue_form(world: World) -> dict[str, Any]:
    seen = {"seen_revision": world.listing.revision, "idempotency_key": str(uuid.uuid4())}
    return {**seen, "colour": term("colour", "Blue").pk}


PAGES = {
    "home": Page(get=(200, 302, 302, 302), post=NOT_FOR),
    "script_words": Page(get=(200, 200, 200, 200), post=NOT_FOR, of="sentences"),
    "set_language": Page(
        get=(302, 302, 302, 302), post=(302, 302, 302, 302), data=lambda world: {"language": "es"}, changes=False
    ),
    "catalog:word_list": Page(get=(200, 200, 200, 200), post=NOT_FOR),
    "catalog:shop_create": Page(get=(302, 200, 200, 200), post=(302, 302, 302, 302), data=shop_form),
    "catalog:shop_edit": Page(get=OWNERS_READ, post=OWNERS_WRITE, of="shop", data=shop_form),
    "catalog:member_list": Page(
        get=MEMBERS_READ, post=OWNERS_WRITE, of="shop", data=lambda world: {"email": "new@example.com"}
    ),
    "catalog:member_remove": Page(get=NOT_FOR, post=OWNERS_WRITE, of="member"),
    "catalog:invitation_withdraw": Page(get=NOT_FOR, post=OWNERS_WRITE, of="invitation"),
    # Whoever holds the mailed link may join: that is what it is for. Members have nothing to join.
    "catalog:invitation": Page(get=(302, 200, 200, 200), post=(302, 302, 200, 200), of="invitation link"),
    "catalog:listing_list": Page(get=MEMBERS_READ, post=NOT_FOR, of="shop"),
    "catalog:listing_export": Page(get=MEMBERS_READ, post=NOT_FOR, of="shop"),
    "catalog:listing_detail": Page(get=MEMBERS_READ, post=NOT_FOR, of="listing"),
    "catalog:listing_delete": Page(get=MEMBERS_READ, post=MEMBERS_WRITE, of="listing"),
    "catalog:variants_leave": Page(get=NOT_FOR, post=MEMBERS_WRITE, of="listing"),
    "catalog:photo_card": Page(get=MEMBERS_READ, post=NOT_FOR, of="photo"),
    "catalog:photo_file": Page(get=MEMBERS_READ, post=NOT_FOR, of="photo"),
    "catalog:photo_move": Page(get=NOT_FOR, post=MEMBERS_WRITE, of="photo", data=lambda world: {"direction": "later"}),
    "catalog:photo_split": Page(get=NOT_FOR, post=MEMBERS_WRITE, of="photo"),
    "catalog:photo_transfer": Page(
        get=MEMBERS_READ, post=MEMBERS_WRITE, of="photo", data=lambda world: {"listing": world.other_listing.pk}
    ),
    "catalog:photo_remove": Page(get=NOT_FOR, post=MEMBERS_WRITE, of="photo"),
    "onboarding:upload": Page(get=MEMBERS_READ, post=MEMBERS_WRITE, of="shop", data=photos_form),
    "onboarding:photo_add": Page(get=MEMBERS_READ, post=MEMBERS_WRITE, of="listing", data=photos_form),
    "onboarding:upload_progress": Page(get=MEMBERS_READ, post=NOT_FOR, of="upload"),
    "onboarding:upload_status": Page(get=MEMBERS_READ, post=NOT_FOR, of="upload"),
    "onboarding:arrange": Page(get=MEMBERS_READ, post=MEMBERS_WRITE, of="shop", data=products_form),
    "onboarding:look_alikes": Page(get=MEMBERS_READ, post=MEMBERS_WRITE, of="shop", data=products_form),
    "onboarding:photo_retry": Page(get=NOT_FOR, post=MEMBERS_WRITE, of="photo"),
    "onboarding:review_next": Page(get=MEMBERS_WRITE, post=NOT_FOR, of="shop"),
    "onboarding:review_grid": Page(get=MEMBERS_READ, post=MEMBERS_WRITE, of="shop", data=set_value_form),
    "onboarding:confirm_sure": Page(
        get=NOT_FOR, post=MEMBERS_WRITE, of="shop", data=lambda world: {"up_to": world.sure_listing.pk}
    ),
    "onboarding:batch_undo": Page(
        get=NOT_FOR, post=MEMBERS_WRITE, of="shop", data=lambda world: {"batch": world.confirmation.batch}
    ),
    "onboarding:listing_new": Page(get=MEMBERS_READ, post=MEMBERS_WRITE, of="shop", data=review_form),
    "onboarding:review": Page(get=MEMBERS_READ, post=MEMBERS_WRITE, of="listing", data=review_form),
    "onboarding:confirmation_undo": Page(get=NOT_FOR, post=MEMBERS_WRITE, of="confirmation"),
    "onboarding:listing_history": Page(get=MEMBERS_READ, post=NOT_FOR, of="listing"),
    # It is what stands already.
    "onboarding:confirmation_restore": Page(
        get=NOT_FOR,
        post=MEMBERS_WRITE,
        of="confirmation",
        data=lambda world: {"idempotency_key": str(uuid.uuid4())},
        changes=False,
    ),
    # Its answer shows the new token, so it is no redirect; an incomplete form makes none.
    "onboarding:api_token_list": Page(get=(302, 200, 200, 200), post=(302, 400, 400, 400)),
    "onboarding:api_token_revoke": Page(get=NOT_FOR, post=OWNERS_WRITE, of="api_token"),
    "onboarding:staff_queue": Page(get=STAFF_READ, post=NOT_FOR, right="onboarding.review_predictions"),
    "onboarding:staff_queue_next": Page(get=STAFF_WRITE, post=NOT_FOR, right="onboarding.review_predictions"),
    "onboarding:staff_queue_item": Page(
        get=STAFF_READ, post=STAFF_WRITE, of="doubt", data=queue_form, right="onboarding.review_predictions"
    ),
    "onboarding:staff_queue_undo": Page(
        get=NOT_FOR, post=STAFF_WRITE, right="onboarding.review_predictions", changes=False
    ),
    "onboarding:staff_photo": Page(get=STAFF_READ, post=NOT_FOR, of="photo", right="onboarding.view_modelversion"),
    "onboarding:staff_models": Page(get=STAFF_READ, post=NOT_FOR, right="onboarding.view_modelversion"),
    "onboarding:staff_model": Page(get=STAFF_READ, post=NOT_FOR, of="version", right="onboarding.view_modelversion"),
    "onboarding:staff_model_field": Page(
        get=STAFF_READ, post=NOT_FOR, of="version", right="onboarding.view_modelversion"
    ),
    "onboarding:staff_model_cell": Page(
        get=STAFF_READ, post=NOT_FOR, of="version", right="onboarding.view_modelversion"
    ),
    # Without a name there is no picture, for nobody.
    "onboarding:staff_model_picture": Page(
        get=(302, 404, 404, 404, 403, 404, 404), post=NOT_FOR, of="version", right="onboarding.view_modelversion"
    ),
}
PAGES_OF_A_FIELD = [name for name in PAGES if name.startswith("onboarding:staff_model_")]
NO_OBJECTS = ("", "invitation link", "sentences")
OF_OBJECTS = [name for name, page in PAGES.items() if page.of not in NO_OBJECTS and not page.right]
STAFF_PAGES = [name for name, page in PAGES.items() if page.right]

# allauth's own pages, about nobody but the person who asks; what they need beside the name.
ACCOUNT_PAGES: dict[str, dict[str, str]] = {
    "account_login": {},
    "account_logout": {},
    "account_inactive": {},
    "account_signup": {},
    "account_reauthenticate": {},
    "account_email": {},
    "account_email_verification_sent": {},
    "account_confirm_email": {"key": "no-such-key"},
    "account_change_password": {},
    "account_set_password": {},
    "account_reset_password": {},
    "account_reset_password_done": {},
    "account_reset_password_from_key": {"uidb36": "1", "key": "no-such-key"},
    "account_reset_password_from_key_done": {},
    "account_confirm_login_code": {},
}


@pytest.fixture
def world(cast: Cast) -> World:
    return make_world(cast)


def make_world(cast: Cast) -> World:
    listing, other = make_listing(cast.shop, photos=2, title="Blue tee"), make_listing(cast.shop, photos=0)
    Listing.objects.filter(pk__in=(listing.pk, other.pk)).update(variant_group=uuid.uuid4())
    photo = listing.photos.all()[0]
    TagRequest.objects.create(photo=photo, shop=cast.shop, state="failed", reason="quarantined", attempts=3)
    decided = make_listing(cast.shop, photos=0)
    decision = Decision(
        choices={TagField.COLOUR: term("colour", "Blue")},
        seen_revision=0,
        idempotency_key=str(uuid.uuid4()),
        batch=uuid.uuid4(),
    )
    confirmation = confirm_listing(listing=decided, actor=cast.seller, decision=decision)
    assert confirmation is not None
    return World(
        cast=cast,
        member=Membership.objects.create(shop=cast.shop, user=make_user("helper@example.com")),
        invitation=Invitation.objects.create(shop=cast.shop, email="guest@example.com", invited_by=cast.seller),
        listing=listing,
        other_listing=other,
        photo=photo,
        upload=Upload.objects.create(shop=cast.shop, user=cast.seller),
        sure_listing=make_listing(cast.shop, photos=0, is_sure=True),
        confirmation=confirmation,
        api_token=ApiToken.objects.create(user=cast.seller, name="Till")[0],
        version=measured_version(),
        doubt=DoubtfulTag.objects.create(listing=listing, field="colour", term=term("colour", "Red"), confidence=0.4),
    )


def measured_version() -> ModelVersion:
    version = make_version()
    Evaluation.objects.create(model_version=version, pictures="studio", figures=figures_document())
    return version


@contextmanager
def rolled_back() -> Iterator[None]:
    """Rows and files are as before when it ends, so that one world serves for everybody."""
    before = set(stored_files())
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    delete_files(set(stored_files()) - before)


def state() -> dict[str, Any]:
    """Everything that could change: all rows of ours, the stored files, the mail that was sent.

    Not the small copies of photos, which are made when somebody first looks.
    """
    models = [model for app in ("catalog", "onboarding") for model in apps.get_app_config(app).get_models()]
    files = [name for name in stored_files() if not name.startswith("cards/")]
    return {**{model.__name__: rows_of(model) for model in models}, "files": files, "mail": len(mail.outbox)}


def rows_of(model: type[Model]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query_of(model))
        return cursor.fetchall()


@cache
def query_of(model: type[Model]) -> str:
    """All columns as the database has them; composed once, for a state is asked for hundreds of times."""
    columns = [column.attname for column in model._meta.concrete_fields if column.attname != "last_login"]
    return str(model._default_manager.order_by("pk").values_list(*columns).query)


def patterns(found: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in found:
        if isinstance(each, URLResolver):
            yield from patterns(each.url_patterns, f"{namespace}{each.namespace}:" if each.namespace else namespace)
        else:
            yield f"{namespace}{each.name}", each


ELSEWHERE = ("admin:", "api:")  # the API has the same table in tests/onboarding/api/test_access.py
OUR_PATTERNS = {name: each for name, each in patterns(get_resolver().url_patterns) if not name.startswith(ELSEWHERE)}


def to_login(response: HttpResponse) -> bool:
    return response.status_code == 302 and response["Location"].startswith("/accounts/login/")


def without_tokens(response: HttpResponse, path: str) -> bytes:
    """A page without what differs each time: forms' tokens, the address that signing in or the switch leads back to."""
    content = CSRF.sub(b"", response.content)
    for written in (quote(path, safe=""), path):
        content = content.replace(written.encode(), b"PATH")
    return content


def test_every_address_has_a_row_in_the_table() -> None:
    assert sorted(OUR_PATTERNS) == sorted([*PAGES, *ACCOUNT_PAGES])


def test_every_address_that_names_an_object_is_tested_as_such() -> None:
    named = {name for name, each in OUR_PATTERNS.items() if each.pattern.converters and name in PAGES}
    assert named == {name for name, page in PAGES.items() if page.of}


@pytest.mark.parametrize("name", PAGES)
def test_everybody_gets_what_the_table_says_and_a_denial_changes_nothing(world: World, name: str) -> None:
    page, path = PAGES[name], reverse(name, kwargs=world.arguments(name))
    browsers = {who: world.browser(who, *([page.right] if page.right else ())) for who in PEOPLE}
    before = state()
    for who, browser in browsers.items():
        with rolled_back():
            assert (who, browser.get(path).status_code) == (who, page.expected("get", who))
            assert state() == before, who
            response = browser.post(path, page.data(world))
            assert (who, response.status_code) == (who, page.expected("post", who))
            is_done = response.status_code == 302 and not to_login(response) and page.changes
            assert (state() != before) == is_done, who


@pytest.mark.parametrize("who", ["visitor", "stranger", "staff", "superuser"])
def test_what_belongs_to_others_looks_like_what_does_not_exist(world: World, who: str) -> None:
    browser = world.browser(who)
    for name in OF_OBJECTS:
        method = browser.get if PAGES[name].get != NOT_FOR else browser.post
        answers = set()
        for pk in (world.arguments(name)["pk"], 987_654_321, 10**20):
            path = reverse(name, kwargs={**world.arguments(name), "pk": pk})
            response = method(path)
            answers.add((response.status_code, without_tokens(response, path)))
        assert [status for status, _content in answers] == [404], name


def test_numbers_that_lead_nowhere_are_not_found_by_members_either(world: World) -> None:
    browser, before = world.browser("owner"), state()
    for name in OF_OBJECTS:
        method = browser.get if PAGES[name].get != NOT_FOR else browser.post
        for pk in (0, 987_654_321, 2**63, 10**20):
            path = reverse(name, kwargs={**world.arguments(name), "pk": pk})
            assert (path, method(path).status_code) == (path, 404)
    assert state() == before


@pytest.mark.parametrize("name", [name for name in STAFF_PAGES if PAGES[name].of not in ("", "doubt")])
def test_numbers_that_lead_nowhere_are_not_found_by_staff_either(world: World, name: str) -> None:
    browser, before = world.browser("superuser"), state()
    method = browser.get if PAGES[name].get != NOT_FOR else browser.post
    for pk in (0, 987_654_321, 2**63, 10**20):
        path = reverse(name, kwargs={**world.arguments(name), "pk": pk})
        assert (path, method(path).status_code) == (path, 404)
    assert state() == before


ODD = {"nul": "\0", "negative": "-1", "very long": "9" * 5000, "other digits": "１２", "signs": "'\"<>%\r\n\u202e"}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_odd_query_strings_and_forms_never_break_a_page(world: World, odd: str) -> None:
    names = ("q", "page", "sort", "state", "after", *TagField.values)
    fields = ("title", "price", "seen_revision", "email", "name", "country", "direction", "listing", "photos", "part")
    browser = world.browser("owner")
    for name, page in PAGES.items():
        path = reverse(name, kwargs=world.arguments(name))
        if page.get != NOT_FOR:
            assert browser.get(path, dict.fromkeys(names, odd)).status_code < 500
        if page.post != NOT_FOR and name not in ("catalog:listing_delete", "catalog:photo_remove"):
            assert browser.post(path, dict.fromkeys((*names, *fields), odd)).status_code < 500


def test_a_link_that_was_never_sent_invites_nobody(world: World) -> None:
    before = state()
    for token in ("x", world.invitation.token[:-1], world.invitation.token.swapcase()):
        assert world.browser("stranger").post(f"/join/{token}/").status_code == 404
    assert state() == before


@pytest.mark.parametrize("who", ["visitor", "owner"])
def test_account_pages_answer_everybody(world: World, who: str) -> None:
    for name, arguments in ACCOUNT_PAGES.items():
        answer = world.browser(who).get(reverse(name, kwargs=arguments))
        assert answer.status_code in (200, 302), name


# --- The admin ----------------------------------------------------------------------------------------------------

ADMIN_MODELS = {  # what even a superuser may do there: (a)dd, (c)hange, (d)elete; everything can be viewed
    "account_emailaddress": "acd",
    "auth_group": "acd",
    "catalog_invitation": "cd",
    "catalog_listing": "cd",
    "catalog_photo": "d",
    "catalog_shop": "acd",
    "catalog_term": "acd",
    "onboarding_confirmation": "",
    "onboarding_evaluation": "",
    "onboarding_label": "",
    "onboarding_modelversion": "",
    "onboarding_prediction": "",
    "onboarding_retrainrun": "",
    "onboarding_tagrequest": "",
    "onboarding_upload": "",
    "onboarding_uploadedfile": "",
    "onboarding_user": "acd",
}
ADMIN_ACTIONS = {"changelist": "view", "add": "add", "history": "view", "delete": "delete", "change": "view"}
# For every kind of person, signed in or not, by themselves: the admin's own doors, and what Django guards itself.
ADMIN_DOORS = {"index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n",
               "view_on_site", "app_list", "None", "auth_user_password_change"}  # fmt: skip


@pytest.fixture
def admins_world(world: World) -> World:
    """With a row of every model in the admin."""
    version = world.version
    predict(world.photo, version, "colour", term("colour", "Red"))
    run = RetrainRun.objects.create(base=version, host="here:1", state="kept", lease_until=timezone.now())
    Evaluation.objects.create(model_version=version, pictures="held_out", run=run, figures={})
    Group.objects.create(name="Reviewers")
    EmailAddress.objects.create(user=world.cast.seller, email=world.cast.seller.email)
    UploadedFile.objects.create(upload=world.upload, key="0", name="tee.jpg", photo=world.photo)
    return world


def admin_path(model: str, action: str) -> str:
    """The address; where it is about a row, about the first one."""
    app, _underscore, name = model.partition("_")
    rows = apps.get_model(app, name)._default_manager.order_by("pk")
    return reverse(f"admin:{model}_{action}", args=[] if action in ("changelist", "add") else [rows[0].pk])


def admin_status(model: str, action: str, who: str) -> int:
    """What somebody gets who has the right for the action."""
    if action in ("add", "delete") and action[0] not in ADMIN_MODELS[model]:
        return 403
    if (model, action, who) == ("onboarding_user", "add", "entitled"):
        return 403  # Django: who may make people without changing them could make a superuser
    return 200


def test_every_address_of_the_admin_has_a_row() -> None:
    of_models = {f"{model}_{action}" for model in ADMIN_MODELS for action in ADMIN_ACTIONS}
    found = {name.partition(":")[2] for name, _ in patterns(get_resolver().url_patterns) if name.startswith("admin:")}
    assert found == of_models | ADMIN_DOORS


@pytest.mark.parametrize("who", PEOPLE[: SHOPKEEPERS + 1])
def test_nobody_without_a_right_gets_anywhere_in_the_admin_and_nothing_changes(admins_world: World, who: str) -> None:
    browser = admins_world.browser(who)
    before = state()
    for model in ADMIN_MODELS:
        for action in ADMIN_ACTIONS:
            path = admin_path(model, action)
            expected = 403 if who == "staff" else 302
            for response in (browser.get(path), browser.post(path, {"post": "yes", "name": "Changed"})):
                assert (path, response.status_code) == (path, expected)
                assert who == "staff" or response["Location"].startswith("/admin/login/")
    assert browser.get("/admin/").status_code == (200 if who == "staff" else 302)
    assert state() == before


@pytest.mark.parametrize("who", ["entitled", "superuser"])
@pytest.mark.parametrize("action", ADMIN_ACTIONS)
def test_a_right_opens_just_its_own_pages_of_the_admin(admins_world: World, action: str, who: str) -> None:
    rights = [f"{model.replace('_', '.' + ADMIN_ACTIONS[action] + '_', 1)}" for model in ADMIN_MODELS]
    browser = admins_world.browser(who, *rights)
    before = state()
    for model in ADMIN_MODELS:
        path = admin_path(model, action)
        assert (path, browser.get(path).status_code) == (path, admin_status(model, action, who))
        for other, right in ADMIN_ACTIONS.items():
            if who == "entitled" and right != ADMIN_ACTIONS[action] and other in ("add", "delete"):
                denied = admin_path(model, other)
                assert (denied, browser.post(denied, {"post": "yes"}).status_code) == (denied, 403)
    assert state() == before
