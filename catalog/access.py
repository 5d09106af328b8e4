"""Who may see what. Each rule once as rows for a person and once as "this object or 404".

What belongs to somebody else and what does not exist look the same: 404.
"""

from typing import Final, TypeVar

from django.db.models import Model, QuerySet, Subquery
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from catalog.models import Listing, Membership, Photo, Shop, VocabularyEdition

AnyModel = TypeVar("AnyModel", bound=Model)
SHOPS: Final = "_shops"
"""Of a request: the shops of whoever makes it, once they have been read."""


def shops_for(user: object) -> QuerySet[Shop]:
    """Shops that a person works in; none for a visitor who is not signed in."""
    return Shop.objects.filter(pk__in=_memberships_of(user).values("shop"))


def shops_owned_by(user: object) -> QuerySet[Shop]:
    return Shop.objects.filter(pk__in=_memberships_of(user).filter(role=Membership.Role.OWNER).values("shop"))


def _memberships_of(user: object) -> QuerySet[Membership]:
    pk = getattr(user, "pk", None)
    return Membership.objects.none() if pk is None else Membership.objects.filter(user=pk)


def removable_memberships_for(user: object) -> QuerySet[Membership]:
    """A person's own memberships, and everybody's in the shops that the person owns."""
    own = Membership.objects.filter(shop__in=shops_for(user), user=getattr(user, "pk", None))
    return own | Membership.objects.filter(shop__in=shops_owned_by(user))


def listings_for(user: object) -> QuerySet[Listing]:
    return Listing.objects.filter(shop__in=shops_for(user))


def photos_for(user: object) -> QuerySet[Photo]:
    return Photo.objects.filter(listing__shop__in=shops_for(user))


def one_or_404(rows: QuerySet[AnyModel], pk: int) -> AnyModel:
    return get_object_or_404(rows, pk=pk)


def shops_of(request: HttpRequest) -> list[Shop]:
    """The shops of whoever makes the request, by name; read once, with the edition of the vocabulary."""
    if not hasattr(request, SHOPS):
        edition = VocabularyEdition.objects.filter(pk=VocabularyEdition.ONLY).values("stamp")
        rows = shops_for(request.user).annotate(edition=Subquery(edition)).order_by("name", "pk")
        for shop in rows:
            shop.vocabulary_stamp = shop.edition
        setattr(request, SHOPS, list(rows))
    found: list[Shop] = getattr(request, SHOPS)
    return found


def shop_or_404(request: HttpRequest, pk: int) -> Shop:
    for shop in shops_of(request):
        if shop.pk == pk:
            return shop
    raise Http404


def owned_shop_or_404(request: HttpRequest, pk: int) -> Shop:
    return one_or_404(shops_owned_by(request.user), pk)


def listing_or_404(request: HttpRequest, pk: int) -> Listing:
    """With its shop as `shops_of` has read it, which the page's header shows as well."""
    listing = one_or_404(Listing.objects.all(), pk)
    listing.shop = shop_or_404(request, listing.shop_id)
    return listing


def photo_or_404(request: HttpRequest, pk: int) -> Photo:
    return one_or_404(photos_for(request.user).select_related("listing__shop"), pk)
