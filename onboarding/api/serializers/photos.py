"""Photos, with the addresses of their files."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from catalog.models import Photo
from catalog.models.photos import FILE_KINDS


class FilesSerializer(serializers.Serializer[Any]):
    master = serializers.URLField(help_text="Longest side at most 2,048 px.")
    display = serializers.URLField(help_text="For screens.")
    derivative = serializers.URLField(help_text="Shorter side at most 256 px, for networks.")


class PhotoSerializer(serializers.ModelSerializer[Photo]):
    files = serializers.SerializerMethodField()

    class Meta:
        model = Photo
        fields = ("id", "listing", "position", "width", "height", "sha256", "files", "created_at")
        read_only_fields = fields

    @extend_schema_field(FilesSerializer)
    def get_files(self, photo: Photo) -> dict[str, str]:
        request = self.context["request"]
        return {kind: reverse("api:photo_file", args=[photo.pk, kind], request=request) for kind in FILE_KINDS}
