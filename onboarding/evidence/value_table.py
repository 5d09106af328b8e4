"""Precision, recall and F1 of each value, sorted as the query string asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from onboarding.evidence.figures import FieldFigures, ValueFigures
from onboarding.evidence.naming import ValueNames

DEFAULT_SORT = "-n"
COLUMNS = (
    ("value", _("Value")),
    ("n", _("Pictures")),
    ("right", _("Right")),
    ("precision", _("Precision")),
    ("recall", _("Recall")),
    ("f1", _("F1")),
)


@dataclass(frozen=True)
class ValueRow:
    name: str
    figures: ValueFigures

    def sort_key(self, column: str) -> Any:
        """A name or a number; None where the figure lacks."""
        return self.name.lower() if column == "value" else getattr(self.figures, column)


@dataclass(frozen=True)
class ValueColumn:
    """`sort`: what its heading asks for; `direction`: how the table is sorted by it now, as ARIA says it, or ""."""

    label: str
    sort: str
    direction: str
    is_text: bool


@dataclass(frozen=True)
class ValueTable:
    columns: Sequence[ValueColumn]
    rows: Sequence[ValueRow]
    sort: str
    hidden_count: int

    @property
    def count(self) -> int:
        """All values, shown or not."""
        return len(self.rows) + self.hidden_count


def value_table(figures: FieldFigures, names: ValueNames, *, sort: str = "", limit: int | None = None) -> ValueTable:
    """`sort`: a column's name, with "-" for falling order; anything else means the most pictures first.

    What has no figure (a value that was never predicted has no precision) comes last either way.
    """
    allowed = {f"{sign}{column}" for column, _label in COLUMNS for sign in ("", "-")}
    sort = sort if sort in allowed else DEFAULT_SORT
    column, is_falling = sort.removeprefix("-"), sort.startswith("-")
    rows = sorted((ValueRow(names.name(each.value), each) for each in figures.values), key=lambda row: row.name.lower())
    known = [row for row in rows if row.sort_key(column) is not None]
    ordered = sorted(known, key=lambda row: row.sort_key(column), reverse=is_falling)
    ordered += [row for row in rows if row.sort_key(column) is None]
    shown = ordered if limit is None else ordered[:limit]
    return ValueTable([_column(*each, sort) for each in COLUMNS], shown, sort, len(ordered) - len(shown))


def _column(name: str, label: object, sort: str) -> ValueColumn:
    """Counts begin with the largest, shares with the worst; the heading in use turns the order around."""
    first = f"-{name}" if name in ("n", "right") else name
    turned = name if sort == f"-{name}" else f"-{name}"
    is_in_use = sort.removeprefix("-") == name
    direction = ("descending" if sort.startswith("-") else "ascending") if is_in_use else ""
    return ValueColumn(str(label), turned if is_in_use else first, direction, name == "value")
