"""The words that listings are tagged with."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.admin.columns import link_to
from catalog.models import Term, TermName


class NameInline(admin.TabularInline[TermName, Term]):
    model = TermName
    extra = 0


class TermForm(forms.ModelForm[Term]):
    """Keeps the terms a tree of limited depth: a circle would hang every page."""

    class Meta:
        model = Term
        fields = ("field", "key", "parent", "retired_at", "merged_into")

    def clean_parent(self) -> Term | None:
        parent = self._of_same_field("parent")
        if parent is None:
            return None
        above = _lineage(parent)
        if self.instance in above:
            raise ValidationError(_("A term cannot stand below itself."))
        if len(above) + _height(self.instance) > Term.CATEGORY_DEPTH:
            raise ValidationError(_("Terms can be %(depth)s levels deep at most.") % {"depth": Term.CATEGORY_DEPTH})
        return parent

    def clean_merged_into(self) -> Term | None:
        merged_into = self._of_same_field("merged_into")
        if merged_into is not None and merged_into == self.instance:
            raise ValidationError(_("A term cannot be merged into itself."))
        return merged_into

    def _of_same_field(self, name: str) -> Term | None:
        term: Term | None = self.cleaned_data[name]
        if term is not None and term.field != self.cleaned_data.get("field", self.instance.field):
            raise ValidationError(_("This term belongs to another field."))
        return term


def _lineage(term: Term) -> list[Term]:
    return [*(_lineage(term.parent) if term.parent else ()), term]


def _height(term: Term) -> int:
    """How many levels a term takes with what is below it."""
    below = term.children.all() if term.pk else ()
    return 1 + max(map(_height, below), default=0)


@admin.register(Term)
class TermAdmin(admin.ModelAdmin[Term]):
    form = TermForm
    list_display = (
        "key",
        "field",
        link_to("parent", _("parent")),
        "in_english",
        "retired_at",
        link_to("merged_into", _("merged into")),
    )
    list_filter = ("field", ("retired_at", admin.EmptyFieldListFilter))
    list_select_related = ("parent", "merged_into")
    ordering = ("field", "parent__parent__key", "parent__key", "key")
    search_fields = ("key", "names__text")
    autocomplete_fields = ("parent", "merged_into")
    inlines = (NameInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Term]:
        return super().get_queryset(request).prefetch_related("names")

    @admin.display(description=_("in English"))
    def in_english(self, term: Term) -> str:
        return ", ".join(name.text for name in term.names.all() if name.language == "en")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("field",) if obj else ()
