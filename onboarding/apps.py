"""The app through which products get in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OnboardingConfig(AppConfig):
    name = "onboarding"
    verbose_name = _("Onboarding")

    def ready(self) -> None:
        from catalog.signals import photos_regrouped
        from onboarding.config import celery as celery  # shared tasks bind to this Celery app
        from onboarding.config import checks as checks  # registers the start-up checks
        from onboarding.services.prefilling import prefill_regrouped_listings

        photos_regrouped.connect(prefill_regrouped_listings)
