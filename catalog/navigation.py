"""What every page's header needs: the page itself, the person's shops, the one in view, how much waits for review."""

from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import escape_leading_slashes, url_has_allowed_host_and_scheme

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


def page_in_view(request: HttpRequest) -> str:
    """Where to come back to after signing in or changing the language.

    A form may have been sent to an address that has no page: the page that it was on then, or the start page.
    """
    return request.get_full_path() if request.method in ("GET", "HEAD") else page_before(request)


def page_before(request: HttpRequest) -> str:
    """The page of this site that led here; the start page if there is none."""
    referer = request.headers.get("Referer", "")
    try:
        hosts = {request.get_host()}
    except DisallowedHost:  # its page is shown too
        hosts = set()
    if not url_has_allowed_host_and_scheme(referer, allowed_hosts=hosts, require_https=request.is_secure()):
        return reverse("home")
    parts = urlsplit(referer)
    return escape_leading_slashes(f"{parts.path}?{parts.query}" if parts.query else parts.path) or reverse("home")


def current_shop(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `nav_here`, and `nav_shop`, `nav_shops` and `nav_to_review` for signed-in people.

    Lazy, so that a fragment without a header costs no query.
    """
    here = page_in_view(request)
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"nav_here": here, "nav_shop": None, "nav_shops": [], "nav_to_review": 0}
    navigation = Navigation(request)
    return {
        "nav_here": here,
        "nav_shop": SimpleLazyObject(lambda: navigation.shop),
        "nav_shops": SimpleLazyObject(lambda: navigation.shops),
        "nav_to_review": SimpleLazyObject(lambda: navigation.to_review),
    }
