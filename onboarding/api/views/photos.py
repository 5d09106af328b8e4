"""Photos and their files."""

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.models.photos import FILE_KINDS
from catalog.views.photos import photo_response
from onboarding.api.access import photo_or_404
from onboarding.api.serializers.photos import PhotoSerializer


class PhotoDetail(APIView):
    @extend_schema(responses=PhotoSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """A photo, with its listing and the addresses of its files."""
        return Response(PhotoSerializer(photo_or_404(request, pk), context={"request": request}).data)


class PhotoFile(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=FILE_KINDS)],
        responses={(200, "image/jpeg"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: int, kind: str) -> FileResponse:
        """One size of a photo. A photo's files never change."""
        return photo_response(photo_or_404(request, pk), kind, kinds=FILE_KINDS)
