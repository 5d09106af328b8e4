"""The words by which people find a term, as the scripts of the pages read them."""

from catalog.models import TagField, Term, TermName
from catalog.vocabulary import Vocabulary, languages_of

Row = list[int | str]


def word_list() -> list[Row]:
    """Every term that can be chosen: its id, the id of the term above it or 0, its name, then other words for it.

    Names are in the reader's language; the other words too, and in English.
    """
    vocabulary = Vocabulary()
    texts = _texts()
    terms = (term for field in TagField for term in vocabulary.terms_of(field))
    return [_row(term, vocabulary.name(term), texts.get(term.pk, [])) for term in terms]


def _texts() -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = TermName.objects.filter(language__in=languages_of()).order_by("pk")
    for term_id, text in rows.values_list("term", "text"):
        found.setdefault(term_id, []).append(text)
    return found


def _row(term: Term, name: str, texts: list[str]) -> Row:
    return [term.pk, term.parent_id or 0, name, *(text for text in dict.fromkeys(texts) if text != name)]
