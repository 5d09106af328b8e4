"""Photos: looked at and removed here, never changed."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.admin.columns import link_to, render_large_photo, thumbnail
from catalog.admin.deleting import DeletesWhole
from catalog.models import Photo
from catalog.services.photos import remove_photo


@admin.register(Photo)
class PhotoAdmin(DeletesWhole):
    list_display = (
        thumbnail(""),
        "__str__",
        link_to("listing", _("listing")),
        link_to("listing__shop", _("shop")),
        "width",
        "height",
        "created_at",
    )
    list_display_links = ("__str__",)
    list_filter = ("created_at",)
    list_select_related = ("listing__shop",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("=sha256", "listing__title", "listing__shop__name")
    ordering = ("-pk",)
    readonly_fields = ("picture",)
    fields = ("picture", "listing", "position", "width", "height", "sha256", "created_at")

    @admin.display(description=_("photo"))
    def picture(self, photo: Photo) -> SafeString:
        return render_large_photo(photo)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: Photo) -> None:
        remove_photo(photo=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Photo]) -> None:
        for photo in queryset:
            remove_photo(photo=photo)
