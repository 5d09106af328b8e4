"""The address of the scripts' sentences."""

from django import template
from django.urls import reverse
from django.utils.translation import get_language

from onboarding.script_words import edition_of

register = template.Library()


@register.simple_tag
def script_words() -> str:
    """In the language of the page."""
    language = get_language() or "en"
    return reverse("script_words", args=[language, edition_of(language)])
