"""Figures of a model on labelled pictures, as dictionaries for the card and for JSON, and as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from rich.box import SIMPLE
from rich.table import Table
from torch import Tensor

from ml.dataset import load_table, split
from ml.errors import DataError
from ml.fields import FIELDS
from ml.layouts import Example, read_folders
from ml.metrics import FieldMetrics, measure
from ml.predictor import Predictor
from ml.scores import FieldScores
from ml.splits import ALL

Figures = dict[str, FieldMetrics]


def evaluate_folders(predictor: Predictor, folders: Sequence[Path], side: str) -> dict[str, Any]:
    """Figures of one side (or `all`) of the folders, together and per kind of picture."""
    by_side = split(read_folders(folders))
    chosen = list(chain.from_iterable(by_side.values())) if side == ALL else by_side.get(side)
    if not chosen:
        raise DataError(f"No picture falls on the {side} side.")
    figures = evaluate_domains(predictor, chosen)
    together = figures.pop(ALL)
    return {
        "model": predictor.name,
        "split": side,
        "n": len(chosen),
        "fields": as_json(together),
        "domains": {domain: as_json(values) for domain, values in figures.items()},
    }


def evaluate_domains(predictor: Predictor, examples: Sequence[Example]) -> dict[str, Figures]:
    """Figures under `all` and under each domain (`studio`, `phone`, `plain`) that occurs."""
    table = load_table(examples, predictor.card.vocabulary, predictor.preprocessing, "pictures")
    embeddings = predictor.embed_canvases(table.canvases)
    scores, familiar = predictor.embedding_scores(embeddings), predictor.is_familiar(embeddings)
    rows: dict[str, list[int]] = {ALL: list(range(len(examples)))}
    for row, example in enumerate(examples):
        rows.setdefault(example.domain, []).append(row)
    return {name: _figures(predictor, scores, familiar, examples, chosen) for name, chosen in rows.items()}


def as_json(figures: Figures) -> dict[str, Any]:
    """Figures per field, rounded to five decimals."""
    return {field: {key: _rounded(value) for key, value in asdict(row).items()} for field, row in figures.items()}


def figures_table(title: str, figures: Mapping[str, Mapping[str, float | None]]) -> Table:
    """A table for the terminal of `as_json` figures."""
    headers = ("field", "n", "accuracy", "top-3", "macro-F1", "ECE", "coverage", "precision")
    table = Table(*headers, title=title, box=SIMPLE, padding=(0, 1, 0, 0))
    for field, row in figures.items():
        count, *shares = row.values()
        table.add_row(field, str(count), *("-" if share is None else f"{share:.4f}" for share in shares))
    return table


def _figures(
    predictor: Predictor,
    scores: Mapping[str, FieldScores],
    familiar: Tensor,
    examples: Sequence[Example],
    rows: Sequence[int],
) -> Figures:
    figures = {}
    for field in [field for field in FIELDS if field in scores]:
        known = [row for row in rows if field in examples[row].labels]
        if known:
            truths = [examples[row].labels[field] for row in known]
            thresholds = predictor.card.calibration.thresholds[field]
            figures[field] = measure(_take(scores[field], known), truths, thresholds, familiar[known])
    return figures


def _take(scores: FieldScores, rows: Sequence[int]) -> FieldScores:
    numbers = torch.tensor(rows)
    return FieldScores(scores.paths, scores.probabilities[numbers], scores.chosen[numbers])


def _rounded(value: float | None) -> float | None:
    return round(value, 5) if isinstance(value, float) else value
