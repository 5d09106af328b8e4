"""One run of everything, as a dictionary and as tables."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import torch
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from torch import Tensor

from ml.artifact import load
from ml.bench import contenders, decoding, machine, pipeline, published_way
from ml.bench.photos import photo_sets
from ml.dataset import load_table, split
from ml.layouts import read_folders
from ml.pictures import open_picture
from ml.predictor import Predictor
from ml.splits import REPORT

PHOTOS: Final = 4
LABELLED: Final = 1000
"""So many pictures of the report side tell what an engine does to the values."""


def bench(
    artifact: Path, photos: Path | None, folders: Sequence[Path], repeats: int, cache: Path | None = None
) -> dict[str, Any]:
    """All figures. `photos` are drawn without a folder; without labelled `folders` only agreement is compared."""
    sets = photo_sets(photos, PHOTOS)
    predictor = Predictor.load(artifact, engine="auto" if torch.cuda.is_available() else "onnx", cache=cache)
    canvases, truths = _labelled(predictor, folders) if folders else (_canvases(predictor, sets["derivative"]), {})
    return {
        "machine": machine.describe(),
        "model": predictor.name,
        "photos": str(photos) if photos else "drawn",
        "repeats": repeats,
        "pipeline": pipeline.measure(predictor, sets, repeats),
        "decoding": decoding.measure(sets["12 MP"], repeats),
        "published_way": published_way.measure(predictor, sets, max(1, repeats // 3)),
        "pictures_compared": len(canvases),
        "engines": contenders.measure(load(artifact), canvases, truths, repeats),
    }


def _labelled(predictor: Predictor, folders: Sequence[Path]) -> tuple[Tensor, dict[str, list[str | None]]]:
    examples = split(read_folders(folders))[REPORT]
    examples = examples[:: -(-len(examples) // LABELLED)]
    table = load_table(examples, predictor.card.vocabulary, predictor.preprocessing, "pictures")
    fields = predictor.scores(table.canvases[:1])
    return table.canvases, {field: [example.labels.get(field) for example in examples] for field in fields}


def _canvases(predictor: Predictor, files: Sequence[bytes]) -> Tensor:
    return torch.stack([torch.from_numpy(predictor.preprocessing.canvas(open_picture(file))) for file in files])


def print_tables(report: Mapping[str, Any], console: Console) -> None:
    console.print(report["machine"])
    for name in ("pipeline", "published_way", "engines"):
        rows = report[name]
        flat = {row: _flat(values) for row, values in rows.items()}
        table = Table(name, *next(iter(flat.values())), box=SIMPLE, padding=(0, 1, 0, 0))
        for row, values in flat.items():
            table.add_row(row, *map(str, values.values()))
        console.print(table)
    console.print("decoding", report["decoding"])


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Photos per second stand for a timing, the least value for a figure per field."""
    return {
        name: value.get("photos_per_s", min(value.values(), default="-")) if isinstance(value, dict) else value
        for name, value in values.items()
    }
