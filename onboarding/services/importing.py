"""Importing labels: a table decides listings as a person would, one confirmation each."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Listing, ListingTag, Photo, Shop, TagField, Term
from catalog.services.revisions import lock_listing
from catalog.vocabulary import Vocabulary
from onboarding.errors import InvalidLabels, WrongCell
from onboarding.label_files import COLUMN_OF, StylesRow
from onboarding.models import Confirmation
from onboarding.services.confirming import Choices, Decision, confirm_listing
from onboarding.suggestions import CATEGORY_LEVELS, Output


@dataclass(frozen=True)
class Imported:
    """How many listings were confirmed anew or had the values already; ids of those that were left to people."""

    confirmed: int
    unchanged: int
    kept: Sequence[int]


@transaction.atomic
def import_labels(
    *, shop: Shop, actor: AbstractBaseUser, rows: Sequence[StylesRow], overwrite: bool = False
) -> Imported:
    """Confirms each listing that a row's photo belongs to: all rows, or none.

    What a person has decided otherwise keeps its listing as it is, unless `overwrite`. Repeating it changes nothing.
    Raises `InvalidLabels` with every cell that names no photo of the shop or no value.
    """
    decided = _decisions(shop, rows)
    outcomes = {pk: _decide(lock_listing(pk), actor, choices, overwrite) for pk, choices in sorted(decided.items())}
    counts = list(outcomes.values())
    kept = [pk for pk, outcome in outcomes.items() if outcome == "kept"]
    return Imported(counts.count("confirmed"), counts.count("unchanged"), kept)


def _decide(listing: Listing, actor: AbstractBaseUser, choices: Choices, overwrite: bool) -> str:
    wanted = {field.value: term.pk if term else None for field, term in choices.items()}
    decided = listing.tags.filter(source=ListingTag.Source.PERSON).values_list("field", "term")
    if not overwrite and any(wanted[field] != term_id for field, term_id in decided):
        return "kept"
    decision = Decision(
        choices=choices,
        seen_revision=listing.revision,  # it is locked
        idempotency_key=str(uuid4()),
        how=Confirmation.How.IMPORT,
    )
    return "confirmed" if confirm_listing(listing=listing, actor=actor, decision=decision) else "unchanged"


def _decisions(shop: Shop, rows: Sequence[StylesRow]) -> dict[int, Choices]:
    """What each listing's fields shall be."""
    photos = Photo.objects.filter(listing__shop=shop, pk__in=[row.photo_id for row in rows])
    listing_of = dict(photos.values_list("pk", "listing_id"))
    in_use = ListingTag.objects.filter(listing__in=set(listing_of.values()))
    vocabulary = Vocabulary(kept=in_use.values_list("term_id", flat=True).distinct())
    decided: dict[int, Choices] = {}
    wrong: list[WrongCell] = []
    for row in rows:
        listing_id = listing_of.get(row.photo_id)
        if listing_id is None:
            wrong.append(WrongCell(row.line, "id", _("There is no such photo in this shop.")))
            continue
        choices, unknown = _choices(row, vocabulary)
        wrong += unknown or _contradictions(row.line, choices, decided.setdefault(listing_id, choices))
    if wrong:
        raise InvalidLabels(wrong)
    return decided


def _choices(row: StylesRow, vocabulary: Vocabulary) -> tuple[Choices, list[WrongCell]]:
    """The row's terms, and its cells that name none."""
    choices: dict[TagField, Term | None] = {}
    unknown: list[WrongCell] = []
    for field in TagField:
        levels = _levels(field)
        path = [row.values.get(output, "") for output in levels]
        while path and not path[-1]:
            path.pop()
        known = [vocabulary.at(field, path[:depth]) for depth in range(1, len(path) + 1)]
        choices[field] = known[-1] if known else None
        if None in known:
            depth = known.index(None)
            sentence = _("There is no value “%(value)s” here.") % {"value": path[depth]}
            unknown.append(WrongCell(row.line, COLUMN_OF[levels[depth]], sentence))
    return choices, unknown


def _contradictions(line: int, choices: Choices, first: Choices) -> list[WrongCell]:
    """Photos of one listing cannot be different things."""
    sentence = _("Another line has another value for a photo of the same listing.")
    differing = [field for field in choices if choices[field] != first[field]]
    return [WrongCell(line, COLUMN_OF[_levels(field)[-1]], sentence) for field in differing]


def _levels(field: TagField) -> Sequence[Output]:
    """The outputs that a field's value is made of, from the root down."""
    return CATEGORY_LEVELS if field == TagField.CATEGORY else (Output(field.value),)
