"""Names of values: the vocabulary's where it has one."""

import pytest
from django.utils import timezone

from catalog.models import Term, TermName
from onboarding.evidence.figures import Output
from onboarding.evidence.naming import ValueNames
from tests.conftest import term

pytestmark = pytest.mark.django_db


def test_values_have_the_names_of_the_vocabulary() -> None:
    assert ValueNames.of(Output.COLOUR).name("Navy Blue") == "Navy blue"
    assert ValueNames.of(Output.ARTICLE_TYPE).name("Tshirts") == "T-shirts"


def test_the_same_key_is_named_by_its_level() -> None:
    term_names = [ValueNames.of(level).name("Topwear") for level in (Output.MASTER_CATEGORY, Output.SUB_CATEGORY)]
    assert term_names == ["Topwear", "Tops and jackets"]


def test_a_value_without_a_term_keeps_its_key() -> None:
    assert ValueNames.of(Output.COLOUR).name("Ultraviolet") == "Ultraviolet"


def test_retired_terms_are_still_named() -> None:
    Term.objects.filter(pk=term("colour", "Navy Blue").pk).update(retired_at=timezone.now())
    assert ValueNames.of(Output.COLOUR).name("Navy Blue") == "Navy blue"


def test_another_language_falls_back_to_english() -> None:
    TermName.objects.create(term=term("colour", "Blue"), language="de", text="Blau")
    names = ValueNames.of(Output.COLOUR, "de-AT")
    assert (names.name("Blue"), names.name("Navy Blue")) == ("Blau", "Navy blue")
    assert ValueNames.of(Output.COLOUR, "en").name("Blue") == "Blue"


def test_names_are_read_in_one_query(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        names = ValueNames.of(Output.ARTICLE_TYPE)
        assert [names.name("Tshirts"), names.name("Jeans")] == ["T-shirts", "Jeans"]
