"""Deleting what holds other things."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class DeletesWhole(admin.ModelAdmin[Any]):
    """Whoever may delete a row deletes all that belongs to it."""

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """Also what nobody may delete one by one, such as predictions and decisions."""
        to_delete, counts, _missing_permissions, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, set(), protected
