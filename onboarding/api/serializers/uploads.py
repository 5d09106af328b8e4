"""Uploads: the files that are sent, and what became of them."""

from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from onboarding.forms import UploadForm
from onboarding.models import Upload
from onboarding.pictures import RefusalReason
from onboarding.progress import PhotoProgress, UploadStatus

PROGRESS = ("waiting", "tagged", "failed")


class MorePhotosSerializer(serializers.Serializer[Any]):
    """For the schema; the form of the upload page judges what was sent."""

    photos = serializers.ListField(child=serializers.FileField(), allow_empty=False)
    part = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=100_000,
        help_text="Number of this request within the upload: the same file in the same part is taken once.",
    )


class NewUploadSerializer(MorePhotosSerializer):
    token = serializers.UUIDField(required=False, help_text="Your own name for the upload; repeats find it again.")
    arrangement = serializers.ChoiceField(
        UploadForm.ARRANGEMENTS, required=False, help_text="A listing for each photo, or one for all."
    )


class CountsSerializer(serializers.Serializer[UploadStatus]):
    total = serializers.IntegerField()
    waiting = serializers.IntegerField()
    tagged = serializers.IntegerField()
    failed = serializers.IntegerField()
    to_review = serializers.IntegerField(help_text="Listings, of those with these photos.")


class RefusedFileSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    code = serializers.ChoiceField(RefusalReason.choices, source="refused_because")
    reason = serializers.CharField(source="get_refused_because_display", help_text="One sentence.")


class PhotoProgressSerializer(serializers.Serializer[PhotoProgress]):
    id = serializers.IntegerField(source="photo.pk")
    listing = serializers.IntegerField(source="listing_id")
    state = serializers.ChoiceField(PROGRESS)
    reason = serializers.CharField(help_text="Why it could not be tagged, in one sentence.")
    seconds_to_tag = serializers.FloatField(allow_null=True)


@dataclass(frozen=True)
class UploadReport:
    upload: Upload
    status: UploadStatus


class UploadSerializer(serializers.Serializer[UploadReport]):
    id = serializers.IntegerField(source="upload.pk")
    url = serializers.SerializerMethodField(help_text="Ask here how far it has come.")
    shop = serializers.IntegerField(source="upload.shop_id")
    token = serializers.UUIDField(source="upload.token")
    created_at = serializers.DateTimeField(source="upload.created_at")
    counts = CountsSerializer(source="status")
    is_finished = serializers.BooleanField(source="status.is_finished")
    is_stalled = serializers.BooleanField(source="status.is_stalled", help_text="Nothing has moved for a minute.")
    locations_removed = serializers.IntegerField(source="status.locations_removed")
    refused = RefusedFileSerializer(source="status.refused", many=True)
    photos = PhotoProgressSerializer(source="status.photos", many=True)

    @extend_schema_field(serializers.URLField())
    def get_url(self, report: UploadReport) -> str:
        return str(reverse("api:upload", args=[report.upload.pk], request=self.context["request"]))
