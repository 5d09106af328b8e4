"""Model versions, for the staff."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from onboarding.models import Evaluation, ModelVersion


class ModelVersionSerializer(serializers.ModelSerializer[ModelVersion]):
    class Meta:
        model = ModelVersion
        fields: tuple[str, ...] = ("id", "name", "sha256", "state", "created_at", "activated_at")
        read_only_fields = fields


class EvaluationSerializer(serializers.ModelSerializer[Evaluation]):
    accuracy = serializers.SerializerMethodField()

    class Meta:
        model = Evaluation
        fields = ("pictures", "run", "accuracy", "created_at")

    @extend_schema_field(serializers.DictField(child=serializers.FloatField(allow_null=True)))
    def get_accuracy(self, evaluation: Evaluation) -> dict[str, Any]:
        """By output of the network."""
        return {output: figures.get("accuracy") for output, figures in evaluation.figures.items()}


class ModelVersionDetailSerializer(ModelVersionSerializer):
    card = serializers.DictField(help_text="What the artifact says about itself.")
    evaluations = EvaluationSerializer(many=True)

    class Meta(ModelVersionSerializer.Meta):
        fields = (*ModelVersionSerializer.Meta.fields, "card", "evaluations")
        read_only_fields = fields
