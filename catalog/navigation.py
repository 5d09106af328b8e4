"""What every page's header needs: the person's shops, the one in view, and how much waits for review."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from catalog.access import shops_of
from catalog.models import Listing, Shop

SESSION_KEY = "shop"
LANGUAGE_KEY = "shop language"


class Navigation:
    """Reads from the database only what a template asks for."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def shops(self) -> list[Shop]:
        return shops_of(self._request)

    @cached_property
    def shop(self) -> Shop | None:
        chosen = self._request.session.get(SESSION_KEY)
        return next((shop for shop in self.shops if shop.pk == chosen), self.shops[0] if self.shops else None)

    @cached_property
    def to_review(self) -> int:
        if self.shop is None:
            return 0
        return Listing.objects.filter(shop=self.shop, state=Listing.State.DRAFT).count()


def remember_shop(request: HttpRequest, shop: Shop) -> None:
    """The shop that a person last looked at stays the one that the header leads to."""
    for key, value in ((SESSION_KEY, shop.pk), (LANGUAGE_KEY, shop.language)):
        if request.session.get(key) != value:
            request.session[key] = value


def shop_language(request: HttpRequest) -> str:
    """Of the shop that was looked at last; empty where none was."""
    language: str = request.session.get(LANGUAGE_KEY, "")
    return language


def current_shop(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `nav_shop`, `nav_shops` and `nav_to_review` for signed-in people.

    Lazy, so that a fragment without a header costs no query.
    """
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"nav_shop": None, "nav_shops": [], "nav_to_review": 0}
    navigation = Navigation(request)
    return {
        "nav_shop": SimpleLazyObject(lambda: navigation.shop),
        "nav_shops": SimpleLazyObject(lambda: navigation.shops),
        "nav_to_review": SimpleLazyObject(lambda: navigation.to_review),
    }
