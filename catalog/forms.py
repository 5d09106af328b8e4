"""Forms of the catalogue's pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.countries import currency_of
from catalog.models import Listing, Shop, TagField, Term
from catalog.selectors import terms_in_use
from catalog.vocabulary import Vocabulary


class ShopForm(forms.ModelForm[Shop]):
    class Meta:
        model = Shop
        fields = ("name", "country", "currency", "language")

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


class InvitationForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"))


class FilterForm(forms.Form):
    """What a list is narrowed to. An unknown value narrows nothing: old bookmarks keep working."""

    SORTS = (
        ("newest", _("Newest first")),
        ("oldest", _("Oldest first")),
        ("title", _("By title")),
        ("price", _("By price")),
    )

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("State"), required=False)
    category = forms.ChoiceField(required=False)
    colour = forms.ChoiceField(required=False)
    season = forms.ChoiceField(required=False)
    gender = forms.ChoiceField(required=False)
    usage = forms.ChoiceField(required=False)
    sort = forms.ChoiceField(label=_("Order"), choices=SORTS, required=False)

    def __init__(self, data: Any, *, shop: Shop, vocabulary: Vocabulary) -> None:
        super().__init__(data)
        self._vocabulary = vocabulary
        self._choice("state").choices = [("", _("All")), *Listing.State.choices]
        in_use = terms_in_use(shop)
        for field in TagField:
            self.fields[field.value].label = field.label
            self._choice(field.value).choices = [("", _("All")), *self._options(field, in_use.get(field, set()))]

    def _choice(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field

    def _options(self, field: TagField, in_use: set[int]) -> list[tuple[str, str]]:
        """Only what the shop has, with the levels above it."""
        terms = [term for pk in in_use if (term := self._vocabulary.get(pk))]
        shown = {above.pk for term in terms for above in self._vocabulary.lineage(term)}
        ordered = (term for term in self._vocabulary.terms_of(field) if term.pk in shown)
        return [(str(term.pk), self._vocabulary.path_name(term)) for term in ordered]

    def chosen(self) -> dict[str, Any]:
        """`text`, `state`, `terms` by field and `sort`, for the selectors; what is not valid is left out."""
        self.is_valid()
        values = self.cleaned_data
        terms: dict[str, Term] = {}
        for field in TagField:
            term = self._vocabulary.get(int(values.get(field.value) or 0))
            if term:
                terms[field.value] = term
        return {
            "text": values.get("q", ""),
            "state": values.get("state", ""),
            "terms": terms,
            "sort": values.get("sort") or "newest",
        }

    def narrows(self) -> bool:
        """Whether anything is left out; what is not valid leaves nothing out."""
        chosen = self.chosen()
        return any(chosen[name] for name in ("text", "state", "terms"))


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
