"""Who may see what. Each rule once as rows for a person and once as "this object or 404".

What belongs to somebody else and what does not exist look the same: 404.
"""

from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from catalog.models import Listing, Membership, Photo, Shop

AnyModel = TypeVar("AnyModel", bound=Model)


def shops_for(user: object) -> QuerySet[Shop]:
    """Shops that a person works in; none for a visitor who is not signed in."""
    if isinstance(user, AnonymousUser) or getattr(user, "pk", None) is None:
        return Shop.objects.none()
    return Shop.objects.filter(memberships__user=user.pk)  # type: ignore[attr-defined]


def shops_owned_by(user: object) -> QuerySet[Shop]:
    return shops_for(user).filter(memberships__role=Membership.Role.OWNER)


def listings_for(user: object) -> QuerySet[Listing]:
    return Listing.objects.filter(shop__in=shops_for(user))


def photos_for(user: object) -> QuerySet[Photo]:
    return Photo.objects.filter(listing__shop__in=shops_for(user))


def signed_in_or_404(request: HttpRequest) -> None:
    if not request.user.is_authenticated:
        raise Http404


def one_or_404(rows: QuerySet[AnyModel], pk: int) -> AnyModel:
    return get_object_or_404(rows, pk=pk)


def shop_or_404(request: HttpRequest, pk: int) -> Shop:
    return one_or_404(shops_for(request.user), pk)


def owned_shop_or_404(request: HttpRequest, pk: int) -> Shop:
    return one_or_404(shops_owned_by(request.user), pk)


def listing_or_404(request: HttpRequest, pk: int) -> Listing:
    return one_or_404(listings_for(request.user).select_related("shop"), pk)


def photo_or_404(request: HttpRequest, pk: int) -> Photo:
    return one_or_404(photos_for(request.user).select_related("listing__shop"), pk)
