"""Who asks, and what they may reach: the rules of the pages, for requests of the API."""

from rest_framework.request import Request

from catalog.access import listings_for, one_or_404, photos_for, shops_for
from catalog.models import Listing, Photo, Shop
from onboarding.access import uploads_for
from onboarding.models import Upload, User


def person(request: Request) -> User:
    """Who is signed in: all views but the schema's refuse everybody else before."""
    assert isinstance(request.user, User)
    return request.user


def shop_or_404(request: Request, pk: int) -> Shop:
    return one_or_404(shops_for(request.user), pk)


def listing_or_404(request: Request, pk: int) -> Listing:
    return one_or_404(listings_for(request.user).select_related("shop"), pk)


def photo_or_404(request: Request, pk: int) -> Photo:
    return one_or_404(photos_for(request.user), pk)


def upload_or_404(request: Request, pk: int) -> Upload:
    return one_or_404(uploads_for(request.user).select_related("shop"), pk)
