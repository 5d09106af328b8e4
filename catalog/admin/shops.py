"""Shops, who works in them, and invitations."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.admin.columns import link_to
from catalog.admin.deleting import DeletesWhole
from catalog.models import Invitation, Listing, Membership, Shop


class MembershipInline(admin.TabularInline[Membership, Shop]):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


def _count_of(rows: QuerySet[Any]) -> Coalesce:
    """How many of these rows a shop has, without multiplying the rows of the list."""
    of_shop = rows.order_by().filter(shop=OuterRef("pk")).values("shop")
    return Coalesce(Subquery(of_shop.values(count=Count("pk"))), 0)


@admin.register(Shop)
class ShopAdmin(DeletesWhole):
    list_display = ("name", "country", "currency", "language", "people", "to_review", "created_at")
    list_filter = (("country", admin.AllValuesFieldListFilter), "created_at")
    search_fields = ("name", "members__email")
    date_hierarchy = "created_at"
    inlines = (MembershipInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shop]:
        drafts = Listing.objects.filter(state=Listing.State.DRAFT)
        counts = {"people": _count_of(Membership.objects.all()), "to_review": _count_of(drafts)}
        rows: QuerySet[Any] = super().get_queryset(request).annotate(**counts)
        return rows

    @admin.display(description=_("people"))
    def people(self, shop: Any) -> int:
        return int(shop.people)

    @admin.display(description=_("to review"))
    def to_review(self, shop: Any) -> int:
        return int(shop.to_review)


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin[Invitation]):
    list_display = (
        "email",
        link_to("shop", _("shop")),
        link_to("invited_by", _("invited by")),
        "created_at",
        "accepted_at",
    )
    list_filter = (("accepted_at", admin.EmptyFieldListFilter),)
    list_select_related = ("shop", "invited_by")
    search_fields = ("email", "shop__name")
    date_hierarchy = "created_at"
    raw_id_fields = ("shop", "invited_by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
