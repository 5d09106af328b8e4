"""Listings with their photos and tags."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.admin.columns import link_to, pill, render_thumbnail
from catalog.admin.deleting import DeletesWhole
from catalog.models import Listing, ListingTag, Photo
from catalog.services.listings import DETAIL_NAMES, ListingDetails, delete_listing, describe_listing
from catalog.services.revisions import count_change_by_person, lock_listing


class ShownInline(admin.TabularInline[Any, Listing]):
    """Rows that are shown with a listing, and changed elsewhere."""

    extra = 0
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PhotoInline(ShownInline):
    model = Photo
    fields = readonly_fields = ("thumbnail", "width", "height", "created_at")

    @admin.display(description=_("photo"))
    def thumbnail(self, photo: Photo) -> SafeString:
        return render_thumbnail(photo)


class TagInline(ShownInline):
    model = ListingTag
    fields = ("field", "term", "source", "set_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ListingTag]:
        return super().get_queryset(request).select_related("term", "set_by")


@admin.register(Listing)
class ListingAdmin(DeletesWhole):
    list_display = (
        "thumbnail",
        "__str__",
        link_to("shop", _("shop")),
        pill("state", _("state")),
        "price",
        "created_at",
    )
    list_display_links = ("__str__",)
    list_filter = ("state", "created_at")
    list_select_related = ("shop",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("title", "sku", "shop__name")
    readonly_fields = ("shop", "state", "created_at", "updated_at")
    inlines = (PhotoInline, TagInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Listing]:
        return super().get_queryset(request).prefetch_related("photos")

    @admin.display(description=_("photo"))
    def thumbnail(self, listing: Listing) -> SafeString | None:
        first = next(iter(listing.photos.all()), None)
        return render_thumbnail(first) if first else None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Listing, form: Any, change: bool) -> None:
        """Writes the details only, and counts the change: a seller with the form open is told."""
        details = ListingDetails(**{name: getattr(obj, name) for name in DETAIL_NAMES})
        if describe_listing(listing=lock_listing(obj.pk), details=details):
            count_change_by_person(obj.pk)

    def delete_model(self, request: HttpRequest, obj: Listing) -> None:
        delete_listing(listing=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Listing]) -> None:
        for listing in queryset:
            delete_listing(listing=listing)
