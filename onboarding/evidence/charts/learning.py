"""What a model's card tells of its training: one small line chart for each figure, over the epochs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from onboarding.evidence.charts.axis import Axis
from onboarding.evidence.figures import as_number
from onboarding.models import Prediction

WIDTH, HEIGHT = 220, 96
X_ENDS = (14, 206)
Y_ENDS = (74, 26)
TIMES = ("epoch", "step")
MOST_LINES = 24
PICTURES = {"studio": _("studio shots"), "phone": _("phone photos"), "plain": _("other pictures")}


class Point(NamedTuple):
    x: float
    y: float
    value: float

    @property
    def label_shift(self) -> int:
        """Its number stands above a high point and below a low one, off the line."""
        return -9 if self.y <= HEIGHT / 2 else 18


@dataclass(frozen=True)
class LearningChart:
    label: str
    unit: str
    points: Sequence[Point]
    values: Sequence[float | None]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def line(self) -> str:
        """For `<polyline points>`."""
        return " ".join(f"{point.x},{point.y}" for point in self.points)


@dataclass(frozen=True)
class Learning:
    """`times` heads the columns of the table: numbers of epochs, or of entries where the card does not say."""

    times: Sequence[int]
    charts: Sequence[LearningChart]


def learning_of(card: Mapping[str, Any]) -> Learning:
    """From `card["history"]`, a list of {"epoch": 1, "loss": 2.4, …}; whatever is no number is left out."""
    history = card.get("history")
    rows = [row for row in (history if isinstance(history, list) else ()) if isinstance(row, Mapping)]
    times = [_time(row, number) for number, row in enumerate(rows, 1)]
    names = dict.fromkeys(str(name) for row in rows for name in row if name not in TIMES)
    columns = {name: [as_number(row.get(name)) for row in rows] for name in names}
    charts = [_chart(name, column) for name, column in columns.items() if any(value is not None for value in column)]
    return Learning(times, charts[:MOST_LINES])


def _time(row: Mapping[str, Any], number: int) -> int:
    found = next((as_number(row[name]) for name in TIMES if name in row), None)
    return number if found is None else int(found)


def _chart(name: str, column: Sequence[float | None]) -> LearningChart:
    known = [value for value in column if value is not None]
    spread = (max(known) - min(known)) or 1.0
    x, y = Axis(0, max(1, len(column) - 1), *X_ENDS), Axis(min(known), min(known) + spread, *Y_ENDS)
    points = [Point(x.at(place), y.at(value), value) for place, value in enumerate(column) if value is not None]
    is_share = name != "loss" and all(0 <= value <= 1 for value in known)
    return LearningChart(_label(name), "percent" if is_share else "share", points, column)


def _label(name: str) -> str:
    """ "sub_category_phone" is the subcategory on phone photos; unknown names stay as they are."""
    for output in Prediction.Output:
        of = name.removeprefix(output.value).lstrip("_") if name.startswith(output.value) else None
        if of == "":
            return str(output.label)
        if of in PICTURES:
            return f"{output.label}, {PICTURES[of]}"
    return name.replace("_", " ")
