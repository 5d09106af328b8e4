"""Uploading photos and watching them get tagged."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.access import listing_or_404, photo_or_404, shop_or_404
from catalog.models import Listing, LookAlike, Shop
from catalog.navigation import remember_shop
from catalog.selectors import photo_room
from onboarding import access
from onboarding.errors import PhotosNotStored, ShopFull
from onboarding.forms import CommonValuesForm, UploadForm
from onboarding.models import Upload, UploadedFile
from onboarding.pictures import READS_HEIC, PictureLimits
from onboarding.progress import upload_status as read_status
from onboarding.services.queue import retry_photo
from onboarding.services.receiving import Arrangement, CommonValues, receive_photos
from onboarding.tasks import send_nudge

RETRY_SECONDS = 30


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    shop = shop_or_404(request, pk)
    remember_shop(request, shop)
    return _upload(request, shop, None)


@require_http_methods(["GET", "HEAD", "POST"])
def photo_add(request: HttpRequest, pk: int) -> HttpResponse:
    """More photos for one listing."""
    listing = listing_or_404(request, pk)
    return _upload(request, listing.shop, listing)


def _upload(request: HttpRequest, shop: Shop, listing: Listing | None) -> HttpResponse:
    if request.method != "POST":
        return _page(request, shop, listing, UploadForm(), CommonValuesForm())
    form, common = UploadForm(request.POST, request.FILES), CommonValuesForm(request.POST)
    if not (form.is_valid() and common.is_valid()):
        return _refusal(request, 400, shop, listing, form, common)
    assert request.user.is_authenticated
    sent = form.cleaned_data
    try:
        received = receive_photos(
            shop=shop,
            user=request.user,
            token=sent["token"],
            part=sent["part"],
            files=sent["photos"],
            arrangement=Arrangement(as_one_listing=sent["arrangement"] == UploadForm.ONE, into=listing),
            common=CommonValues(details=common.details(), choices=common.choices()),
            keys=sent["keys"],
            products=sent["products"],
            located=sent["located"],
        )
    except (PhotosNotStored, ShopFull) as error:
        form.add_error(None, str(error))
        status = 503 if isinstance(error, PhotosNotStored) else 409
        return _refusal(request, status, shop, listing, form, common)
    if _is_script(request):
        return JsonResponse(_receipt(received, sent["keys"]))
    return redirect("onboarding:upload_progress", received.pk)


def _is_script(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _page(
    request: HttpRequest, shop: Shop, listing: Listing | None, form: UploadForm, common: CommonValuesForm
) -> HttpResponse:
    context = {
        "shop": shop,
        "listing": listing,
        "form": form,
        "common": common,
        "max_photos": settings.UPLOAD_MAX_PHOTOS,
        "max_megabytes": PictureLimits().max_bytes // 2**20,
        "reads_heic": READS_HEIC,
        "room": photo_room(shop),
    }
    return render(request, "onboarding/upload.html", context)


def _refusal(
    request: HttpRequest, status: int, shop: Shop, listing: Listing | None, form: UploadForm, common: CommonValuesForm
) -> HttpResponse:
    """The page once more, with what is wrong; the script gets the sentences alone."""
    if _is_script(request):
        errors = [str(error) for each in (form, common) for found in each.errors.values() for error in found]
        response: HttpResponse = JsonResponse({"errors": errors})
    else:
        response = _page(request, shop, listing, form, common)
    response.status_code = status
    if status == 503:
        response["Retry-After"] = str(RETRY_SECONDS)
    return response


def _receipt(upload: Upload, keys: Sequence[UUID]) -> dict[str, Any]:
    """Where to follow the upload, and what became of each file that the script named."""
    files = upload.files.filter(key__in=[str(key) for key in keys])
    return {
        "progress": reverse("onboarding:upload_progress", args=[upload.pk]),
        "status": reverse("onboarding:upload_status", args=[upload.pk]),
        "refused": {file.key: file.get_refused_because_display() for file in files if file.refused_because},
        "stored": [file.key for file in files if not file.refused_because],
        "copies": _copies(files),
    }


def _copies(files: QuerySet[UploadedFile]) -> dict[str, str]:
    """By the file's name: the title, perhaps empty, of another listing that has the same photo."""
    found = LookAlike.objects.filter(photo__uploaded_file__in=files, kind=LookAlike.Kind.COPY)
    rows = found.select_related("photo__uploaded_file", "other__listing")
    return {row.photo.uploaded_file.key: row.other.listing.title for row in rows}


@require_safe
def upload_progress(request: HttpRequest, pk: int) -> HttpResponse:
    upload = access.upload_or_404(request, pk)
    remember_shop(request, upload.shop)
    context = {"upload": upload, "shop": upload.shop, "status": read_status(upload)}
    return render(request, "onboarding/upload_progress.html", context)


@require_safe
def upload_status(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the progress page that renews itself; the same as JSON for programs."""
    upload = access.upload_or_404(request, pk)
    if _is_script(request):
        return JsonResponse(read_status(upload).as_json(_moment(request.GET.get("since", ""))))
    context = {"upload": upload, "shop": upload.shop, "status": read_status(upload)}
    return render(request, "onboarding/_upload_status.html", context)


def _moment(text: str) -> datetime | None:
    """What `since` says; nothing where it is no moment."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and is_aware(found) else None


@require_POST
def photo_retry(request: HttpRequest, pk: int) -> HttpResponse:
    photo = photo_or_404(request, pk)
    retry_photo(photo=photo)
    send_nudge()
    messages.success(request, _("We try again to tag this photo."))
    uploaded = getattr(photo, "uploaded_file", None)
    if uploaded:
        return redirect("onboarding:upload_progress", uploaded.upload_id)
    return redirect("onboarding:review", photo.listing_id)
