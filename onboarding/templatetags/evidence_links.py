"""Links among the pages of the evidence."""

from typing import Any
from urllib.parse import urlencode

from django import template

register = template.Library()


@register.simple_tag(takes_context=True)
def cell_link(context: dict[str, Any], actual: str, predicted: str) -> str:
    """To the pictures of a cell of the matrix in view; an empty value stands for any."""
    evidence = context["evidence"]
    parts = {"actual": actual, "predicted": predicted, "run": evidence.run}
    return f"{evidence.cell_path}?{urlencode({name: value for name, value in parts.items() if value})}"
