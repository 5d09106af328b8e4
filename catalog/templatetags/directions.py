"""The filter `isolated`: a value that a sentence of the other direction leaves whole."""

from django import template

from catalog.directions import isolated

register = template.Library()
register.filter(isolated)
