"""How searches compare texts: what people leave out, or type in another way, does not count.

`static/js/matching.js` folds alike, for what is searched in the browser.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any, Final

from django.db import models

MARKS: Final = re.compile("[\u0300-\u036f\u0640\u064b-\u065f\u093c]")
"""Accents, the vowel marks, hamzas and lengthening strokes of Arabic, the dot below of Hindi; others are letters."""

SAME: Final = str.maketrans({"\u0629": "\u0647", "\u0649": "\u064a", "\u0901": "\u0902", "'": None, "’": None})
"""Letters that people type for one another: the closed and the open t, both kinds of y, both signs of a nasal."""


def folded(text: str) -> str:
    """Without capitals, accents and punctuation; one space between words."""
    plain = unicodedata.normalize("NFC", MARKS.sub("", unicodedata.normalize("NFD", text))).lower().translate(SAME)
    return " ".join("".join(letter if _is_of_a_word(letter) else " " for letter in plain).split())


def _is_of_a_word(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LMN"


class FoldedText(models.TextField):  # type: ignore[type-arg]
    """What the columns `of` its row say, folded, a line and a leading space for each: made anew when the row is saved.

    So " sho" finds what begins a word. A bulk update of one of those columns has to update this one too.
    """

    def __init__(self, *args: Any, of: Sequence[str] = (), **options: Any) -> None:
        super().__init__(*args, **{"default": "", "editable": False, **options})
        self.of = tuple(of)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, arguments, options = super().deconstruct()
        return name, path, arguments, {**options, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        texts = [folded(getattr(model_instance, name)) for name in self.of]
        text = "\n".join(f" {text}" for text in texts if text)
        setattr(model_instance, self.attname, text)
        return text
