"""What programs send is taken at its word: a misspelt field is an error, not a field that was left out."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers


class StrictFields(serializers.Serializer[Any]):
    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(self.fields) if isinstance(data, Mapping) else ()
        if unknown:
            raise serializers.ValidationError({str(name): [_("There is no such field.")] for name in sorted(unknown)})
        return super().to_internal_value(data)
