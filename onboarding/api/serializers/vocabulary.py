"""The words that listings are tagged with."""

from typing import Any

from rest_framework import serializers

from catalog.models import TagField
from onboarding.api.serializers.listings import ValueSerializer


class FieldVocabularySerializer(serializers.Serializer[Any]):
    field = serializers.ChoiceField(TagField.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    values = ValueSerializer(many=True)
