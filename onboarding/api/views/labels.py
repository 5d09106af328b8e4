"""Labels in the published layout: all of a shop's as a file, and values for many listings at once."""

from dataclasses import asdict
from io import TextIOWrapper
from tempfile import TemporaryFile
from typing import IO

from django.conf import settings
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.access import shops_for
from catalog.models import Shop
from onboarding.api.access import person, shop_or_404
from onboarding.api.idempotency import KEY_HEADER, answer_once
from onboarding.api.parsers import BoundedJSONParser
from onboarding.api.serializers.labels import (
    ImportedSerializer,
    LabelFileSerializer,
    LabelImportSerializer,
    LabelQuery,
)
from onboarding.label_files import TABLE, read_table, write_table, write_zip
from onboarding.labels import labelled_photos
from onboarding.services.importing import import_labels


class ShopLabels(APIView):
    parser_classes = (BoundedJSONParser, MultiPartParser)

    @extend_schema(
        parameters=[LabelQuery],
        responses={(200, "application/zip"): OpenApiTypes.BINARY, (200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, pk: int) -> FileResponse:
        """What people decided about the shop's photos: a ZIP file with `styles.csv` and `images/<photo id>.jpg`."""
        shop = shop_or_404(request, pk)
        query = LabelQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        is_table = query.validated_data["format"] == "csv"
        rows = labelled_photos(shops=shops_for(request.user).filter(pk=shop.pk))
        spooled: IO[bytes] = TemporaryFile()  # noqa: SIM115 (the response closes it)
        if is_table:
            table = TextIOWrapper(spooled, "utf-8", newline="")
            write_table(rows, table)
            table.detach()
        else:
            write_zip(rows, spooled)
        return _download(spooled, shop, is_table=is_table)

    @extend_schema(
        parameters=[KEY_HEADER],
        request={"application/json": LabelImportSerializer, "multipart/form-data": LabelFileSerializer},
        responses={200: ImportedSerializer},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Confirms listings with the values of a `styles.csv`: all of its lines, or none."""
        shop = shop_or_404(request, pk)
        sent = LabelImportSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        rows = read_table(sent.validated_data["styles"], max_rows=settings.LABEL_IMPORT_MAX_ROWS)
        overwrite = sent.validated_data["overwrite"]
        return answer_once(
            request,
            lambda: Response(asdict(import_labels(shop=shop, actor=person(request), rows=rows, overwrite=overwrite))),
        )


def _download(spooled: IO[bytes], shop: Shop, *, is_table: bool) -> FileResponse:
    spooled.seek(0)
    name, content_type = (TABLE, "text/csv") if is_table else (f"labels-{shop.pk}.zip", "application/zip")
    return FileResponse(spooled, as_attachment=True, filename=name, content_type=content_type)
