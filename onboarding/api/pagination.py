"""Long lists come in pages."""

from typing import Any

from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.serializers import IntegerField, ValidationError
from rest_framework.views import APIView


class Pages(PageNumberPagination):
    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"

    def get_page_size(self, request: Request) -> int:
        """The framework would pass over what is no size, or too large, without a word."""
        asked = request.query_params.get("page_size", self.page_size)
        try:
            return int(IntegerField(min_value=1, max_value=self.max_page_size).run_validation(asked))
        except ValidationError as error:
            raise ValidationError({"page_size": error.detail}) from error

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        page, size = super().get_schema_operation_parameters(view)
        size["schema"] |= {"minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        return [page, size]
