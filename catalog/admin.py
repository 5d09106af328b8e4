"""The catalogue in the admin. Tags are shown here and changed by confirmations only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from catalog.models import Invitation, Listing, ListingTag, Membership, Photo, Shop, Term, TermName


class MembershipInline(admin.TabularInline[Membership, Shop]):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Shop)
class ShopAdmin(admin.ModelAdmin[Shop]):
    list_display = ("name", "country", "currency", "language", "created_at")
    search_fields = ("name",)
    inlines = (MembershipInline,)


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin[Invitation]):
    list_display = ("email", "shop", "invited_by", "created_at", "accepted_at")
    list_select_related = ("shop", "invited_by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


class TagInline(admin.TabularInline[ListingTag, Listing]):
    model = ListingTag
    extra = 0
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Listing)
class ListingAdmin(admin.ModelAdmin[Listing]):
    list_display = ("__str__", "shop", "state", "price", "created_at")
    list_filter = ("state",)
    list_select_related = ("shop",)
    search_fields = ("title", "sku", "shop__name")
    readonly_fields = ("shop", "state")
    inlines = (TagInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Photo)
class PhotoAdmin(admin.ModelAdmin[Photo]):
    list_display = ("__str__", "listing", "width", "height", "created_at")
    list_select_related = ("listing",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NameInline(admin.TabularInline[TermName, Term]):
    model = TermName
    extra = 0


@admin.register(Term)
class TermAdmin(admin.ModelAdmin[Term]):
    list_display = ("key", "field", "parent", "retired_at", "merged_into")
    list_filter = ("field",)
    list_select_related = ("parent", "merged_into")
    search_fields = ("key", "names__text")
    autocomplete_fields = ("parent", "merged_into")
    inlines = (NameInline,)
