"""Values of the other direction within a sentence: from left to right among Arabic words, or the other way round."""

import unicodedata
from typing import Final

from django.utils.translation import get_language_bidi

ISOLATE: Final = "\u2068"
END: Final = "\u2069"
FROM_RIGHT_TO_LEFT: Final = ("R", "AL", "AN")


def isolated(value: object) -> str:
    """The value between marks that keep it whole: "9876543210@gmail.com" would fall apart among Arabic words.

    What can only be read in the sentence's own direction stays as it is.
    """
    text = str(value)
    if not get_language_bidi() and not any(unicodedata.bidirectional(each) in FROM_RIGHT_TO_LEFT for each in text):
        return text
    return f"{ISOLATE}{text}{END}"
