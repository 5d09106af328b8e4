"""Forms of the catalogue's pages."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.countries import currency_of
from catalog.ids import parsed_id
from catalog.models import Listing, Shop, TagField, Term
from catalog.selectors import ListCounts
from catalog.vocabulary import Vocabulary

AS_TYPED: Final = {"dir": "auto"}
"""From right to left where what is typed is so, whatever the language of the page."""


class ShopForm(forms.ModelForm[Shop]):
    class Meta:
        model = Shop
        fields = ("name", "country", "currency", "language")
        widgets = {"name": forms.TextInput(AS_TYPED)}  # noqa: RUF012  (Django's own way to declare them)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].required = False
        self.fields["currency"].help_text = _("Leave empty for your country's currency.")

    def clean_name(self) -> str:
        """On one line: the name stands in subjects of e-mails."""
        return " ".join(self.cleaned_data["name"].split())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("currency") and cleaned.get("country"):
            cleaned["currency"] = currency_of(cleaned["country"])
        return cleaned


class NewShopForm(ShopForm):
    """With a key that tells its repetition: two taps open one shop."""

    idempotency_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)


class InvitationForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"))


class TermFilterForm(forms.Form):
    """What a list is narrowed to by words and values. What is unknown narrows nothing: old bookmarks keep working."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    category = forms.CharField(widget=forms.Select, required=False)
    colour = forms.CharField(widget=forms.Select, required=False)
    season = forms.CharField(widget=forms.Select, required=False)
    gender = forms.CharField(widget=forms.Select, required=False)
    usage = forms.CharField(widget=forms.Select, required=False)

    def __init__(self, data: Any, *, vocabulary: Vocabulary) -> None:
        super().__init__(data)
        self._vocabulary = vocabulary
        for field in TagField:
            self.fields[field.value].label = field.label

    def chosen(self) -> dict[str, Any]:
        """`text` and `terms` by field, for the selectors; what is not valid is left out."""
        self.is_valid()
        values = self.cleaned_data
        terms: dict[str, Term] = {}
        for field in TagField:
            term = self._vocabulary.get(parsed_id(values.get(field.value, "")))
            if term and term.field == field:
                terms[field.value] = term
        return {"text": values.get("q", ""), "terms": terms}

    def narrows(self) -> bool:
        """Whether anything is left out; what is not valid leaves nothing out."""
        chosen = self.chosen()
        return bool(chosen["text"] or chosen["terms"])

    def offer(self, counts: ListCounts) -> None:
        """Fills the lists: what would still be found, with how many. Where one is chosen, all that the shop has."""
        chosen = self.chosen()
        for field in TagField:
            term = chosen["terms"].get(field.value)
            offered = self._offered(field, {*counts.in_use, term.pk} if term else counts.by_term.keys())
            names = [(str(each.pk), name if term else counted(name, counts.by_term[each.pk])) for each, name in offered]
            self._select(field.value).choices = [("", _("All")), *names]

    def _select(self, name: str) -> forms.Select:
        widget = self.fields[name].widget
        assert isinstance(widget, forms.Select)
        return widget

    def _offered(self, field: TagField, ids: Collection[int]) -> list[tuple[Term, str]]:
        terms = (term for term in self._vocabulary.terms_of(field) if term.pk in ids)
        return [(term, self._vocabulary.path_name(term)) for term in terms]

    def _count(self, name: str, choices: Sequence[tuple[str, object]], counts: Mapping[str, int]) -> None:
        """Says beside each of a field's choices how many it finds, unless one of them is chosen already."""
        if not self.chosen()[name]:
            named = [(value, counted(label, counts.get(value, 0))) for value, label in choices]
            self._select(name).choices = [("", _("All")), *named]


class FilterForm(TermFilterForm):
    """What the catalogue shows, and in which order."""

    SORTS = (
        ("newest", _("Newest first")),
        ("oldest", _("Oldest first")),
        ("title", _("By title")),
        ("price", _("By price")),
    )

    state = forms.ChoiceField(label=_("State"), choices=[("", _("All")), *Listing.State.choices], required=False)
    sort = forms.ChoiceField(label=_("Order"), choices=SORTS, required=False)

    def chosen(self) -> dict[str, Any]:
        found = super().chosen()
        values = self.cleaned_data
        return {**found, "state": values.get("state", ""), "sort": values.get("sort") or "newest"}

    def narrows(self) -> bool:
        return super().narrows() or bool(self.chosen()["state"])

    def offer(self, counts: ListCounts) -> None:
        super().offer(counts)
        self._count("state", Listing.State.choices, counts.by_state)


def counted(name: object, count: int) -> str:
    """An option of a filter, with how many it finds."""
    return f"{name} ({count})"


class TransferForm(forms.Form):
    """The shop's newest other listings to choose from."""

    MAX_CHOICES = 200

    listing = forms.ModelChoiceField(label=_("Move to"), queryset=Listing.objects.none())

    def __init__(self, *args: Any, shop: Shop, leaving: Listing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["listing"]
        assert isinstance(field, forms.ModelChoiceField)
        others = Listing.objects.filter(shop=shop).exclude(pk=leaving.pk).order_by("-pk")
        # A slice itself could not be searched for the chosen one.
        field.queryset = Listing.objects.filter(pk__in=others.values("pk")[: self.MAX_CHOICES]).order_by("-pk")
