"""What a folder of labelled pictures holds: counts, imbalance, colour, what is broken, doubled or labelled wrongly.

`--data` is any folder in a layout that `ml.layouts` reads, or one that holds several. Pictures appear on the sheets
alone, which are not for publication; the rest is counts.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any, Final

from ml.artifact import artifact_sha256
from ml.embeddings import embed_examples
from ml.fields import SUB_CATEGORY
from ml.label_noise import agreement, twins
from ml.layouts import Example, read_folder
from ml.predictor import Predictor
from ml.progress import progress_bar
from ml.splits import group_of
from ml.studies.folders import evenly, fingerprint, labelled_folders, name_of, open_named
from ml.studies.label_errors import by_field
from ml.studies.laboratory import Laboratory
from ml.studies.sheets import Tile
from ml.studies.survey import Survey, balance, brightness, colours, near_identical, survey

Facts = Mapping[str, Any]
SHOWN_PAIRS: Final = 30
SAMPLES: Final = 10


def run(lab: Laboratory) -> None:
    """Every folder by itself, and its sheets."""
    most = lab.scale.pick(quick=600, standard=None, full=None)
    for folder in labelled_folders(lab.data):
        config = {
            "folder": folder.resolve().name,
            "files": fingerprint(folder),
            "pictures": most,
            "artifact": artifact_sha256(lab.artifact),
        }
        facts = lab.fact("explore", config, partial(explored, folder, most, lab.predictor))
        lab.results.facts[folder.resolve().name] = facts
        _save_sheets(lab, folder, facts, evenly(read_folder(folder), most))


def explored(folder: Path, most: int | None, predictor: Predictor) -> dict[str, Any]:
    """All figures of one folder."""
    examples = evenly(read_folder(folder), most)
    seen = survey(examples)
    rows = [example.labels for example in seen.examples]
    names = [name_of(example, folder) for example in seen.examples]
    groups = [group_of(example, mark) for example, mark in zip(seen.examples, seen.marks, strict=True)]
    near = near_identical(seen.thumbnails, seen.marks)
    fields = balance(rows)
    with progress_bar("Embedding") as progress:
        vectors = embed_examples(predictor, seen.examples, progress).vectors.numpy()
    return {
        "pictures": len(examples),
        "broken": [[name_of(example, folder), reason] for example, reason in seen.broken],
        "shapes": _shapes(seen),
        "fields": fields,
        "brightness": brightness(seen.brightness),
        "colours": colours(rows, seen.colours),
        "twins": twins(list(zip(seen.examples, seen.marks, strict=True))),
        "disagreeing": _disagreeing(seen, names),
        "near": {
            "pairs": len(near),
            "pictures": len({row for one, other, _ in near for row in (one, other)}),
            "fields": agreement((rows[one], rows[other]) for one, other, _ in near),
            "shown": [[names[one], names[other], share] for one, other, share in evenly(near, SHOWN_PAIRS)],
        },
        "errors": by_field(vectors, rows, groups, names, list(fields)),
    }


def _shapes(seen: Survey) -> dict[str, int]:
    counts: dict[str, int] = {}
    for width, height, mode in seen.shapes:
        name = f"{width}×{height} {mode}"
        counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1])[:10])


def _disagreeing(seen: Survey, names: Sequence[str]) -> list[list[str]]:
    """Pairs of twins that bear different values: both names, field, both values."""
    by_mark: dict[str, list[int]] = {}
    for row, mark in enumerate(seen.marks):
        by_mark.setdefault(mark, []).append(row)
    pairs = [pair for group in by_mark.values() for pair in combinations(group, 2)]
    found = []
    for one, other in pairs:
        first, second = seen.examples[one].labels, seen.examples[other].labels
        for field in sorted(first.keys() & second.keys()):
            if first[field] != second[field]:
                found.append([names[one], names[other], field, first[field], second[field]])
    return evenly(found, SHOWN_PAIRS)


def _save_sheets(lab: Laboratory, folder: Path, facts: Facts, examples: Sequence[Example]) -> None:
    def tile(name: str, *lines: str) -> Tile:
        return Tile(open_named(folder, name), [Path(name).stem, *lines])

    def save(kind: str, tiles: Sequence[Tile]) -> None:
        lab.sheets.save(f"{folder.resolve().name}-{kind}", tiles)

    broken = {name for name, _reason in facts["broken"]}
    for field in [field for field in (SUB_CATEGORY, "colour") if field in facts["fields"]]:
        named = [(name_of(example, folder), example.labels.get(field)) for example in examples]
        samples = [
            (name, value)
            for value in facts["fields"][field]["counts"]
            for name in evenly([name for name, own in named if own == value and name not in broken], SAMPLES)
        ]
        save(f"samples-{field}", [tile(name, value) for name, value in samples])
    save("near-identical", [tile(name, f"{share:.4f}") for *pair, share in facts["near"]["shown"] for name in pair])
    sides = [(row[side], row[2], row[3 + side]) for row in facts["disagreeing"] for side in (0, 1)]
    save("twins-that-disagree", [tile(name, field, value) for name, field, value in sides])
    for field, errors in facts["errors"].items():
        worst = [tile(name, given, f"like {other}", f"{share:.4f}") for name, given, other, share in errors["worst"]]
        save(f"suspects-{field}", worst)
