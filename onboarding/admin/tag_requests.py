"""The tagging queue."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from catalog.admin.columns import link_to, pill, thumbnail
from onboarding.admin.read_only import ReadOnlyAdmin
from onboarding.models import TagRequest


@admin.register(TagRequest)
class TagRequestAdmin(ReadOnlyAdmin):
    list_display = (
        thumbnail("photo"),
        "created_at",
        pill("state", _("state")),
        "reason",
        "attempts",
        link_to("photo__listing", _("listing")),
        link_to("shop", _("shop")),
        "finished_at",
    )
    list_display_links = ("created_at",)
    list_filter = ("state", "reason", "priority", "created_at")
    list_select_related = ("photo__listing", "shop")
    search_fields = ("=photo__id", "shop__name", "leased_by")
