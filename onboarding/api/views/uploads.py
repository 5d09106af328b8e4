"""Sending photos, and watching them get tagged."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.models import Shop
from onboarding.api.access import person, shop_or_404, upload_or_404
from onboarding.api.errors import invalid_form
from onboarding.api.idempotency import KEY_HEADER, answer_once_in_steps, lasting_token
from onboarding.api.serializers.uploads import MorePhotosSerializer, NewUploadSerializer, UploadReport, UploadSerializer
from onboarding.forms import UploadForm
from onboarding.models import Upload
from onboarding.progress import upload_status
from onboarding.services.receiving import Arrangement, receive_photos


def _judged(request: Request, token: UUID | str, arrangement: str) -> dict[str, Any]:
    """What the upload page's own form makes of it. Raises `ValidationError`."""
    part = request.POST.get("part", "0")
    form = UploadForm({"part": part, "token": token, "arrangement": arrangement}, request.FILES)
    if not form.is_valid():
        raise invalid_form(form)
    return form.cleaned_data


def _receive(request: Request, shop: Shop, sent: dict[str, Any]) -> Response:
    upload = receive_photos(
        shop=shop,
        user=person(request),
        token=sent["token"],
        part=sent["part"],
        files=sent["photos"],
        arrangement=Arrangement(as_one_listing=sent["arrangement"] == UploadForm.ONE),
    )
    return Response(_content(request, upload), status=201)


def _content(request: Request, upload: Upload) -> Any:
    return UploadSerializer(UploadReport(upload, upload_status(upload)), context={"request": request}).data


class NewUpload(APIView):
    parser_classes = (MultiPartParser,)

    @extend_schema(parameters=[KEY_HEADER], request=NewUploadSerializer, responses={201: UploadSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Sends photos. Each file is judged on its own; what is refused is listed with its reason."""
        shop = shop_or_404(request, pk)
        token = request.POST.get("token") or lasting_token(request)
        sent = _judged(request, token, request.POST.get("arrangement", ""))
        return answer_once_in_steps(request, lambda: _receive(request, shop, sent))


class MorePhotos(APIView):
    parser_classes = (MultiPartParser,)

    @extend_schema(parameters=[KEY_HEADER], request=MorePhotosSerializer, responses={201: UploadSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Adds photos to an upload: to its one listing, if all its photos show one product."""
        upload = upload_or_404(request, pk)
        arrangement = UploadForm.ONE if upload.listing_id else UploadForm.EACH
        sent = _judged(request, upload.token, arrangement)
        return answer_once_in_steps(request, lambda: _receive(request, upload.shop, sent))


class UploadDetail(APIView):
    @extend_schema(responses=UploadSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """How far an upload has come: ask again until `is_finished`."""
        return Response(_content(request, upload_or_404(request, pk)))
