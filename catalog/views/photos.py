"""Photo files, and putting photos in order."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import cast

from django.contrib import messages
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog import access
from catalog.errors import CatalogError
from catalog.forms import TransferForm
from catalog.models import Photo
from catalog.photo_cards import open_card
from catalog.services import photos as services

SHOWN_KINDS = ("master", "display")
CACHE_SECONDS = 7 * 24 * 3600


@require_safe
def photo_file(request: HttpRequest, pk: int, kind: str) -> FileResponse:
    """One size of a photo; 404 for whoever does not work in its shop. A photo's files never change."""
    return photo_response(access.photo_or_404(request, pk), kind)


def photo_response(photo: Photo, kind: str, *, kinds: Sequence[str] = SHOWN_KINDS) -> FileResponse:
    """A stored file of a photo that the person in question may see; 404 for what is not there."""
    if kind not in kinds:
        raise Http404
    return _file(lambda: default_storage.open(getattr(photo, kind).name), "image/jpeg")


@require_safe
def photo_card(request: HttpRequest, pk: int) -> FileResponse:
    """The small copy for lists; 404 for whoever does not work in the photo's shop."""
    photo = access.photo_or_404(request, pk)
    return _file(lambda: open_card(photo), "image/webp")


def _file(opened: Callable[[], File[bytes]], content_type: str) -> FileResponse:
    try:
        stored = opened()
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(stored, content_type=content_type)
    response["Cache-Control"] = f"private, max-age={CACHE_SECONDS}, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _changes_photo(view: Callable[[HttpRequest, Photo], HttpResponse]) -> Callable[[HttpRequest, int], HttpResponse]:
    """Finds the photo or answers 404; what can no longer be done with it is said on the page it was on."""

    @wraps(view)
    def wrapped(request: HttpRequest, pk: int) -> HttpResponse:
        photo = access.photo_or_404(request, pk)
        try:
            return view(request, photo)
        except CatalogError as error:
            messages.error(request, str(error))
            return redirect("catalog:listing_detail", photo.listing_id)

    return wrapped


@require_POST
@_changes_photo
def photo_move(request: HttpRequest, photo: Photo) -> HttpResponse:
    direction = request.POST.get("direction")
    if direction not in ("earlier", "later"):
        raise Http404
    services.reorder_photo(photo=photo, direction=cast(services.Direction, direction))
    return redirect("catalog:listing_detail", photo.listing_id)


@require_POST
@_changes_photo
def photo_split(request: HttpRequest, photo: Photo) -> HttpResponse:
    listing = services.split_photo(photo=photo)
    messages.success(request, _("The photo now has a listing of its own."))
    return redirect("catalog:listing_detail", listing.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@_changes_photo
def photo_transfer(request: HttpRequest, photo: Photo) -> HttpResponse:
    form = TransferForm(request.POST or None, shop=photo.listing.shop, leaving=photo.listing)
    if request.method == "POST" and form.is_valid():
        target = form.cleaned_data["listing"]
        services.transfer_photo(photo=photo, listing=target)
        messages.success(request, _("The photo was moved."))
        return redirect("catalog:listing_detail", target.pk)
    context = {"photo": photo, "listing": photo.listing, "shop": photo.listing.shop, "form": form}
    return render(request, "catalog/photo_transfer.html", context)


@require_POST
@_changes_photo
def photo_remove(request: HttpRequest, photo: Photo) -> HttpResponse:
    services.remove_photo(photo=photo)
    messages.success(request, _("The photo is removed."))
    return redirect("catalog:listing_detail", photo.listing_id)
