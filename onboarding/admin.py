"""People, the queue, guesses and decisions in the admin. What is append-only can be read here and not written."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from onboarding.models import Confirmation, Label, ModelVersion, Prediction, TagRequest, Upload, User

admin.site.site_header = admin.site.site_title = _("Lapel administration")
# Through the site's own sign-in page, which limits how often passwords can be tried.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


@admin.register(User)
class PersonAdmin(UserAdmin[User]):
    ordering = ("email",)
    list_display = ("email", "name", "is_staff", "is_active", "date_joined")
    list_filter = ("is_staff", "is_active")
    search_fields = ("email", "name")
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Times"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),)


class ReadOnlyAdmin(admin.ModelAdmin[Model]):
    """For tables that only the services write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "shop", "user", "created_at")
    list_select_related = ("shop", "user")


@admin.register(TagRequest)
class TagRequestAdmin(ReadOnlyAdmin):
    list_display = ("photo", "shop", "state", "attempts", "reason", "created_at", "finished_at")
    list_filter = ("state", "reason")
    list_select_related = ("photo", "shop")


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin):
    list_display = ("name", "state", "sha256", "created_at", "activated_at")


@admin.register(Prediction)
class PredictionAdmin(ReadOnlyAdmin):
    list_display = ("photo", "field", "term", "confidence", "band", "model_version", "created_at")
    list_filter = ("field", "band", "model_version")
    list_select_related = ("photo", "term", "model_version")


@admin.register(Confirmation)
class ConfirmationAdmin(ReadOnlyAdmin):
    list_display = ("listing", "actor", "how", "created_at")
    list_filter = ("how",)
    list_select_related = ("listing", "actor")


@admin.register(Label)
class LabelAdmin(ReadOnlyAdmin):
    list_display = ("confirmation", "field", "term", "suggested", "suggested_confidence", "model_version")
    list_filter = ("field", "model_version")
    list_select_related = ("confirmation__listing", "term", "suggested", "model_version")
