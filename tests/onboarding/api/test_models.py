"""Model versions and the vocabulary over the API."""

from typing import Any

from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from onboarding.models import Evaluation, User
from tests.conftest import Cast, make_user, make_version, term
from tests.onboarding.api.conftest import API, program


def reader() -> User:
    user = make_user("reader@example.com", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_modelversion"))
    return user


def test_versions_are_listed_newest_first_in_a_fixed_number_of_queries(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    api = program(reader())
    make_version("a" * 64, state="retired")
    for count in (1, 3):
        with django_assert_num_queries(6):
            assert api.get(f"{API}/models/").json()["count"] == count
        if count == 1:
            make_version("b" * 64)
            make_version("c" * 64, state="candidate")
    rows = api.get(f"{API}/models/").json()["results"]
    assert [(row["sha256"][0], row["state"]) for row in rows] == [("c", "candidate"), ("b", "active"), ("a", "retired")]


def test_a_version_shows_its_card_and_how_often_it_is_right(cast: Cast) -> None:
    version = make_version(card={"input_size": 224})
    figures = {"colour": {"n": 2, "accuracy": 0.5}, "season": {"n": 0, "accuracy": None}}
    Evaluation.objects.create(model_version=version, pictures="studio", figures=figures)
    answer = program(reader()).get(f"{API}/models/{version.pk}/").json()
    assert (answer["name"], answer["card"]) == (version.name, {"input_size": 224})
    assert [(each["pictures"], each["run"], each["accuracy"]) for each in answer["evaluations"]] == [
        ("studio", None, {"colour": 0.5, "season": None})
    ]


def test_the_vocabulary_has_every_value_with_its_path_and_name(cast: Cast, api: APIClient) -> None:
    answer = {row["field"]: row for row in api.get(f"{API}/vocabulary/").json()}
    assert list(answer) == ["category", "colour", "season", "gender", "usage"]
    assert answer["colour"]["label"] == "Colour"
    tees = [each for each in answer["category"]["values"] if each["path"] == ["Apparel", "Topwear", "Tshirts"]]
    assert [each["name"].count(" › ") for each in tees] == [2]


def test_a_retired_value_is_offered_no_more(cast: Cast, api: APIClient) -> None:
    red = term("colour", "Red")
    red.retired_at = cast.shop.created_at
    red.save()
    answer = {row["field"]: row for row in api.get(f"{API}/vocabulary/").json()}
    assert ["Red"] not in [each["path"] for each in answer["colour"]["values"]]
    assert ["Blue"] in [each["path"] for each in answer["colour"]["values"]]
