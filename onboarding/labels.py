"""What people's decisions say about photos: the labels that training, evaluation and exports share."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from catalog.models import Photo, Shop, TagField, Term
from onboarding.models import Confirmation, Label
from onboarding.suggestions import CATEGORY_LEVELS

How = Confirmation.How


@dataclass(frozen=True)
class LabelledPhoto:
    """A photo and what is known about it, by output of the network: {"master_category": "Apparel", "colour": "Red"}."""

    photo: Photo
    labels: Mapping[str, str]


def labelled_photos(
    *, shops: QuerySet[Shop] | None = None, include_bulk: bool = False, include_undone: bool = False
) -> list[LabelledPhoto]:
    """Every photo of a listing about which somebody decided something, in order; in four queries.

    For each field the newest decision speaks. One by which many listings were confirmed at once speaks only with
    `include_bulk`, and nothing older speaks in its stead; an undone one is passed over unless `include_undone`. A
    field that was left empty makes no label; a value that was merged into another counts as the other.
    """
    decisions = Confirmation.objects.exclude(how=How.UNDO).order_by("pk")
    if shops is not None:
        decisions = decisions.filter(listing__shop__in=shops)
    if not include_undone:
        decisions = decisions.filter(withdrawn_by=None)
    known = _values_by_listing(decisions, include_bulk)
    photos = Photo.objects.filter(listing__in=known).order_by("pk")
    return [LabelledPhoto(photo, values) for photo in photos if (values := known[photo.listing_id])]


def _values_by_listing(decisions: QuerySet[Confirmation], include_bulk: bool) -> dict[int, dict[str, str]]:
    terms = {term.pk: term for term in Term.objects.all()}
    deciding: dict[int, dict[str, int | None]] = {}
    labels = Prefetch("labels", Label.objects.only("confirmation_id", "field", "term_id"))
    for decision in decisions.prefetch_related(labels):
        chosen = {label.field: label.term_id for label in decision.labels.all()}
        is_heard = include_bulk or decision.how != How.BULK
        fields = deciding.setdefault(decision.listing_id, {})
        fields.update((field, chosen.get(field) if is_heard else None) for field in decision.fields)
    return {listing_id: _values(fields, terms) for listing_id, fields in deciding.items()}


def _values(fields: Mapping[str, int | None], terms: Mapping[int, Term]) -> dict[str, str]:
    values: dict[str, str] = {}
    for field, term_id in fields.items():
        path = _path(term_id, terms)
        if field == TagField.CATEGORY:
            values.update(zip((level.value for level in CATEGORY_LEVELS), path, strict=False))
        elif path:
            values[field] = path[0]
    return values


def _path(term_id: int | None, terms: Mapping[int, Term]) -> tuple[str, ...]:
    """Keys from the root down; merged terms give way to what they were merged into, and circles end."""
    seen: set[int] = set()
    while term_id is not None and (merged_into := terms[term_id].merged_into_id) is not None and term_id not in seen:
        seen.add(term_id)
        term_id = merged_into
    if term_id is None:
        return ()
    term = terms[term_id]
    return (*_path(term.parent_id, terms), term.key)


def fingerprint(rows: Sequence[LabelledPhoto]) -> str:
    """SHA-256 of a snapshot: the same labels of the same photos give the same."""
    content = [[row.photo.pk, sorted(row.labels.items())] for row in rows]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def count_values(rows: Iterable[LabelledPhoto]) -> dict[str, int]:
    """How many photos have a label, by output."""
    counts: dict[str, int] = {}
    for row in rows:
        for output in row.labels:
            counts[output] = counts.get(output, 0) + 1
    return counts
