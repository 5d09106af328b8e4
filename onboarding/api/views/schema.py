"""The OpenAPI schema."""

from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.permissions import AllowAny


class SchemaView(SpectacularJSONAPIView):
    """Says how to speak with Lapel; nothing in it is secret."""

    permission_classes = (AllowAny,)
