"""Uploads, and what became of each file."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.admin.columns import link_to, thumbnail
from onboarding.admin.read_only import ReadOnlyAdmin
from onboarding.models import Upload, UploadedFile


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    list_display = ("__str__", link_to("shop", _("shop")), link_to("user", _("by")), "sent", "refused", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("shop", "user")
    search_fields = ("shop__name", "user__email", "=token")
    date_hierarchy = "created_at"
    readonly_fields = ("sent", "refused")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        refused = Count("files", filter=~Q(files__refused_because=""))
        rows: QuerySet[Any] = super().get_queryset(request).annotate(sent=Count("files"), refused=refused)
        return rows

    @admin.display(description=_("files"))
    def sent(self, upload: Any) -> SafeString:
        files = reverse("admin:onboarding_uploadedfile_changelist")
        return format_html('<a href="{}?upload__id__exact={}">{}</a>', files, upload.pk, upload.sent)

    @admin.display(description=_("refused"))
    def refused(self, upload: Any) -> int:
        return int(upload.refused)


@admin.register(UploadedFile)
class UploadedFileAdmin(ReadOnlyAdmin):
    list_display = (
        thumbnail("photo"),
        "name",
        link_to("upload", _("upload")),
        link_to("upload__shop", _("shop")),
        "refused_because",
        "location",
        "created_at",
    )
    list_display_links = ("name",)
    list_filter = ("refused_because", "had_location", "created_at")
    list_select_related = ("photo", "upload__shop")
    search_fields = ("name", "upload__shop__name")

    @admin.display(description=_("location"), empty_value="–")
    def location(self, file: UploadedFile) -> str | None:
        return str(_("removed")) if file.had_location else None
