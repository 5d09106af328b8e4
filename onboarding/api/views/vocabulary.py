"""The words that listings are tagged with."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.models import TagField
from catalog.vocabulary import Vocabulary
from onboarding.api.serializers.vocabulary import FieldVocabularySerializer


class VocabularyView(APIView):
    @extend_schema(responses=FieldVocabularySerializer(many=True))
    def get(self, request: Request) -> Response:
        """Every value of every field that can be chosen today."""
        vocabulary = Vocabulary()
        return Response([_field(field, vocabulary) for field in TagField])


def _field(field: TagField, vocabulary: Vocabulary) -> dict[str, object]:
    values = [
        {"path": [each.key for each in vocabulary.lineage(term)], "name": vocabulary.path_name(term)}
        for term in vocabulary.terms_of(field)
    ]
    return {"field": field.value, "label": str(field.label), "values": values}
