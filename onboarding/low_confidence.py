"""Reading the queue of low-confidence tags: what waits, least confident first, and how much of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Min, Q, QuerySet
from django.http import QueryDict

from catalog.ids import parsed_id
from catalog.models import TagField, Term
from catalog.vocabulary import Vocabulary
from onboarding.models import DoubtfulTag


@dataclass(frozen=True)
class QueueFilter:
    """Which part of the queue somebody works on: all of it, one field, or one value and whatever is below it."""

    field: TagField | None = None
    term: Term | None = None

    @classmethod
    def from_query(cls, query: QueryDict | Mapping[str, str], vocabulary: Vocabulary) -> "QueueFilter":
        """From `?field=colour&value=12`; what is unknown does not filter."""
        raw = query.get("value", "")
        term = vocabulary.get(parsed_id(raw))
        if term is not None:
            return cls(TagField(term.field), term)
        field = query.get("field", "")
        return cls(TagField(field) if field in TagField.values else None)

    @property
    def query(self) -> str:
        """As part of an address."""
        if self.term:
            return f"value={self.term.pk}"
        return f"field={self.field.value}" if self.field else ""


@dataclass(frozen=True)
class ValueCount:
    """How many tags wait of which this value, or one below it, is the best guess; and the lowest confidence."""

    term: Term
    name: str
    count: int
    lowest_percent: int


@dataclass(frozen=True)
class FieldCount:
    field: TagField
    count: int
    values: Sequence[ValueCount]


def waiting(chosen: QueueFilter) -> QuerySet[DoubtfulTag]:
    """The queue, least confident first."""
    rows = DoubtfulTag.objects.order_by("confidence", "pk")
    if chosen.term:
        return rows.filter(field=chosen.term.field).filter(_at_or_below(chosen.term))
    return rows.filter(field=chosen.field.value) if chosen.field else rows


def _at_or_below(term: Term) -> Q:
    return Q(term=term) | Q(term__parent=term) | Q(term__parent__parent=term)


def following(chosen: QueueFilter, after: DoubtfulTag | None) -> DoubtfulTag | None:
    """The next one after a tag that was skipped; past the end, the first again."""
    rows = waiting(chosen)
    if after is None:
        return rows.first()
    later = Q(confidence__gt=after.confidence) | Q(confidence=after.confidence, pk__gt=after.pk)
    return rows.filter(later).first() or rows.exclude(pk=after.pk).first()


def overview(vocabulary: Vocabulary) -> list[FieldCount]:
    """What waits by field and value, most first; categories are summed up by subcategory. One query."""
    rows = DoubtfulTag.objects.order_by().values("field", "term").annotate(count=Count("pk"), lowest=Min("confidence"))
    found: dict[str, dict[Term, tuple[int, float]]] = {field.value: {} for field in TagField}
    for row in rows:
        term = _shown_as(row["term"], vocabulary)
        if term is not None:
            count, lowest = found[row["field"]].get(term, (0, 1.0))
            found[row["field"]][term] = (count + row["count"], min(lowest, row["lowest"]))
    return [_field_count(TagField(field), counts, vocabulary) for field, counts in found.items()]


def _shown_as(term_id: int, vocabulary: Vocabulary) -> Term | None:
    """The term, or the subcategory that it is in."""
    term = vocabulary.get(term_id)
    return vocabulary.lineage(term)[:2][-1] if term else None


def _field_count(field: TagField, counts: Mapping[Term, tuple[int, float]], vocabulary: Vocabulary) -> FieldCount:
    values = [
        ValueCount(term, vocabulary.path_name(term), count, round(100 * lowest))
        for term, (count, lowest) in counts.items()
    ]
    values.sort(key=lambda value: (-value.count, value.name))
    return FieldCount(field, sum(value.count for value in values), values)
