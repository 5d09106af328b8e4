"""Model versions, retrainings and evaluations; their figures are on pages of their own."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.admin.columns import link_to, pill
from onboarding.admin.read_only import ReadOnlyAdmin
from onboarding.models import Evaluation, ModelVersion, RetrainRun


def evidence_link(version: ModelVersion) -> SafeString:
    page = reverse("onboarding:staff_model", args=[version.pk])
    return format_html('<a href="{}">{}</a>', page, gettext("Evidence"))


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin):
    list_display = ("name", pill("state", _("state")), "short_hash", "created_at", "activated_at", "evidence")
    list_filter = ("state",)
    search_fields = ("name", "sha256")
    date_hierarchy = "created_at"
    deferred = ("card",)
    exclude = ("card",)
    readonly_fields = ("evidence",)

    @admin.display(description=_("SHA-256"), ordering="sha256")
    def short_hash(self, version: ModelVersion) -> SafeString:
        return format_html('<code title="{}">{}</code>', version.sha256, version.sha256[:12])

    @admin.display(description=_("evidence"))
    def evidence(self, version: ModelVersion) -> SafeString:
        return evidence_link(version)


@admin.register(RetrainRun)
class RetrainRunAdmin(ReadOnlyAdmin):
    list_display = (
        "number",
        pill("state", _("state")),
        link_to("base", _("from")),
        link_to("candidate", _("to")),
        "host",
        "started_at",
        "finished_at",
    )
    list_filter = ("state",)
    list_select_related = ("base", "candidate")
    search_fields = ("base__name", "candidate__name", "host")
    date_hierarchy = "started_at"
    deferred = ("report", "base__card", "candidate__card")
    exclude = ("report",)
    readonly_fields = ("reasons",)

    @admin.display(description=_("retraining"), ordering="pk")
    def number(self, run: RetrainRun) -> str:
        return gettext("Retraining %(number)s") % {"number": run.pk}

    @admin.display(description=_("reasons"), empty_value="–")
    def reasons(self, run: RetrainRun) -> str:
        return " ".join(run.report.get("reasons", []))


@admin.register(Evaluation)
class EvaluationAdmin(ReadOnlyAdmin):
    list_display = (
        "pictures",
        link_to("model_version", _("model version")),
        link_to("run", _("retraining")),
        "created_at",
        "evidence",
    )
    list_filter = ("pictures", "model_version")
    list_select_related = ("model_version", "run")
    search_fields = ("model_version__name",)
    date_hierarchy = "created_at"
    deferred = ("figures", "model_version__card", "run__report")
    exclude = ("figures",)
    readonly_fields = ("evidence",)

    @admin.display(description=_("evidence"))
    def evidence(self, evaluation: Any) -> SafeString:
        return evidence_link(evaluation.model_version)
