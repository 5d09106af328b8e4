"""The shops in which a person works."""

from django.db.models import QuerySet
from rest_framework.generics import ListAPIView

from catalog.access import shops_for
from catalog.models import Shop
from onboarding.api.serializers.shops import ShopSerializer


class ShopList(ListAPIView[Shop]):
    """Your shops."""

    serializer_class = ShopSerializer

    def get_queryset(self) -> QuerySet[Shop]:
        return shops_for(self.request.user).order_by("pk")
