"""What the services write and nobody changes by hand."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest


class ReadOnly(admin.options.BaseModelAdmin[Any]):
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnly, admin.ModelAdmin[Model]):
    """A table that grows with every photo: newest first, and nothing that reads all of it."""

    ordering = ("-pk",)
    list_per_page = 50
    show_full_result_count = False
    deferred: ClassVar[Sequence[str]] = ()
    """Columns with long texts, which lists do not fetch."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        return super().get_queryset(request).defer(*self.deferred)
