"""Large queries piece by piece."""

from collections.abc import Iterator
from typing import TypeVar

from django.db.models import Model, QuerySet

CHUNK = 500

Row = TypeVar("Row", bound=Model)


def by_key(rows: QuerySet[Row]) -> Iterator[list[Row]]:
    """Rows in the order of their keys, so that each chunk is a short query whatever is added meanwhile."""
    last, ordered = 0, rows.order_by("pk")
    while chunk := list(ordered.filter(pk__gt=last)[:CHUNK]):
        yield chunk
        last = chunk[-1].pk
