"""Sellers' photos, for the staff who judge what was made of them."""

from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_safe

from catalog.access import one_or_404
from catalog.models import Photo
from catalog.views.photos import photo_response
from onboarding.access import staff_right


@require_safe
@staff_right("onboarding.review_predictions", "onboarding.view_modelversion", "catalog.view_photo")
def staff_photo(request: HttpRequest, pk: int, kind: str) -> FileResponse:
    return photo_response(one_or_404(Photo.objects.all(), pk), kind)
