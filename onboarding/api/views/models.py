"""Model versions, for the staff."""

from django.db.models import QuerySet
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request

from onboarding.access import require_staff_right
from onboarding.api.access import person
from onboarding.api.serializers.models import ModelVersionDetailSerializer, ModelVersionSerializer
from onboarding.models import ModelVersion

RIGHT = "onboarding.view_modelversion"


class ModelVersionList(ListAPIView[ModelVersion]):
    """Registered networks, newest first. For the staff."""

    serializer_class = ModelVersionSerializer

    def get_queryset(self) -> QuerySet[ModelVersion]:
        return ModelVersion.objects.order_by("-pk")

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        require_staff_right(person(request), RIGHT)


class ModelVersionDetail(RetrieveAPIView[ModelVersion]):
    """One network, with its card and how well it did. For the staff."""

    serializer_class = ModelVersionDetailSerializer
    queryset = ModelVersion.objects.prefetch_related("evaluations")

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        require_staff_right(person(request), RIGHT)
