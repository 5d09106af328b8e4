"""Listings and their tags."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.folding import FoldedText
from catalog.models.shops import Shop
from catalog.models.vocabulary import TagField, Term


class Listing(models.Model):
    """A product of one shop. `revision` counts every change; `person_revision` is the last one a person made."""

    class State(models.TextChoices):
        DRAFT = "draft", _("To review")
        CONFIRMED = "confirmed", _("Confirmed")

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="listings", verbose_name=_("shop"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    title = models.CharField(_("title"), max_length=200, blank=True)
    brand = models.CharField(_("brand"), max_length=80, blank=True)
    description = models.TextField(_("description"), max_length=5000, blank=True)
    sku = models.CharField(_("your own number (SKU)"), max_length=64, blank=True)
    search_text = FoldedText(of=("title", "brand", "sku", "description"))
    variant_group = models.UUIDField(
        _("product of the variants"),
        null=True,
        blank=True,
        editable=False,
        db_index=True,
        help_text=_("Shared by the variants of one product."),
    )
    price = models.DecimalField(
        _("price"), max_digits=12, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    revision = models.PositiveIntegerField(_("revision"), default=0, editable=False)
    person_revision = models.PositiveIntegerField(_("last revision by a person"), default=0, editable=False)
    prefilled_revision = models.PositiveIntegerField(_("revision prefilled"), null=True, editable=False)
    is_sure = models.BooleanField(
        _("sure"),
        default=False,
        editable=False,
        help_text=_("Whether all that nobody has decided yet is suggested as sure."),
    )
    expected_mistakes = models.FloatField(
        _("mistakes expected"),
        null=True,
        editable=False,
        help_text=_("Among its suggestions, by their confidence; nothing where none is."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        indexes = (models.Index(fields=("shop", "state", "-id"), name="listing_by_shop_and_state"),)
        constraints = (models.CheckConstraint(condition=models.Q(price__gte=0), name="listing_price_not_negative"),)

    def __str__(self) -> str:
        return self.title or str(_("Listing %(number)s") % {"number": self.pk})


class ListingTag(models.Model):
    """The value of one field of a listing. A person's empty value is a row too: no guess may fill it again."""

    class Source(models.TextChoices):
        MODEL = "model", _("suggested")
        PERSON = "person", _("set by a person")
        IMPORT = "import", _("imported")

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="tags", verbose_name=_("listing"))
    field = models.CharField(_("field"), max_length=10, choices=TagField.choices)
    term = models.ForeignKey(Term, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("term"))
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("set by")
    )

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = (
            models.UniqueConstraint(fields=("listing", "field"), name="tag_once_per_field"),
            models.CheckConstraint(condition=~models.Q(source="model", term=None), name="tag_of_the_model_has_a_value"),
        )
        indexes = (models.Index(fields=("field", "term"), name="tag_by_term"),)

    def __str__(self) -> str:
        return f"{self.field}: {self.term or '–'}"
