"""Pages of a list whose rows have been counted already, with other things that are counted."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet


class CountedPages(Paginator[Any]):
    """`total` stands in for the query that would count the rows."""

    def __init__(self, rows: QuerySet[Any], page_size: int, total: int) -> None:
        super().__init__(rows, page_size)
        self._total = total

    @property
    def count(self) -> int:
        return self._total
