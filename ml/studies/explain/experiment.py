"""What a trained network reads: which regions, how much of it is colour, texture or shape, and where it is wrong.

Measured on pictures that it has not learned from: the report side of each folder in `--data`. Two kinds of permutation
importance make sense for pictures: a region taken from another picture, and the plane of brightness or of colour.
Pictures appear on the sheets alone, which are not for publication.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch

from ml.artifact import artifact_sha256
from ml.fields import SUB_CATEGORY
from ml.studies import sight
from ml.studies.ablations import BRIGHTNESS, COLOUR, Ablation, swapped_plane
from ml.studies.folders import evenly, fingerprint, labelled_folders, open_named
from ml.studies.laboratory import Laboratory
from ml.studies.occlusion import occlusion, overlay
from ml.studies.sheets import Tile
from ml.studies.sight import Draw, Sight

Facts = Mapping[str, Any]
SHAPE, TEXTURE, GREY = "silhouette", "small patches shuffled", "grey"


def run(lab: Laboratory) -> None:
    """Every folder by itself, and its sheets."""
    read, most, repeats, shown = lab.scale.pick((600, 60, 1, 5), (None, 2500, 2, 30), (None, None, 3, 30))
    for folder in labelled_folders(lab.data):
        config = {
            "folder": folder.resolve().name,
            "files": fingerprint(folder),
            "pictures": most,
            "repeats": repeats,
            "artifact": artifact_sha256(lab.artifact),
        }
        see = partial(Sight.of, folder, read, most, lab.predictor)
        facts = lab.fact("explain", config, partial(explained, see, repeats, shown))
        lab.results.facts[folder.resolve().name] = facts
        _save_errors(lab, folder, facts)
        _save_occlusion(lab, folder, facts)


def explained(see: partial[Sight], repeats: int, shown: int) -> dict[str, Any]:
    """All figures of one folder."""
    seen = see()
    by_field = seen.outcomes()
    return {
        "model": seen.predictor.name,
        "pictures": len(seen.table),
        "cut_outs": len(seen.cut_outs().table),
        "fields": {field: sight.figures(outcome) for field, outcome in by_field.items()},
        "ablations": sight.ablations(seen),
        "planes": {plane: sight.losses(seen, _plane(plane), repeats) for plane in (BRIGHTNESS, COLOUR)},
        "regions": sight.regions(seen, repeats),
        "places": sight.embedding_map(seen.table.vectors),
        "values": [labels.get(SUB_CATEGORY, "") for labels in seen.table.labels],
        "shown": evenly(seen.table.names, shown),
        "worst": {field: sight.worst(outcome) for field, outcome in by_field.items()},
    }


def _plane(plane: str) -> Draw:
    def draw(seed: int) -> Ablation:
        return lambda pictures: swapped_plane(pictures, plane, seed)

    return draw


def _save_errors(lab: Laboratory, folder: Path, facts: Facts) -> None:
    """Label and answer where the network is wrong and surest of it, a sheet per field."""
    for field, rows in facts["worst"].items():
        tiles = [
            Tile(open_named(folder, name), [Path(name).stem, actual, f"not {guess}", f"{share:.4f}"])
            for name, actual, guess, share in rows
        ]
        lab.sheets.save(f"{folder.resolve().name}-errors-{field}", tiles)


def _save_occlusion(lab: Laboratory, folder: Path, facts: Facts) -> None:
    """Each picture beside itself under red where covering it costs most confidence, a sheet per field."""
    predictor = lab.predictor
    pictures = [open_named(folder, name) for name in facts["shown"]]
    canvases = torch.stack([torch.from_numpy(predictor.preprocessing.canvas(each)) for each in pictures])
    said = predictor.predict_canvases(canvases)
    for field, losses in occlusion(predictor, canvases).items():
        tiles = []
        for original, canvas, lost, fields in zip(pictures, canvases, losses, said, strict=True):
            tiles.append(Tile(original, [fields[field].value, f"{fields[field].confidence:.4f}"]))
            tiles.append(Tile(overlay(canvas, lost), [f"most lost {float(lost.max()):.3f}"]))
        lab.sheets.save(f"{folder.resolve().name}-occlusion-{field}", tiles)
