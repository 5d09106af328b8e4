"""How texts are folded for searches; `tests/browser/test_combobox.py` compares the browser's way."""

import pytest

from catalog.folding import folded


@pytest.mark.parametrize(
    "pair",
    ["حقيبة حقيبه", "أسود اسود", "كُحلي كحلي", "फ़ोटो फोटो", "लहँगा लहंगा", "Camisón CAMISON", "men's MENS"],
)
def test_letters_that_are_typed_for_one_another_are_the_same(pair: str) -> None:
    one, other = folded(pair).split()
    assert one == other


def test_words_are_one_space_apart_whatever_was_between_them() -> None:
    assert folded("  T-shirt,\n\tblue (2½ m)! ") == "t shirt blue 2½ m"


def test_vowel_signs_are_letters() -> None:
    assert folded("जूते") == "जूते"
    assert folded("जूते") != folded("जत")
