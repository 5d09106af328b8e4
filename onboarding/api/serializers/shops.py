"""Shops."""

from rest_framework import serializers

from catalog.models import Shop


class ShopSerializer(serializers.ModelSerializer[Shop]):
    class Meta:
        model = Shop
        fields = ("id", "name", "country", "currency", "language")
        read_only_fields = fields
