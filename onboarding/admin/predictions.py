"""What networks guessed."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.admin.columns import link_to, pill, render_large_photo, thumbnail
from catalog.models import Term
from onboarding.admin.read_only import ReadOnlyAdmin
from onboarding.models import Prediction


@admin.register(Prediction)
class PredictionAdmin(ReadOnlyAdmin):
    list_display = (
        thumbnail("photo"),
        "field",
        link_to("term", _("value")),
        "percent",
        pill("band", _("how sure")),
        link_to("photo__listing", _("listing")),
        link_to("model_version", _("model version")),
        "created_at",
    )
    list_display_links = ("field",)
    list_filter = ("field", "band", "model_version", "created_at")
    list_select_related = ("photo__listing", "term", "model_version")
    search_fields = ("=term__key", "=photo__id", "photo__listing__title")
    deferred = ("model_version__card", "alternatives")
    exclude = ("alternatives", "photo")
    readonly_fields = ("picture", "runners_up")

    @admin.display(description=_("photo"))
    def picture(self, prediction: Prediction) -> SafeString:
        return render_large_photo(prediction.photo)

    @admin.display(description=_("confidence"), ordering="confidence")
    def percent(self, prediction: Prediction) -> str:
        return f"{prediction.confidence:.1%}"

    @admin.display(description=_("runners-up"), empty_value="–")
    def runners_up(self, prediction: Prediction) -> str:
        keys = Term.objects.in_bulk([term_id for term_id, _confidence in prediction.alternatives])
        return ", ".join(f"{keys[pk]} {confidence:.1%}" for pk, confidence in prediction.alternatives if pk in keys)
