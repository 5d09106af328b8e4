"""Which version works: promoting, going back, finding one by name."""

import pytest

from onboarding.errors import ActiveModelChanged, NoActiveModel, NoEarlierModel
from onboarding.models import ModelVersion
from onboarding.services.model_versions import activate_version, active_version, find_version, roll_back
from tests.conftest import make_version

State = ModelVersion.State


def test_without_an_active_version_there_is_a_clear_sentence(db: None) -> None:
    make_version(state="candidate")
    with pytest.raises(NoActiveModel) as complaint:
        active_version()
    assert str(complaint.value) == "No model is active. Register one with `manage.py register_model`."


def test_activating_one_version_retires_the_other(db: None) -> None:
    old, new = make_version("a" * 64), make_version("b" * 64, state="candidate")
    activate_version(new)
    states = dict(ModelVersion.objects.values_list("sha256", "state"))
    assert (states, active_version()) == ({old.sha256: State.RETIRED, new.sha256: State.ACTIVE}, new)
    assert active_version().activated_at is not None


def test_a_retired_version_can_be_made_active_again_even_from_an_outdated_object(db: None) -> None:
    old, new = make_version("a" * 64), make_version("b" * 64, state="candidate")
    activate_version(new)
    assert old.state == State.ACTIVE  # as it was when this object was read
    activate_version(old)
    assert active_version() == old


def test_activating_the_active_version_changes_nothing(db: None) -> None:
    version = make_version()
    before = ModelVersion.objects.values().get()
    activate_version(version)
    assert ModelVersion.objects.values().get() == before


def test_a_version_is_promoted_only_instead_of_the_one_that_it_was_compared_with(db: None) -> None:
    base, other = make_version("a" * 64), make_version("b" * 64, state="candidate")
    candidate = make_version("c" * 64, state="candidate")
    activate_version(other)
    before = list(ModelVersion.objects.order_by("pk").values())
    with pytest.raises(ActiveModelChanged):
        activate_version(candidate, instead_of=base)
    assert list(ModelVersion.objects.order_by("pk").values()) == before
    assert activate_version(candidate, instead_of=other).state == State.ACTIVE


def three_activated() -> list[ModelVersion]:
    versions = [make_version(letter * 64, state="candidate") for letter in "abc"]
    return [activate_version(version) for version in versions]


def test_rolling_back_leads_to_the_version_before_and_then_to_the_one_before_that(db: None) -> None:
    first, second, third = three_activated()
    assert (roll_back(), active_version()) == (second, second)
    assert (roll_back(), active_version()) == (first, first)
    assert dict(ModelVersion.objects.values_list("pk", "state")) == {
        first.pk: State.ACTIVE,
        second.pk: State.RETIRED,
        third.pk: State.RETIRED,
    }


def test_before_the_first_version_there_is_none_to_go_back_to(db: None) -> None:
    version = activate_version(make_version(state="candidate"))
    make_version("b" * 64, state="candidate")  # never active
    with pytest.raises(NoEarlierModel):
        roll_back()
    assert active_version() == version


def test_what_was_rolled_back_can_be_promoted_again_and_is_then_the_latest(db: None) -> None:
    _first, second, third = three_activated()
    roll_back()
    activate_version(third)
    assert (active_version(), roll_back()) == (third, second)


def test_a_version_is_found_by_its_name_or_the_start_of_its_sha256(db: None) -> None:
    one, _other = make_version("ab" * 32, name="lapel-1"), make_version("ac" * 32, name="lapel-2", state="retired")
    assert [find_version(text) for text in ("lapel-1", "ab", "ABAB", "a", "lapel", "", "zz")] == [
        one, one, one, None, None, None, None,
    ]  # fmt: skip
