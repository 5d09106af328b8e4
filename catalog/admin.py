"""The catalogue in the admin. Tags are shown here and changed by confirmations only."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.models import Invitation, Listing, ListingTag, Membership, Photo, Shop, Term, TermName
from catalog.services.listings import DETAIL_NAMES, ListingDetails, delete_listing, describe_listing
from catalog.services.photos import remove_photo
from catalog.services.revisions import count_change_by_person, lock_listing


class MembershipInline(admin.TabularInline[Membership, Shop]):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Shop)
class ShopAdmin(admin.ModelAdmin[Shop]):
    list_display = ("name", "country", "currency", "language", "created_at")
    search_fields = ("name",)
    inlines = (MembershipInline,)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """Whoever may delete a shop deletes all that is in it, also what nobody may delete one by one."""
        to_delete, counts, _missing_permissions, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, set(), protected


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

    def get_queryset(self, request: HttpRequest) -> QuerySet[ListingTag]:
        return super().get_queryset(request).select_related("term", "set_by")

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


@admin.register(Photo)
class PhotoAdmin(admin.ModelAdmin[Photo]):
    list_display = ("__str__", "listing", "width", "height", "created_at")
    list_select_related = ("listing",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: Photo) -> None:
        remove_photo(photo=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Photo]) -> None:
        for photo in queryset:
            remove_photo(photo=photo)


class NameInline(admin.TabularInline[TermName, Term]):
    model = TermName
    extra = 0


class TermForm(forms.ModelForm[Term]):
    """Keeps the terms a tree of limited depth: a circle would hang every page."""

    class Meta:
        model = Term
        fields = ("field", "key", "parent", "retired_at", "merged_into")

    def clean_parent(self) -> Term | None:
        parent = self._of_same_field("parent")
        if parent is None:
            return None
        above = _lineage(parent)
        if self.instance in above:
            raise ValidationError(_("A term cannot stand below itself."))
        if len(above) + _height(self.instance) > Term.CATEGORY_DEPTH:
            raise ValidationError(_("Terms can be %(depth)s levels deep at most.") % {"depth": Term.CATEGORY_DEPTH})
        return parent

    def clean_merged_into(self) -> Term | None:
        merged_into = self._of_same_field("merged_into")
        if merged_into is not None and merged_into == self.instance:
            raise ValidationError(_("A term cannot be merged into itself."))
        return merged_into

    def _of_same_field(self, name: str) -> Term | None:
        term: Term | None = self.cleaned_data[name]
        if term is not None and term.field != self.cleaned_data.get("field", self.instance.field):
            raise ValidationError(_("This term belongs to another field."))
        return term


def _lineage(term: Term) -> list[Term]:
    return [*(_lineage(term.parent) if term.parent else ()), term]


def _height(term: Term) -> int:
    """How many levels a term takes with what is below it."""
    below = term.children.all() if term.pk else ()
    return 1 + max(map(_height, below), default=0)


@admin.register(Term)
class TermAdmin(admin.ModelAdmin[Term]):
    form = TermForm
    list_display = ("key", "field", "parent", "retired_at", "merged_into")
    list_filter = ("field",)
    list_select_related = ("parent", "merged_into")
    search_fields = ("key", "names__text")
    autocomplete_fields = ("parent", "merged_into")
    inlines = (NameInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("field",) if obj else ()
