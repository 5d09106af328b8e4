"""The filter `grouped`: a count as its readers write it."""

from django import template

from catalog.counts import grouped

register = template.Library()
register.filter(grouped)
