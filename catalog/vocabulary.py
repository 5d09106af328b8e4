"""Seeds the vocabulary rows from `terms/<language>.json`, and names terms for people.

A file holds, per field, `{key: {"name": …, "synonyms": […], "children": {…}}}`; only categories have children.
"""

import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence, Set
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import get_language

from catalog.models import TagField, Term, TermName, VocabularyEdition

TERMS_DIR = Path(__file__).parent / "terms"
EDITIONS_KEPT: Final = 8

Made = TypeVar("Made")


def seed_after_migrate(**_kwargs: Any) -> None:
    """Receiver of `post_migrate`: a fresh, upgraded or flushed database has its words before anybody needs them."""
    if TermName._meta.db_table not in connection.introspection.table_names():
        return  # migrated backwards
    VocabularyEdition.renew()  # migrations may have changed rows
    for path in sorted(TERMS_DIR.glob("*.json")):
        seed_vocabulary(json.loads(path.read_text(encoding="utf-8")))


def renew_edition(**_kwargs: Any) -> None:
    """Receiver of what happens to single rows."""
    VocabularyEdition.renew()


@transaction.atomic
def seed_vocabulary(document: Mapping[str, Any]) -> int:
    """Adds the terms and names of one language that are missing; returns how many terms it added. Changes no row."""
    language = document["language"]
    called = TermName.objects.filter(language=language).values_list("term", "text")
    known = {(term_id, text.casefold()) for term_id, text in called}
    return sum(_seed_level(field, document.get(field.value, {}), None, language, known) for field in TagField)


def _seed_level(
    field: TagField, entries: Mapping[str, Any], parent: Term | None, language: str, known: Set[tuple[int, str]]
) -> int:
    present = {term.key: term for term in Term.objects.filter(field=field, parent=parent)}
    missing = [Term(field=field, key=key, parent=parent) for key in entries if key not in present]
    present |= {term.key: term for term in Term.objects.bulk_create(missing)}
    names = (name for key, entry in entries.items() for name in _names(present[key], entry, language))
    TermName.objects.bulk_create(
        (name for name in names if (name.term_id, name.text.casefold()) not in known),  # as an admin spelled it
        ignore_conflicts=True,
    )
    below = (
        _seed_level(field, entry["children"], present[key], language, known)
        for key, entry in entries.items()
        if "children" in entry
    )
    return len(missing) + sum(below)


def _names(term: Term, entry: Mapping[str, Any], language: str) -> Iterable[TermName]:
    yield TermName(term=term, language=language, text=entry["name"])
    for synonym in entry.get("synonyms", ()):
        yield TermName(term=term, language=language, text=synonym, is_synonym=True)


def languages_of(reader: str | None = None) -> list[str]:
    """Whose words a reader understands, best first: those of the language, by default today's, then English ones."""
    return [(reader or get_language() or "en").partition("-")[0], "en"]


class _Words:
    """All terms and their names for readers of some languages, as they were when they were read."""

    def __init__(self, languages: Sequence[str]) -> None:
        self.all = {term.pk: term for term in Term.objects.order_by("id")}
        for term in self.all.values():
            if term.parent_id:
                term.parent = self.all[term.parent_id]
        rows = TermName.objects.filter(language__in=languages, is_synonym=False)
        by_language = sorted(rows, key=lambda row: languages.index(row.language), reverse=True)
        self.names = {row.term_id: row.text for row in by_language}

    @cached_property
    def living(self) -> "_Choice":
        return _Choice(self, frozenset())

    def lineage(self, term: Term) -> list[Term]:
        above = self.all.get(term.parent_id or 0)
        return [*(self.lineage(above) if above else ()), term]

    def path_name(self, term: Term) -> str:
        return " › ".join(self.names.get(each.pk, each.key) for each in self.lineage(term))


class _Choice:
    """What can be chosen: living terms, and those that are `kept`."""

    def __init__(self, words: _Words, kept: Set[int]) -> None:
        self._words, self._kept = words, kept
        self.terms = {pk: term for pk, term in words.all.items() if pk in kept or self._is_living(term)}
        self.by_path = {(term.field, *term.path): term for term in self.terms.values()}
        self._by_field: dict[str, list[Term]] = {}
        self.made: dict[Hashable, Any] = {}

    def _is_living(self, term: Term) -> bool:
        return not any(each.retired_at or each.merged_into_id for each in self._words.lineage(term))

    def of(self, field: str) -> list[Term]:
        if field not in self._by_field:
            terms = [term for term in self.terms.values() if term.field == field]
            is_tree = field == TagField.CATEGORY
            self._by_field[field] = sorted(terms, key=self._words.path_name) if is_tree else terms
        return self._by_field[field]


_read: dict[tuple[UUID, str], _Words] = {}
"""By edition and languages, in the order in which they were read; shared by all threads, changed by none."""


def _words(stamp: UUID | None, languages: Sequence[str]) -> _Words:
    if stamp is None:
        return _Words(languages)
    key = (stamp, " ".join(languages))
    found = _read.get(key) or _Words(languages)
    _read[key] = found
    for old in list(_read)[:-EDITIONS_KEPT]:
        _read.pop(old, None)
    return found


class Vocabulary:
    """All terms with their names, as they are now; for one request or one batch, not for longer.

    Only living terms can be found and chosen. Retired and merged ones are still named: listings may carry them.
    They are read once an edition; whether there is a newer one takes a query, unless the `stamp` is known already.
    """

    def __init__(
        self, language: str | None = None, *, kept: Iterable[int | None] = (), stamp: UUID | None = None
    ) -> None:
        """`kept`: ids of terms that stay in use here although they are retired, such as a listing's own."""
        self._words = _words(stamp or VocabularyEdition.current(), languages_of(language))
        living = self._words.living
        retired = frozenset(pk for pk in kept if pk and pk in self._words.all and pk not in living.terms)
        self._choice = _Choice(self._words, retired) if retired else living

    def get(self, term_id: int | None) -> Term | None:
        return self._choice.terms.get(term_id) if term_id else None

    def at(self, field: str, path: Sequence[str]) -> Term | None:
        """The term at a path of keys, or None: ("category", ["Apparel", "Topwear"])."""
        return self._choice.by_path.get((field, *path))

    def name(self, term: Term | None) -> str:
        return "" if term is None else self._words.names.get(term.pk, term.key)

    def known(self, term_id: int | None) -> Term | None:
        """Also a term that is out of use."""
        return self._words.all.get(term_id) if term_id else None

    def path_name(self, term: Term | None) -> str:
        """ "Clothing › Tops and jackets › T-shirts"; the name alone for fields without levels."""
        return "" if term is None else self._words.path_name(term)

    def lineage(self, term: Term) -> list[Term]:
        """From the root to the term."""
        return self._words.lineage(term)

    def once(self, name: Hashable, make: Callable[[], Made]) -> Made:
        """What is `make`d of these words, made once: it must not change, and depend on nothing but them and `name`."""
        made = self._choice.made
        if name not in made:
            made[name] = make()
        found: Made = made[name]
        return found

    def terms_of(self, field: str) -> list[Term]:
        """A field's terms: categories as a tree read depth first, the others as they were seeded."""
        return list(self._choice.of(field))
