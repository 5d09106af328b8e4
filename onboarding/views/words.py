"""The sentences of the pages' scripts."""

from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import override
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog

from onboarding.script_words import edition_of

KEPT_SECONDS: Final = 365 * 24 * 60 * 60


class OwnWords(JavaScriptCatalog):
    """Our own sentences alone: those of the admin's scripts come with the admin's pages."""

    def get_paths(self, packages: Any) -> list[str]:
        return [str(path) for path in settings.LOCALE_PATHS]


@require_safe
def script_words(request: HttpRequest, language: str, edition: str) -> HttpResponse:
    """A script with the sentences in one language. Kept for good under its own edition, never under another."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    with override(language):
        response: HttpResponse = OwnWords().get(request, packages="ours")
    if edition == edition_of(language):
        patch_cache_control(response, public=True, immutable=True, max_age=KEPT_SECONDS)
    else:
        patch_cache_control(response, no_cache=True)
    return response
