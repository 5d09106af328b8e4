"""What can go wrong is said in the reader's language."""

import pytest
from django.utils.functional import Promise
from django.utils.translation import override

from catalog import errors
from catalog.errors import CatalogError

KINDS = sorted(
    (each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, CatalogError)),
    key=lambda each: each.__name__,
)


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_has_a_sentence_of_its_own_that_can_be_translated(kind: type[CatalogError]) -> None:
    assert isinstance(kind.message, Promise)
    assert str(kind()).endswith(".")
    assert [each for each in KINDS if str(each()) == str(kind())] == [kind]


def test_a_sentence_is_translated_when_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.utils import translation

    error = errors.LastOwner()
    monkeypatch.setattr(translation._trans, "gettext", lambda text: f"{translation.get_language()}: {text}")
    with override("de"):
        assert str(error) == "de: A shop needs at least one owner."


def test_a_more_exact_sentence_can_be_given() -> None:
    assert str(CatalogError("Only this.")) == "Only this."
