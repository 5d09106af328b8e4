"""Columns that lists in the admin share: links to related objects, states as pills, photos in small."""

from collections.abc import Callable
from functools import reduce
from typing import Any

from django.contrib import admin
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.models import Photo

NOTHING = "–"

Column = Callable[[Any], str]


def follow(row: Any, path: str) -> Any:
    """What `path` leads to from a row, as in a query: "listing__shop"; None where a link of it is empty."""
    return reduce(lambda each, name: getattr(each, name, None), path.split("__") if path else (), row)


def link_to(path: str, label: Any) -> Column:
    """A column with a related object that leads to the object's page."""

    @admin.display(description=label)
    def column(row: Any) -> str:
        found = follow(row, path)
        if found is None:
            return NOTHING
        page = f"admin:{found._meta.app_label}_{found._meta.model_name}_change"
        return format_html('<a href="{}">{}</a>', reverse(page, args=[found.pk]), found)

    column.__name__ = path
    return column


def pill(name: str, label: Any) -> Column:
    """A column with one of a field's choices, coloured by `.pill-<value>` in the style sheet."""

    @admin.display(description=label, ordering=name)
    def column(row: Any) -> str:
        value = getattr(row, name)
        text = getattr(row, f"get_{name}_display")()
        return format_html('<span class="pill pill-{}">{}</span>', value, text) if value else NOTHING

    column.__name__ = name
    return column


def render_thumbnail(photo: Photo) -> SafeString:
    return render_to_string("admin/_thumbnail.html", {"photo": photo})


def thumbnail(path: str) -> Column:
    """A column with a photo in small, which leads to the photo's page; an empty path is the row itself."""

    @admin.display(description=_("photo"))
    def column(row: Any) -> str:
        photo = follow(row, path)
        return render_thumbnail(photo) if photo else NOTHING

    column.__name__ = "thumbnail"
    return column


def render_large_photo(photo: Photo) -> SafeString:
    return render_to_string("admin/_large_photo.html", {"photo": photo})
