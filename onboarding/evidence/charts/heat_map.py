"""The confusion matrix as a heat map: a row for what a picture really is, a column for what it was taken for.

Three drawings that share one grid, so that the names above and beside stay in view while the cells scroll. Shades tell
which share of the row's pictures went wrong that way; the diagonal, where things are right, is left pale on purpose.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from onboarding.evidence.confusion import ConfusionMatrix
from onboarding.evidence.figures import Cell

CELL = 36
CELL_OF_MANY = 28
MANY = 40
LONGEST_NAME = 17  # in characters
LEAST_NAMES_LENGTH = 92  # in pixels
CHARACTER_WIDTH = 7
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
SCALE_STEP_WIDTH = 56
OTHERS: Final = ""  # stands for all values that are not shown


@dataclass(frozen=True)
class HeatCell:
    """`x`, `y`: its upper left corner. `shade`: 1 (pale) to 7 (deep), 0 on the diagonal."""

    cell: Cell
    x: float
    y: float
    middle_x: float
    middle_y: float
    shade: int
    text: str
    title: str


class ScaleStep(NamedTuple):
    """One shade of the legend: shares from `low` on."""

    shade: int
    x: float
    low: float


@dataclass(frozen=True)
class HeatLabel:
    """`at`: the middle of its row or column. `text` is cut to what fits; `name` is not."""

    at: float
    name: str
    text: str


@dataclass(frozen=True)
class HeatMap:
    cells: Sequence[HeatCell]
    labels: Sequence[HeatLabel]
    to_others: Sequence[HeatCell]
    from_others: Sequence[HeatCell]
    cell_size: int

    @property
    def names_length(self) -> int:
        """Room for the longest name, beside the rows as above the columns."""
        longest = max((len(label.text) for label in self.labels), default=0)
        return max(LEAST_NAMES_LENGTH, CHARACTER_WIDTH * (longest + 3))

    @property
    def inner(self) -> int:
        """Side of the square of the values themselves, in pixels."""
        return self.cell_size * len(self.labels)

    @property
    def size(self) -> int:
        """The same with the row and column for all other values, where there are any."""
        return self.inner + (self.cell_size if self.to_others or self.from_others else 0)

    @property
    def lines(self) -> list[int]:
        return [number * self.cell_size for number in range(len(self.labels) + 1)]

    @property
    def is_dense(self) -> bool:
        return self.cell_size == CELL_OF_MANY

    @property
    def scale(self) -> list[ScaleStep]:
        return [ScaleStep(number + 1, number * SCALE_STEP_WIDTH, low) for number, low in enumerate((0.0, *STEPS))]

    @property
    def middle_of_others(self) -> float:
        return self.inner + self.cell_size / 2


def heat_map(matrix: ConfusionMatrix, name_of: Callable[[str], str]) -> HeatMap:
    """`name_of` gives the name that people know a value by."""
    size = CELL if len(matrix.values) <= MANY else CELL_OF_MANY
    grid = _Grid({value: number * size for number, value in enumerate(matrix.values)}, size, matrix.totals, name_of)
    return HeatMap(
        cells=[grid.cell(cell) for cell in matrix.cells],
        labels=[
            HeatLabel(at + size / 2, name_of(value), shortened(name_of(value))) for value, at in grid.places.items()
        ],
        to_others=[grid.cell(Cell(value, OTHERS, n)) for value, n in matrix.taken_for_others.items()],
        from_others=[grid.cell(Cell(OTHERS, value, n)) for value, n in matrix.taken_from_others.items()],
        cell_size=size,
    )


@dataclass(frozen=True)
class _Grid:
    """`places`: where the row and the column of a value begin; all that are not shown share the last."""

    places: Mapping[str, int]
    size: int
    totals: Mapping[str, int]
    name_of: Callable[[str], str]

    def cell(self, cell: Cell) -> HeatCell:
        end = self.size * len(self.places)
        x, y = self.places.get(cell.predicted, end), self.places.get(cell.actual, end)
        share = cell.n / self.totals[cell.actual] if cell.actual in self.totals else 0.0
        return HeatCell(
            cell=cell,
            x=x,
            y=y,
            middle_x=x + self.size / 2,
            middle_y=y + self.size / 2,
            shade=0 if cell.is_right else shade_of(share),
            text=short_count(cell.n),
            title=self._title(cell),
        )

    def _title(self, cell: Cell) -> str:
        names = (str(_("other values")) if value == OTHERS else self.name_of(value) for value in cell[:2])
        words = dict(zip(("actual", "predicted"), names, strict=True), n=cell.n)
        if cell.is_right:
            return _("%(actual)s, recognised: %(n)s") % words
        return _("%(actual)s, taken for %(predicted)s: %(n)s") % words


def shade_of(share: float) -> int:
    return bisect_right(STEPS, share) + 1


def shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"


def short_count(n: int) -> str:
    """At most four characters: "812", "9999", "12k"."""
    return str(n) if n < 10_000 else f"{n // 1000}k"
