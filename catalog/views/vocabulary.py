"""The words that listings are tagged with, for the scripts of the pages."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from catalog.word_list import word_list as read_word_list

FRESH_SECONDS = 60
KEPT_SECONDS = 24 * 60 * 60  # an older list still finds nearly everything while the new one comes


@require_safe
@conditional_page
@cache_control(public=True, max_age=FRESH_SECONDS, stale_while_revalidate=KEPT_SECONDS)
def word_list(request: HttpRequest) -> JsonResponse:
    """The same for everybody. Its ETag changes with the vocabulary; only what can be chosen is in it."""
    return JsonResponse(
        {"words": read_word_list()}, json_dumps_params={"separators": (",", ":"), "ensure_ascii": False}
    )
