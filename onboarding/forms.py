"""Forms through which products get in."""

from datetime import timedelta
from functools import cached_property, partial
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog.forms import AS_TYPED, TermFilterForm
from catalog.models import Listing, Shop, TagField, Term
from catalog.services.listings import ListingDetails
from catalog.vocabulary import Vocabulary

MISNAMED = _("The files are not named as they should be. Reload the page and try again.")
PRICE_ATTRIBUTES = {"inputmode": "decimal", "min": "0", "step": "0.01"}


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class ManyFilesField(forms.FileField):
    """A list of files. An empty file passes: it is judged with the others, and named in the result."""

    widget = ManyFilesInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        files = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if not files and self.required:
            raise forms.ValidationError(_("Choose at least one photo."))
        return files


class NamesField(forms.Field):
    """A list of UUIDs, as the page's script sends one beside each file."""

    widget = forms.MultipleHiddenInput

    def clean(self, data: Any) -> list[UUID]:
        try:
            return [UUID(str(each)) for each in data or ()]
        except ValueError as error:
            raise forms.ValidationError(MISNAMED) from error


class KeysField(NamesField):
    """Each is there once."""

    def clean(self, data: Any) -> list[UUID]:
        keys = super().clean(data)
        if len(set(keys)) != len(keys):
            raise forms.ValidationError(MISNAMED)
        return keys


class UploadForm(forms.Form):
    """One request's files. Larger piles come as several parts with the same token."""

    EACH, ONE = "each", "one"
    ARRANGEMENTS = (
        (EACH, _("Each photo is a product of its own")),
        (ONE, _("All photos show one product")),
    )

    photos = ManyFilesField(label=_("Photos"))
    arrangement = forms.ChoiceField(
        label=_("What do the photos show?"),
        choices=ARRANGEMENTS,
        widget=forms.RadioSelect,
        initial=EACH,
        required=False,
    )
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    part = forms.IntegerField(widget=forms.HiddenInput, initial=0, min_value=0, max_value=100_000)
    keys = KeysField(required=False)
    products = NamesField(required=False)
    located = KeysField(required=False)  # the script makes photos smaller, and with that removes where they were taken

    def clean_photos(self) -> list[UploadedFile[bytes]]:
        files: list[UploadedFile[bytes]] = self.cleaned_data["photos"]
        limit = settings.UPLOAD_MAX_PHOTOS
        if len(files) > limit:
            message = ngettext(
                "Send at most %(limit)s photo at a time; you chose %(count)s. None was stored.",
                "Send at most %(limit)s photos at a time; you chose %(count)s. None was stored.",
                limit,
            )
            raise forms.ValidationError(message % {"limit": limit, "count": len(files)})
        return files

    def clean_keys(self) -> list[UUID]:
        return self._one_for_each_photo("keys")

    def clean_products(self) -> list[UUID]:
        return self._one_for_each_photo("products")

    def _one_for_each_photo(self, field: str) -> list[UUID]:
        names: list[UUID] = self.cleaned_data[field]
        photos = self.cleaned_data.get("photos")
        if names and photos is not None and len(names) != len(photos):
            raise forms.ValidationError(_("Some files did not arrive. Send them again."))
        return names


class ProductsForm(forms.Form):
    """Listings of one shop that were chosen together, and what is to be made of them."""

    COMBINE, VARIANTS, APART, DISCARD = "combine", "variants", "apart", "discard"
    ACTIONS = (COMBINE, VARIANTS, APART, DISCARD)

    listings = forms.ModelMultipleChoiceField(
        Listing.objects.none(),
        error_messages={"required": _("Choose at least two products."), "invalid_choice": _("A product is gone.")},
    )
    action = forms.ChoiceField(choices=[(each, each) for each in ACTIONS])

    def __init__(self, shop: Shop, data: Any) -> None:
        super().__init__(data)
        choices = self.fields["listings"]
        assert isinstance(choices, forms.ModelMultipleChoiceField)
        choices.queryset = Listing.objects.filter(shop=shop).order_by("pk")


class GridFilterForm(TermFilterForm):
    """What the grid of the review shows, and in which order; what is not valid changes nothing."""

    UNSURE, UPLOADED = "unsure", "uploaded"
    ORDERS = ((UNSURE, _("Unsure first")), (UPLOADED, _("As uploaded")))
    SURE, CHECK = "sure", "check"
    CERTAINTIES = ((SURE, _("Sure")), (CHECK, _("Please check")))

    certainty = forms.ChoiceField(label=_("Suggestions"), choices=[("", _("All")), *CERTAINTIES], required=False)
    order = forms.ChoiceField(label=_("Order"), choices=ORDERS, required=False)

    def chosen(self) -> dict[str, Any]:
        found = super().chosen()
        values = {name: self.cleaned_data.get(name, "") for name in ("certainty", "order")}
        return {**found, **values, "order": values["order"] or self.UNSURE}

    def narrows(self) -> bool:
        return super().narrows() or bool(self.chosen()["certainty"])

    def offer_certainties(self, *, sure: int, check: int) -> None:
        self._count("certainty", self.CERTAINTIES, {self.SURE: sure, self.CHECK: check})


class SetValueForm(forms.Form):
    """One value for many listings of a shop; `value` is a field and the id of a term, or of none."""

    listings = forms.ModelMultipleChoiceField(
        Listing.objects.none(),
        error_messages={"required": _("Choose at least one listing."), "invalid_choice": _("A listing is gone.")},
    )
    value = forms.ChoiceField(label=_("Value"), error_messages={"required": _("Choose a value.")})

    def __init__(self, shop: Shop, vocabulary: Vocabulary, data: Any = None) -> None:
        super().__init__(data)
        self._vocabulary = vocabulary
        listings, value = self.fields["listings"], self.fields["value"]
        assert isinstance(listings, forms.ModelMultipleChoiceField)
        assert isinstance(value, forms.ChoiceField)
        listings.queryset = Listing.objects.filter(shop=shop, state=Listing.State.DRAFT).order_by("pk")
        groups = [(field.label, self._options(field)) for field in TagField]
        value.choices = [("", _("Choose a value")), *groups]

    def _options(self, field: TagField) -> list[tuple[str, Any]]:
        terms = [(f"{field}:{term.pk}", self._vocabulary.path_name(term)) for term in self._vocabulary.terms_of(field)]
        return [*terms, (f"{field}:", _("%(field)s: leave empty") % {"field": field.label})]

    def chosen(self) -> tuple[TagField, Term | None]:
        """Of a valid form."""
        field, _separator, pk = self.cleaned_data["value"].partition(":")
        return TagField(field), self._vocabulary.get(int(pk)) if pk else None


class CommonValuesForm(forms.Form):
    """What all products of an upload have in common."""

    FIELDS = (TagField.SEASON, TagField.GENDER, TagField.USAGE)

    brand = forms.CharField(label=_("Brand"), max_length=80, required=False, widget=forms.TextInput(AS_TYPED))
    price = forms.DecimalField(
        label=_("Price"),
        max_digits=12,
        decimal_places=2,
        min_value=0,
        required=False,
        widget=forms.NumberInput(PRICE_ATTRIBUTES),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="common")
        for field in self.FIELDS:
            choices = partial(self._choices, field)
            self.fields[field.value] = forms.ChoiceField(label=field.label, choices=choices, required=False)

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        """Read only where the form is shown or something was chosen; most requests of a pile choose nothing."""
        return Vocabulary()

    def _choices(self, field: TagField) -> list[tuple[str, str]]:
        options = [(str(term.pk), self._vocabulary.name(term)) for term in self._vocabulary.terms_of(field)]
        return [("", gettext("Different, or not known")), *options]

    def details(self) -> ListingDetails:
        return ListingDetails(brand=self.cleaned_data["brand"], price=self.cleaned_data["price"])

    def choices(self) -> dict[TagField, Term]:
        """The fields that were given a value."""
        chosen = {field: self.cleaned_data[field.value] for field in self.FIELDS}
        terms = {field: self._vocabulary.get(int(pk)) for field, pk in chosen.items() if pk}
        return {field: term for field, term in terms.items() if term}


class SeenForm(forms.Form):
    """What was in view when a decision was made, and a key that tells its repetition."""

    seen_revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    idempotency_key = forms.UUIDField(widget=forms.HiddenInput)


class ListingForm(SeenForm, forms.ModelForm[Listing]):
    """What a person writes about a product."""

    class Meta:
        model = Listing
        fields = ("title", "brand", "price", "sku", "description")
        widgets = {  # noqa: RUF012  (Django's own way to declare them)
            "title": forms.TextInput(AS_TYPED),
            "brand": forms.TextInput(AS_TYPED),
            "sku": forms.TextInput(AS_TYPED),
            "description": forms.Textarea({"rows": 3, **AS_TYPED}),
            "price": forms.NumberInput(PRICE_ATTRIBUTES),
        }

    @classmethod
    def to_show(cls, listing: Listing) -> "ListingForm":
        """Unbound, with the revision that the page shows and a new key."""
        initial = {"seen_revision": listing.revision, "idempotency_key": uuid4()}
        return cls(instance=listing, initial=initial)

    def details(self) -> ListingDetails:
        values = {name: self.cleaned_data[name] for name in self._meta.fields or ()}
        return ListingDetails(**values)


class ApiTokenForm(forms.Form):
    """A new token's name, and for how long it is valid."""

    LIFETIMES = (("30", _("30 days")), ("90", _("90 days")), ("365", _("One year")), ("", _("Until I revoke it")))

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        help_text=_("What it is for, so that you know which one to revoke."),
        widget=forms.TextInput(AS_TYPED),
    )
    days = forms.ChoiceField(label=_("Valid for"), choices=LIFETIMES, initial="90", required=False)
    idempotency_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)

    def lifetime(self) -> timedelta | None:
        days = self.cleaned_data["days"]
        return timedelta(days=int(days)) if days else None
