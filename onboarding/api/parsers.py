"""Reading what programs send, within limits."""

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from onboarding.api.errors import TooLarge


class BoundedJSONParser(JSONParser):
    """The framework's parser would read any amount into memory, and fail on what is nested too deep."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        content = stream.read(limit + 1)
        if len(content) > limit:
            raise TooLarge
        try:
            return super().parse(BytesIO(content), media_type, parser_context)
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deep.")) from error
