"""Labels in the published layout: `styles.csv`."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from rest_framework import serializers

from onboarding.api.errors import TooLarge
from onboarding.api.serializers.strict import StrictFields


class LabelQuery(serializers.Serializer[Any]):
    format = serializers.ChoiceField(
        ["zip", "csv"], default="zip", help_text="zip: the table with the pictures; csv: the table alone."
    )


class TableField(serializers.CharField):
    """The text of a table, or a file of it."""

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(_text(data) if isinstance(data, UploadedFile) else data)


def _text(file: UploadedFile[bytes]) -> str:
    if (file.size or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise TooLarge
    try:
        content: bytes = file.read()
        return content.decode()
    except UnicodeDecodeError as error:
        raise serializers.ValidationError(_("The file is not text in UTF-8.")) from error


class LabelImportSerializer(StrictFields):
    styles = TableField(
        trim_whitespace=False,
        help_text="The text of a styles.csv whose ids are photos of this shop. Empty and NA leave a field empty.",
    )
    overwrite = serializers.BooleanField(
        default=False, help_text="Also decide anew what people have decided in a listing."
    )


class LabelFileSerializer(LabelImportSerializer):
    """For the schema: the same as a form with a file."""

    styles = serializers.FileField(help_text="A styles.csv in UTF-8.")  # type: ignore[assignment]


class ImportedSerializer(serializers.Serializer[Any]):
    confirmed = serializers.IntegerField(help_text="Listings that were confirmed with new values.")
    unchanged = serializers.IntegerField(help_text="Listings that had these values already.")
    kept = serializers.ListField(
        child=serializers.IntegerField(), help_text="Listings with other values, by people, which were left alone."
    )
