"""Who may ask the API for what: every address × everybody × reading and writing; a denial changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.urls import get_resolver, reverse
from rest_framework.test import APIClient

from catalog.models import Listing, Photo
from onboarding.models import ModelVersion, Upload, User
from onboarding.services.confirming import latest_confirmation
from tests.conftest import Cast, make_listing, make_user, make_version, sent_file
from tests.onboarding.api.conftest import program
from tests.onboarding.test_labels import decide
from tests.test_access import PEOPLE, permission, rolled_back, state

Statuses = tuple[int, int, int, int, int, int, int]

NOT_FOR: Statuses = (401, 405, 405, 405, 405, 405, 405)
EVERYBODY: Statuses = (401, 200, 200, 200, 200, 200, 200)
MEMBERS: Statuses = (401, 404, 200, 200, 404, 404, 404)
MEMBERS_CREATE: Statuses = (401, 404, 201, 201, 404, 404, 404)
MODEL_READERS: Statuses = (401, 404, 404, 404, 403, 200, 200)
NOT_FOR_MODEL_READERS: Statuses = (401, 404, 404, 404, 403, 405, 405)


@dataclass
class World:
    """One of everything that an address can lead to, in the seller's shop."""

    cast: Cast
    listing: Listing
    photo: Photo
    upload: Upload
    model: ModelVersion
    people: dict[str, User] = field(default_factory=dict)

    def pk(self, noun: str) -> int:
        return int(self.cast.shop.pk if noun == "shop" else getattr(self, noun).pk)


@pytest.fixture
def world(cast: Cast) -> World:
    listing = make_listing(cast.shop, title="Blue tee")
    decide(cast, listing, colour="Blue")
    entitled = make_user("entitled@example.com", is_staff=True)
    entitled.user_permissions.add(permission("onboarding.view_modelversion"))
    people = {
        "stranger": cast.stranger,
        "teammate": cast.teammate,
        "owner": cast.seller,
        "staff": make_user("staff@example.com", is_staff=True),
        "entitled": entitled,
        "superuser": make_user("superuser@example.com", is_staff=True, is_superuser=True),
    }
    upload = Upload.objects.create(shop=cast.shop, user=cast.seller)
    return World(cast, listing, listing.photos.get(), upload, make_version(), people)


def photos(world: World) -> dict[str, Any]:
    return {"photos": [sent_file()]}


def decision(world: World) -> dict[str, Any]:
    return {"values": {"colour": ["Red"]}, "seen_revision": Listing.objects.get(pk=world.listing.pk).revision}


def undo(world: World) -> dict[str, Any]:
    standing = latest_confirmation(world.listing)
    return {"confirmation": standing.pk if standing else 0}


def styles(world: World) -> dict[str, Any]:
    header = "id,gender,masterCategory,subCategory,articleType,baseColour,season,usage"
    return {"styles": f"{header}\n{world.photo.pk},,,,,Green,,", "overwrite": True}


@dataclass(frozen=True)
class Address:
    """Expected statuses in the order of `PEOPLE`; `of`: what it is about; `body`: what would work."""

    get: Statuses
    post: Statuses = NOT_FOR
    of: str = ""
    body: Callable[[World], dict[str, Any]] = lambda world: {}
    format: str = "json"


ADDRESSES = {
    "shops": Address(get=EVERYBODY),
    "vocabulary": Address(get=EVERYBODY),
    "new_upload": Address(get=NOT_FOR, post=MEMBERS_CREATE, of="shop", body=photos, format="multipart"),
    "upload": Address(get=MEMBERS, of="upload"),
    "upload_photos": Address(get=NOT_FOR, post=MEMBERS_CREATE, of="upload", body=photos, format="multipart"),
    "listings": Address(get=MEMBERS, post=MEMBERS_CREATE, of="shop"),
    "listing": Address(get=MEMBERS, of="listing"),
    "listing_confirm": Address(get=NOT_FOR, post=MEMBERS, of="listing", body=decision),
    "listing_undo": Address(get=NOT_FOR, post=MEMBERS, of="listing", body=undo),
    "photo": Address(get=MEMBERS, of="photo"),
    "photo_file": Address(get=MEMBERS, of="photo"),
    "labels": Address(get=MEMBERS, post=MEMBERS, of="shop", body=styles),
    "models": Address(get=MODEL_READERS, post=NOT_FOR_MODEL_READERS),
    "model": Address(get=MODEL_READERS, post=NOT_FOR_MODEL_READERS, of="model"),
}


def path_of(name: str, pk: int) -> str:
    keys: dict[str, Any] = {"pk": pk} if ADDRESSES[name].of else {}
    return reverse(f"api:{name}", kwargs={**keys, "kind": "display"} if name == "photo_file" else keys)


def client_of(world: World, who: str) -> APIClient:
    return program(world.people.get(who))


def test_every_address_has_a_row_in_the_table() -> None:
    (api,) = (each for each in get_resolver().url_patterns if getattr(each, "namespace", "") == "api")
    assert sorted(each.name for each in api.url_patterns) == sorted([*ADDRESSES, "schema"])


@pytest.mark.parametrize("name", ADDRESSES)
def test_everybody_gets_what_the_table_says_and_a_denial_changes_nothing(world: World, name: str) -> None:
    address = ADDRESSES[name]
    path, own_key = path_of(name, world.pk(address.of) if address.of else 0), {"Idempotency-Key": "k-1"}
    clients, before = [client_of(world, who) for who in PEOPLE], state()
    for who, client, may_get, may_post in zip(PEOPLE, clients, address.get, address.post, strict=True):
        with rolled_back():
            assert (who, client.get(path).status_code) == (who, may_get)
            assert state() == before, who
            answer = client.post(path, address.body(world), format=address.format, headers=own_key)
            assert (who, answer.status_code) == (who, may_post)
            assert (state() != before) == (answer.status_code < 400), who


@pytest.mark.parametrize("who", ["stranger", "superuser", "owner"])
def test_what_belongs_to_others_looks_like_what_does_not_exist(world: World, who: str) -> None:
    client = client_of(world, who)
    for name, address in ADDRESSES.items():
        if address.of in ("", "model"):
            continue
        ask = client.get if address.get != NOT_FOR else client.post
        own = [world.pk(address.of)] if who != "owner" else []
        asked = [ask(path_of(name, pk)) for pk in (*own, 0, 987_654_321, 10**20)]
        answers = {(answer.status_code, answer.content) for answer in asked}
        assert [status for status, _content in answers] == [404], name


def test_anybody_may_read_the_schema(world: World) -> None:
    assert client_of(world, "visitor").get(reverse("api:schema")).json()["openapi"].startswith("3.")


def test_a_list_of_shops_has_ones_own_only(world: World) -> None:
    answer = client_of(world, "stranger").get(reverse("api:shops")).json()
    assert [each["name"] for each in answer["results"]] == ["Another shop"]


def test_another_shops_photo_cannot_be_decided_by_an_import(world: World) -> None:
    client = client_of(world, "stranger")
    before, path = state(), reverse("api:labels", args=[world.cast.strangers_shop.pk])
    answer = client.post(path, styles(world))
    assert answer.json()["rows"] == [{"line": 2, "column": "id", "detail": "There is no such photo in this shop."}]
    assert state() == before
