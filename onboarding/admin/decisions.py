"""What people decided, and the labels that came of it."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.admin.columns import link_to
from catalog.models import TagField
from onboarding.admin.read_only import ReadOnly, ReadOnlyAdmin
from onboarding.models import Confirmation, Label


class LabelInline(ReadOnly, admin.TabularInline[Label, Confirmation]):
    model = Label
    extra = 0
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Label]:
        return super().get_queryset(request).select_related("term", "suggested", "model_version")


@admin.register(Confirmation)
class ConfirmationAdmin(ReadOnlyAdmin):
    list_display = (
        "created_at",
        link_to("listing", _("listing")),
        link_to("listing__shop", _("shop")),
        link_to("actor", _("by")),
        "how",
        "decided",
        "is_whole",
        "labels",
    )
    list_filter = ("how", "is_whole", "created_at")
    list_select_related = ("listing__shop", "actor")
    search_fields = ("listing__title", "=listing__id", "listing__shop__name", "actor__email")
    exclude = ("fields", "idempotency_key")
    readonly_fields = ("decided",)
    inlines = (LabelInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).annotate(label_count=Count("labels"))
        return rows

    @admin.display(description=_("labels"))
    def labels(self, confirmation: Any) -> int:
        return int(confirmation.label_count)

    @admin.display(description=_("decided fields"), empty_value="–")
    def decided(self, confirmation: Confirmation) -> str:
        return ", ".join(str(TagField(field).label) for field in confirmation.fields)


@admin.register(Label)
class LabelAdmin(ReadOnlyAdmin):
    list_display = (
        "field_name",
        link_to("term", _("value")),
        link_to("suggested", _("suggested")),
        "percent",
        "agreed",
        link_to("confirmation", _("confirmation")),
        link_to("model_version", _("model version")),
    )
    list_filter = ("field", "confirmation__how", "model_version")
    list_select_related = ("confirmation__listing", "term", "suggested", "model_version")
    search_fields = ("=term__key", "=suggested__key", "confirmation__listing__title")
    deferred = ("model_version__card",)

    @admin.display(description=_("confidence"), ordering="suggested_confidence", empty_value="–")
    def percent(self, label: Label) -> str | None:
        return None if label.suggested_confidence is None else f"{label.suggested_confidence:.1%}"

    @admin.display(description=_("field"), ordering="field")
    def field_name(self, label: Label) -> str:
        return str(TagField(label.field).label)

    @admin.display(description=_("agreed"), boolean=True)
    def agreed(self, label: Label) -> bool | None:
        return label.term_id == label.suggested_id if label.suggested_id else None
