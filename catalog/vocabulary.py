"""Seeds the vocabulary rows from `terms/<language>.json`, and names terms for people.

A file holds, per field, `{key: {"name": …, "synonyms": […], "children": {…}}}`; only categories have children.
"""

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.translation import get_language

from catalog.models import TagField, Term, TermName

TERMS_DIR = Path(__file__).parent / "terms"


def seed_after_migrate(**_kwargs: Any) -> None:
    """Receiver of `post_migrate`: a fresh, upgraded or flushed database has its words before anybody needs them."""
    if TermName._meta.db_table not in connection.introspection.table_names():
        return  # migrated backwards
    for path in sorted(TERMS_DIR.glob("*.json")):
        seed_vocabulary(json.loads(path.read_text(encoding="utf-8")))


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


class Vocabulary:
    """All terms with their names, read in two queries; for one request or one batch, not for longer.

    Only living terms can be found and chosen. Retired and merged ones are still named: listings may carry them.
    """

    def __init__(self, language: str | None = None, *, kept: Iterable[int | None] = ()) -> None:
        """`kept`: ids of terms that stay in use here although they are retired, such as a listing's own."""
        self._kept = set(kept)
        self._all = {term.pk: term for term in Term.objects.order_by("id")}
        for term in self._all.values():
            if term.parent_id:
                term.parent = self._all[term.parent_id]
        self._terms = {pk: term for pk, term in self._all.items() if self._is_living(term)}
        self._names = self._names_in(languages_of(language))
        self._by_path = {(term.field, *term.path): term for term in self._terms.values()}

    def _is_living(self, term: Term) -> bool:
        if term.pk in self._kept:
            return True
        return not any(each.retired_at or each.merged_into_id for each in self.lineage(term))

    def _names_in(self, wanted: Sequence[str]) -> dict[int, str]:
        rows = TermName.objects.filter(language__in=wanted, is_synonym=False)
        by_language = sorted(rows, key=lambda row: wanted.index(row.language), reverse=True)
        return {row.term_id: row.text for row in by_language}

    def get(self, term_id: int | None) -> Term | None:
        return self._terms.get(term_id) if term_id else None

    def at(self, field: str, path: Sequence[str]) -> Term | None:
        """The term at a path of keys, or None: ("category", ["Apparel", "Topwear"])."""
        return self._by_path.get((field, *path))

    def name(self, term: Term | None) -> str:
        return "" if term is None else self._names.get(term.pk, term.key)

    def path_name(self, term: Term | None) -> str:
        """ "Clothing › Tops and jackets › T-shirts"; the name alone for fields without levels."""
        return "" if term is None else " › ".join(map(self.name, self.lineage(term)))

    def lineage(self, term: Term) -> list[Term]:
        """From the root to the term."""
        above = self._all.get(term.parent_id or 0)
        return [*(self.lineage(above) if above else ()), term]

    def terms_of(self, field: str) -> list[Term]:
        """A field's terms: categories as a tree read depth first, the others as they were seeded."""
        terms = [term for term in self._terms.values() if term.field == field]
        return sorted(terms, key=self.path_name) if field == TagField.CATEGORY else terms
