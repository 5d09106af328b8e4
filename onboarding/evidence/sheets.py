"""Sheets of pictures: what a cell of the confusion matrix opens, and the worst errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet

from catalog.models import Photo
from onboarding.evidence.figures import Cell, FieldFigures, Miss
from onboarding.evidence.naming import ValueNames
from onboarding.evidence.pictures import find_picture
from onboarding.models import EvaluatedPhoto, Evaluation

SHEET_SIZE = 24


@dataclass(frozen=True)
class SheetItem:
    """One picture: a seller's `photo`, or a report set's by `picture` name, which is `at_hand` or not."""

    actual: str
    predicted: str
    confidence: float
    photo: Photo | None = None
    picture: str = ""
    at_hand: bool = False


@dataclass(frozen=True)
class Choice:
    """Which pictures: by the value that they have, by what they were taken for, both, or neither: all errors."""

    actual: str = ""
    predicted: str = ""

    @property
    def is_right(self) -> bool:
        """A cell of the diagonal."""
        return bool(self.actual) and self.actual == self.predicted

    def is_known_in(self, figures: FieldFigures) -> bool:
        return {self.actual, self.predicted} - {""} <= figures.known_values

    @property
    def has_opposite(self) -> bool:
        return bool(self.actual and self.predicted) and not self.is_right

    @property
    def opposite(self) -> "Choice":
        """What the cell on the other side of the diagonal opens."""
        return Choice(self.predicted, self.actual)

    def count(self, figures: FieldFigures) -> int:
        return sum(cell.n for cell in figures.cells if self.keeps(cell))

    def keeps(self, row: Miss | Cell) -> bool:
        """Right ones are kept only where exactly they were asked for."""
        is_right = row.actual == row.predicted
        return is_right == self.is_right and self.actual in ("", row.actual) and self.predicted in ("", row.predicted)


class Sheet:
    """Pictures of one field, the surest first; read page by page."""

    def __init__(self, evaluation: Evaluation, figures: FieldFigures, choice: Choice, names: ValueNames) -> None:
        self._names = names
        is_held_out = evaluation.pictures == Evaluation.Pictures.HELD_OUT
        self._rows: Any = _photos(evaluation, figures, choice) if is_held_out else _misses(figures, choice)

    def page(self, number: str | None = None, size: int = SHEET_SIZE) -> Page[Any]:
        """A page of `SheetItem`s; a number that leads nowhere means the first or the last."""
        page: Page[Any] = Paginator(self._rows, size).get_page(number)
        page.object_list = [self._item(row) for row in page.object_list]
        return page

    def _item(self, row: EvaluatedPhoto | Miss) -> SheetItem:
        names = (self._names.name(row.actual), self._names.name(row.predicted))
        if isinstance(row, EvaluatedPhoto):
            return SheetItem(*names, row.confidence, photo=row.photo)
        return SheetItem(*names, row.confidence, picture=row.picture, at_hand=find_picture(row.picture) is not None)


def _photos(evaluation: Evaluation, figures: FieldFigures, choice: Choice) -> QuerySet[EvaluatedPhoto]:
    rows = EvaluatedPhoto.objects.filter(evaluation=evaluation, field=figures.output)
    rows = rows.filter(actual=choice.actual) if choice.actual else rows
    rows = rows.filter(predicted=choice.predicted) if choice.predicted else rows
    rows = rows if choice.is_right else rows.exclude(actual=F("predicted"))
    return rows.select_related("photo__listing").order_by("-confidence", "pk")


def _misses(figures: FieldFigures, choice: Choice) -> Sequence[Miss]:
    return [miss for miss in figures.misses if choice.keeps(miss)]
