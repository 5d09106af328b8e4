"""What happened to a listing's values: who or which model said what, and when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.models import Listing, TagField, Term
from catalog.vocabulary import Vocabulary
from onboarding.models import Confirmation, Prediction
from onboarding.services.confirming import choices_of
from onboarding.suggestions import PhotoPredictions, suggest, tag_field_of


@dataclass(frozen=True)
class HistoryValue:
    """A field and its value's name, empty where it was left so on purpose."""

    label: str
    name: str
    colour_key: str


@dataclass(frozen=True)
class HistoryEntry:
    """One thing that happened. `confirmation` can be restored; `is_undone`: it counts no more."""

    at: datetime
    who: str
    how: str
    values: Sequence[HistoryValue]
    confirmation: Confirmation | None = None
    is_model: bool = False
    is_undone: bool = False

    @property
    def is_restorable(self) -> bool:
        return self.confirmation is not None and bool(self.values)


def history_of(listing: Listing, vocabulary: Vocabulary) -> list[HistoryEntry]:
    """The newest first; a fixed number of queries."""
    entries = [*_decisions(listing, vocabulary), *_guesses(listing, vocabulary)]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _decisions(listing: Listing, vocabulary: Vocabulary) -> Iterable[HistoryEntry]:
    rows = Confirmation.objects.filter(listing=listing.pk).select_related("actor", "withdrawn_by")
    for row in rows.prefetch_related("labels__term"):
        yield HistoryEntry(
            at=row.created_at,
            who=row.actor_name,
            how=str(row.get_how_display()),
            values=[_value(field, term, vocabulary) for field, term in choices_of(row).items()],
            confirmation=row if row.how != Confirmation.How.UNDO else None,
            is_undone=hasattr(row, "withdrawn_by"),
        )


def _guesses(listing: Listing, vocabulary: Vocabulary) -> Iterable[HistoryEntry]:
    """One entry a model version: what its guesses on all photos came to."""
    rows = Prediction.objects.filter(photo__listing=listing.pk).select_related("model_version", "term").order_by("pk")
    by_version: dict[int, list[Prediction]] = {}
    for row in rows:
        by_version.setdefault(row.model_version_id, []).append(row)
    for predictions in by_version.values():
        found = suggest(_by_photo(predictions))
        yield HistoryEntry(
            at=predictions[-1].created_at,
            who=predictions[0].model_version.name,
            how="",
            values=[_value(field, vocabulary.get(each.term_id), vocabulary) for field, each in found.items()],
            is_model=True,
        )


def _by_photo(predictions: Iterable[Prediction]) -> list[PhotoPredictions]:
    photos: dict[int, dict[TagField, dict[str, Prediction]]] = {}
    for row in predictions:
        photos.setdefault(row.photo_id, {}).setdefault(tag_field_of(row.field), {})[row.field] = row
    return list(photos.values())


def _value(field: TagField, term: Term | None, vocabulary: Vocabulary) -> HistoryValue:
    return HistoryValue(str(field.label), vocabulary.path_name(term), term.colour_key if term else "")
