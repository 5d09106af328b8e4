"""Typed reading of an evaluation's figures. What is missing or odd in them is left out, and never breaks a page."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from onboarding.models import Prediction

Output = Prediction.Output


@dataclass(frozen=True)
class Measure:
    """A figure with its 95 % interval, where one was measured."""

    value: float
    low: float | None = None
    high: float | None = None

    def is_apart_from(self, other: "Measure") -> bool | None:
        """Whether the intervals do not even touch; None where one of the two has none."""
        if self.low is None or self.high is None or other.low is None or other.high is None:
            return None
        return self.low > other.high or self.high < other.low


@dataclass(frozen=True)
class CalibrationBin:
    """The pictures whose confidence lies between two bounds: how sure the network was, and how often right."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: Measure


@dataclass(frozen=True)
class ValueFigures:
    """One value of a field: `n` pictures that really are it, `right` of them recognised. Shares are in [0, 1]."""

    value: str
    n: int
    right: int
    precision: float | None
    recall: float | None
    f1: float | None

    @property
    def wrong(self) -> int:
        return max(0, self.n - self.right)


class Cell(NamedTuple):
    actual: str
    predicted: str
    n: int

    @property
    def is_right(self) -> bool:
        return self.actual == self.predicted


class Miss(NamedTuple):
    """A picture of a report set that was taken for something else."""

    picture: str
    actual: str
    predicted: str
    confidence: float


@dataclass(frozen=True)
class FieldFigures:
    """One output of the network on one set of `n` pictures. The long lists are read when they are asked for."""

    output: Output
    n: int
    accuracy: Measure | None
    macro_f1: Measure | None
    calibration_error: Measure | None
    top_3: float | None
    coverage: float | None
    precision: float | None
    document: Mapping[str, Any]

    @cached_property
    def bins(self) -> list[CalibrationBin]:
        return [each for row in _rows(self.document, "bins") if (each := _bin(row))]

    @cached_property
    def cells(self) -> list[Cell]:
        return [each for row in _rows(self.document, "cells") if (each := _cell(row))]

    @cached_property
    def values(self) -> list[ValueFigures]:
        """By falling number of pictures, as they are stored."""
        right = {cell.actual: cell.n for cell in self.cells if cell.is_right}
        return [each for row in _rows(self.document, "values") if (each := _value(row, right))]

    @cached_property
    def misses(self) -> list[Miss]:
        """All errors, the surest first. Sellers' held-out photos have rows of their own instead."""
        found = [each for row in _rows(self.document, "errors") if (each := _miss(row))]
        return sorted(found, key=lambda miss: -miss.confidence)

    @cached_property
    def known_values(self) -> set[str]:
        """Every value that occurs, as actual or as predicted."""
        in_cells = {value for cell in self.cells for value in (cell.actual, cell.predicted)}
        return in_cells | {each.value for each in self.values} | {value for miss in self.misses for value in miss[1:3]}


def read_figures(document: object) -> dict[Output, FieldFigures]:
    """Figures by output, in the order of the outputs; those without pictures are left out."""
    found = document if isinstance(document, Mapping) else {}
    fields = (_field(output, found.get(output.value)) for output in Output)
    return {each.output: each for each in fields if each}


def _field(output: Output, document: object) -> FieldFigures | None:
    n = _count(document, "n")
    if not n or not isinstance(document, Mapping):
        return None
    return FieldFigures(
        output=output,
        n=n,
        accuracy=_measure(document, "accuracy"),
        macro_f1=_measure(document, "macro_f1"),
        calibration_error=_measure(document, "calibration_error"),
        top_3=_share(document, "top_3"),
        coverage=_share(document, "coverage"),
        precision=_share(document, "precision"),
        document=document,
    )


def _bin(row: object) -> CalibrationBin | None:
    low, high, confidence = (_share(row, name) for name in ("from", "to", "confidence"))
    accuracy, n = _measure(row, "accuracy", interval="interval"), _count(row, "n")
    if low is None or high is None or confidence is None or accuracy is None or not n:
        return None
    return CalibrationBin(low, high, n, confidence, accuracy)


def _cell(row: object) -> Cell | None:
    if not isinstance(row, list | tuple) or len(row) != 3:
        return None
    actual, predicted, n = row
    is_cell = isinstance(actual, str) and isinstance(predicted, str) and type(n) is int and n > 0
    return Cell(actual, predicted, n) if is_cell else None


def _miss(row: object) -> Miss | None:
    if not isinstance(row, list | tuple) or len(row) != 4 or not all(isinstance(text, str) for text in row[:3]):
        return None
    picture, actual, predicted = row[:3]
    confidence = as_number(row[3])
    return None if confidence is None else Miss(picture, actual, predicted, confidence)


def _value(row: object, right: Mapping[str, int]) -> ValueFigures | None:
    value = row.get("value") if isinstance(row, Mapping) else None
    if not isinstance(value, str):
        return None
    shares = (_share(row, name) for name in ("precision", "recall", "f1"))
    return ValueFigures(value, _count(row, "n"), right.get(value, 0), *shares)


def _measure(document: object, name: str, *, interval: str = "") -> Measure | None:
    value = _share(document, name)
    if value is None or not isinstance(document, Mapping):
        return None
    bounds = document.get(interval or f"{name}_interval")
    if not isinstance(bounds, list | tuple) or len(bounds) != 2:
        return Measure(value)
    low, high = map(as_number, bounds)
    return Measure(value) if low is None or high is None or low > high else Measure(value, low, high)


def _share(document: object, name: str) -> float | None:
    number = as_number(document.get(name)) if isinstance(document, Mapping) else None
    return number if number is not None and 0 <= number <= 1 else None


def _count(document: object, name: str) -> int:
    number = document.get(name) if isinstance(document, Mapping) else None
    return number if type(number) is int and number > 0 else 0


def as_number(value: object) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _rows(document: Mapping[str, Any], name: str) -> Iterator[object]:
    rows: Iterable[object] = found if isinstance(found := document.get(name), list | tuple) else ()
    return iter(rows)
