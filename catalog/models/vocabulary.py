"""The words that listings are tagged with. They are rows, so that they can grow."""

from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar
from uuid import UUID, uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.folding import FoldedText

AnyModel = TypeVar("AnyModel", bound=models.Model)


class VocabularyEdition(models.Model):
    """One row, whose stamp is another one after every change of a term or a name: what was read once stays true."""

    ONLY: ClassVar[int] = 1

    stamp = models.UUIDField(default=uuid4)

    class Meta:
        verbose_name = _("edition of the vocabulary")
        verbose_name_plural = _("editions of the vocabulary")

    def __str__(self) -> str:
        return str(self.stamp)

    @classmethod
    def current(cls) -> UUID | None:
        return cls.objects.filter(pk=cls.ONLY).values_list("stamp", flat=True).first()

    @classmethod
    def renew(cls) -> None:
        """Never a stamp again that was there before, not even of a transaction that was rolled back."""
        if not cls.objects.filter(pk=cls.ONLY).update(stamp=uuid4()):
            cls.objects.get_or_create(pk=cls.ONLY)


class EditedRows(models.QuerySet[AnyModel]):
    """Rows of the vocabulary: whatever changes them makes a new edition (of single rows signals tell)."""

    def update(self, **values: Any) -> int:
        count = super().update(**values)
        VocabularyEdition.renew()
        return count

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[AnyModel], *args: Any, **options: Any) -> list[AnyModel]:
        made = super().bulk_create(objs, *args, **options)
        if made:
            VocabularyEdition.renew()
        return made


class TagField(models.TextChoices):
    CATEGORY = "category", _("Category")
    COLOUR = "colour", _("Colour")
    SEASON = "season", _("Season")
    GENDER = "gender", _("For")
    USAGE = "usage", _("Occasion")


class Term(models.Model):
    """A value of one field. Categories form a tree of paths: the same article type may stand under several."""

    CATEGORY_DEPTH: ClassVar[int] = 3  # master category, subcategory, article type

    field = models.CharField(_("field"), max_length=10, choices=TagField.choices)
    key = models.CharField(_("key"), max_length=80, help_text=_("As the network and the data sets spell it."))
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("stands under")
    )
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("merged into")
    )

    objects = EditedRows.as_manager()

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        constraints = (
            models.UniqueConstraint(fields=("field", "parent", "key"), name="term_unique_under_parent"),
            models.UniqueConstraint(
                fields=("field", "key"), condition=models.Q(parent=None), name="term_unique_at_the_root"
            ),
        )

    def __str__(self) -> str:
        return self.key

    @property
    def path(self) -> tuple[str, ...]:
        """Keys from the root to this term: ("Apparel", "Topwear", "Tshirts"); one query a level unless joined."""
        return (*self.parent.path, self.key) if self.parent else (self.key,)

    @property
    def colour_key(self) -> str:
        """Of a colour, which is shown with its swatch; empty for other terms."""
        return self.key if self.field == TagField.COLOUR else ""


class TermName(models.Model):
    """What people call a term in one language; synonyms are for searching."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="names", verbose_name=_("term"))
    language = models.CharField(_("language"), max_length=7)
    text = models.CharField(_("name"), max_length=120)
    is_synonym = models.BooleanField(_("only another word"), default=False)
    search_text = FoldedText(of=("text",))

    objects = EditedRows.as_manager()

    class Meta:
        verbose_name = _("term's name")
        verbose_name_plural = _("terms' names")
        constraints = (
            models.UniqueConstraint(fields=("term", "language", "text"), name="term_name_once_per_language"),
            models.UniqueConstraint(
                fields=("term", "language"),
                condition=models.Q(is_synonym=False),
                name="term_has_one_name_per_language",
            ),
        )

    def __str__(self) -> str:
        return self.text
