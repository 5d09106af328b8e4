"""Leafing through listings, which have been counted already with other things that are counted."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

from catalog.models import Listing
from catalog.selectors import ListingCard, cards
from catalog.vocabulary import Vocabulary


class CountedPages(Paginator[Any]):
    """`total` stands in for the query that would count the rows."""

    def __init__(self, rows: QuerySet[Any], page_size: int, total: int) -> None:
        super().__init__(rows, page_size)
        self._total = total

    @property
    def count(self) -> int:
        return self._total


def page_of_cards(
    request: HttpRequest, rows: QuerySet[Listing], vocabulary: Vocabulary, *, page_size: int, total: int
) -> Page[ListingCard]:
    """The page that `?page=` asks for, or the nearest there is; `rows` as `cards` need them."""
    page = CountedPages(rows, page_size, total).get_page(request.GET.get("page"))
    page.object_list = cards(page.object_list, vocabulary)
    return page


def other_queries(request: HttpRequest) -> str:
    """What the address asks for besides the page, for the links to other pages."""
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()
