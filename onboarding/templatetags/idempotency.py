"""Keys by which a form that is sent twice is known."""

from uuid import uuid4

from django import template

register = template.Library()


@register.simple_tag
def new_key() -> str:
    return str(uuid4())
