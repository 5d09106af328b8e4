"""What needs attention, for the first page of the admin."""

from django import template

from onboarding.attention import Attention, attention

register = template.Library()


@register.simple_tag
def what_needs_attention() -> Attention:
    return attention()
