"""Predict files and folders as a stream: threads decode while the network runs; a bad file stops nothing."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ml.errors import DataError, UnreadablePicture
from ml.parallel import ordered_map
from ml.pictures import open_picture
from ml.predictor import FieldPrediction, Predictor

BATCH_SIZE = 64


@dataclass(frozen=True)
class FileResult:
    """What came of one file: predictions per field, or the reason why it cannot be read."""

    path: Path
    fields: Mapping[str, FieldPrediction] | None
    error: str | None = None


@dataclass(frozen=True)
class _Decoded:
    path: Path
    canvas: Tensor | None
    error: str | None = None


def files_under(paths: Sequence[Path]) -> Iterator[Path]:
    """The named files, and every file under the named folders in sorted order, dotfiles left out."""
    for path in paths:
        yield from _walk(path) if path.is_dir() else (path,)


def check_paths(paths: Sequence[Path]) -> None:
    """DataError for a path that does not exist, or when there is no file at all."""
    for path in paths:
        if not path.exists():
            raise DataError(f"{path}: no such file or folder.")
    if next(files_under(paths), None) is None:
        raise DataError(f"{paths[0]}: the folder holds no files.")


def predict_files(predictor: Predictor, paths: Sequence[Path]) -> Iterator[FileResult]:
    """One result per file, in order; memory does not grow with their number."""

    def decode(path: Path) -> _Decoded:
        try:
            return _Decoded(path, torch.from_numpy(predictor.preprocessing.canvas(open_picture(path))))
        except UnreadablePicture as error:
            return _Decoded(path, None, error.reason)

    decoded = ordered_map(decode, files_under(paths), ahead=2 * BATCH_SIZE)
    while batch := list(islice(decoded, BATCH_SIZE)):
        yield from _predict_batch(predictor, batch)


def as_json(result: FileResult, model: str) -> dict[str, Any]:
    """The object of one output line."""
    if result.fields is None:
        return {"path": str(result.path), "error": result.error}
    fields = {name: _field_as_json(prediction) for name, prediction in result.fields.items()}
    return {"path": str(result.path), "model": model, "fields": fields}


def _predict_batch(predictor: Predictor, batch: Sequence[_Decoded]) -> Iterator[FileResult]:
    canvases = [item.canvas for item in batch if item.canvas is not None]
    predictions = iter(predictor.predict_canvases(torch.stack(canvases)) if canvases else ())
    for item in batch:
        yield FileResult(item.path, None if item.canvas is None else next(predictions), item.error)


def _field_as_json(prediction: FieldPrediction) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "value": prediction.value,
        "confidence": round(prediction.confidence, 4),
        "alternatives": [[other.value, round(other.confidence, 4)] for other in prediction.alternatives],
    }
    marks = {"abstain": prediction.abstain, "contradicted": prediction.contradicted}
    return {**entry, **{mark: True for mark, is_set in marks.items() if is_set}}


def _walk(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                yield Path(place) / name
