"""Small figures written by hand, in the form in which evidence is stored."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

Counts = Sequence[tuple[str, str, int]]

TOPS: Counts = (("Topwear", "Dress", 2), ("Dress", "Topwear", 1), ("Topwear", "Topwear", 6), ("Dress", "Dress", 1))
"""Ten pictures, three errors: two tops taken for dresses, one dress for a top."""


def field_document(counts: Counts = TOPS, **fields: Any) -> dict[str, Any]:
    """One output's figures: cells and values are counted, the errors are named `<actual>-<number>.jpg`."""
    n = sum(count for _actual, _predicted, count in counts)
    right = sum(count for actual, predicted, count in counts if actual == predicted)
    return {
        "n": n,
        "accuracy": right / n,
        "accuracy_interval": [round(max(0.0, right / n - 0.2), 4), round(min(1.0, right / n + 0.2), 4)],
        "top_3": 1.0,
        "macro_f1": 0.5,
        "macro_f1_interval": [0.4, 0.6],
        "calibration_error": 0.03,
        "calibration_error_interval": [0.01, 0.05],
        "coverage": 0.9,
        "precision": 0.8,
        "bins": [{"from": 0.8, "to": 0.8667, "n": n, "confidence": 0.84, "accuracy": 0.7, "interval": [0.4, 0.9]}],
        "values": value_rows(counts),
        "cells": [list(row) for row in counts],
        "errors": error_rows(counts),
        **fields,
    }


def value_rows(counts: Counts) -> list[dict[str, Any]]:
    really, said, right = Counter[str](), Counter[str](), Counter[str]()
    for actual, predicted, n in counts:
        really[actual] += n
        said[predicted] += n
        right[actual] += n if actual == predicted else 0
    return [
        {
            "value": value,
            "n": really[value],
            "precision": right[value] / said[value] if said[value] else None,
            "recall": right[value] / really[value] if really[value] else None,
            "f1": 2 * right[value] / (really[value] + said[value]),
        }
        for value in sorted({*really, *said}, key=lambda value: (-really[value], value))
    ]


def error_rows(counts: Counts) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for actual, predicted, n in counts:
        if actual != predicted:
            rows += [[f"{actual}-{len(rows) + number}.jpg", actual, predicted, 0] for number in range(n)]
    return [[*row[:3], round(0.99 - 0.01 * number, 2)] for number, row in enumerate(rows)]


def figures_document(**fields: Any) -> dict[str, Any]:
    """A set's figures; by default of the subcategory alone."""
    return fields or {"sub_category": field_document()}


ODD_DOCUMENTS: dict[str, Any] = {
    "nothing": {},
    "no object": [1, 2],
    "a field that is a list": {"colour": []},
    "no number of pictures": {"colour": {"accuracy": 0.5}},
    "only the number": {"colour": {"n": 3}},
    "odd types": {
        "colour": {
            "n": 3,
            "accuracy": "0.5",
            "accuracy_interval": [1],
            "macro_f1": True,
            "calibration_error": 7,
            "calibration_error_interval": None,
            "bins": [{"n": 2}, None, {"from": 0, "to": 1, "n": 2, "confidence": "x", "accuracy": 1}],
            "values": [{"value": 1}, "Red", {"value": "Red"}],
            "cells": [["Red"], ["Red", "Blue", 0], ["Red", "Blue", True], ["Red", 1, 2], None],
            "errors": [["a.jpg", "Red", "Blue"], ["a.jpg", "Red", "Blue", "sure"], [1, 2, 3, 4]],
        }
    },
    "lists that are none": {"colour": {"n": 1, "bins": 1, "values": {}, "cells": "x", "errors": None}},
    "one value, no errors": {"colour": field_document([("Red", "Red", 5)])},
    "only errors": {"colour": field_document([("Red", "Blue", 5)])},
    "142 values": {"article_type": field_document([(f"T{n}", f"T{n * 7 % 142}", n % 5 + 1) for n in range(142)])},
    "an unknown field": {"sleeve": field_document()},
}
