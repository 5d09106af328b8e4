"""What a folder of labelled pictures holds: counts, imbalance, colour, what is broken, doubled or labelled wrongly.

`--data` is any folder in a layout that `ml.layouts` reads, or one that holds several. Pictures appear on the sheets
alone, which are not for publication; the rest is counts.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib.figure import Figure

from ml.artifact import artifact_sha256
from ml.embeddings import embed_examples
from ml.evidence import wilson
from ml.fields import SUB_CATEGORY
from ml.label_noise import agreement, twins
from ml.layouts import Example, read_folder
from ml.predictor import Predictor
from ml.progress import progress_bar
from ml.splits import group_of
from ml.studies.folders import evenly, labelled_folders, name_of, open_named
from ml.studies.label_errors import by_field
from ml.studies.laboratory import Laboratory
from ml.studies.plots import panels
from ml.studies.report import picture, table
from ml.studies.results import Results
from ml.studies.sheets import Tile
from ml.studies.study import Study
from ml.studies.survey import BINS, NEAR, Survey, balance, brightness, colours, near_identical, survey

Facts = Mapping[str, Any]
SHOWN_PAIRS: Final = 30
SAMPLES: Final = 10
LEAST_COLOUR: Final = 20
"""Pictures that a labelled colour needs for its mean to be compared."""
MOST_COLOURS: Final = 24


def run(lab: Laboratory) -> None:
    """Every folder by itself, and its sheets."""
    most = lab.scale.pick(quick=600, standard=None, full=None)
    for folder in labelled_folders(lab.data):
        config = {"folder": folder.name, "pictures": most, "artifact": artifact_sha256(lab.artifact)}
        facts = lab.fact("explore", config, partial(explored, folder, most, lab.predictor))
        lab.results.facts[folder.name] = facts
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
        lab.sheets.save(f"{folder.name}-{kind}", tiles)

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


def report(results: Results) -> list[str]:
    """A section per folder."""
    return [block for name, facts in results.facts.items() for block in _section(name, facts)]


def _section(name: str, facts: Facts) -> list[str]:
    plots = [("imbalance", "Pictures per value"), ("brightness", "Brightness"), ("colours", "Labelled colours")]
    kept = [(kind, caption) for kind, caption in plots if kind != "colours" or facts["colours"]]
    return [
        f"## {name}",
        " ".join([_files(facts), _balance(facts), _doubles(facts), _errors(facts)]),
        _fields_table(facts),
        *(picture(f"{name}-{kind}", f"{caption}, {name}") for kind, caption in kept),
        *([_colours(facts), _colours_table(facts)] if facts["colours"] else []),
        _errors_table(facts),
        "Suspected errors by confident learning: logistic regression on the embeddings, five folds, twins and the "
        "photos of one person together, values with fewer than five such groups left out. The network behind the "
        "embeddings has learned from most of these labels, so there are rather more. *Near-identical*: different "
        f"pixels, but thumbnails of 16×12 px that correlate by {NEAR}.",
    ]


def _files(facts: Facts) -> str:
    count, broken = facts["pictures"], len(facts["broken"])
    readable = f"{broken:,} of which cannot be read" if broken else "all of which can be read"
    shape, same = next(iter(facts["shapes"].items()))
    middle = facts["brightness"]["quantiles"]
    return (
        f"{count:,} pictures, {readable}; {same / count:.1%} are {shape}. The mean grey value is {middle['50%']:.2f} "
        f"for the median picture, and from {middle['5%']:.2f} to {middle['95%']:.2f} for nine in ten."
    )


def _balance(facts: Facts) -> str:
    fields = facts["fields"]
    evenness = {field: figures["evenness"] for field, figures in fields.items()}
    uneven, even = min(evenness, key=lambda field: evenness[field]), max(evenness, key=lambda field: evenness[field])
    lacking = max(fields, key=lambda field: fields[field]["missing"])
    (most, many), (least, few) = _extremes(fields[uneven])
    text = (
        f"The most uneven field is {_plain(uneven)}: {many:,} pictures of {most} for {few:,} of {least}, and "
        f"{evenness[uneven]:.0%} of the entropy that equal counts would have; the most even one is {_plain(even)}, "
        f"with {evenness[even]:.0%}."
    )
    if fields[lacking]["missing"]:
        text += f" Missing most often is {_plain(lacking)}, on {fields[lacking]['missing']:,} pictures."
    return text


def _doubles(facts: Facts) -> str:
    doubled, near = facts["twins"], facts["near"]
    text = (
        f"{doubled['twins']:,} pictures ({doubled['twins'] / doubled['pictures']:.1%}) have an identical twin under "
        f"another name, {near['pictures']:,} a near-identical one."
    )
    shares = {field: figures["pairs_agree"] for field, figures in doubled["fields"].items()}
    if not shares:
        return text
    worst, best = min(shares, key=lambda field: shares[field]), max(shares, key=lambda field: shares[field])
    return (
        f"{text} Twins disagree most about {_plain(worst)} ({1 - shares[worst]:.1%} of pairs) and least about "
        f"{_plain(best)} ({1 - shares[best]:.1%})."
    )


def _errors(facts: Facts) -> str:
    shares = {field: figures["suspected"] / figures["n"] for field, figures in facts["errors"].items()}
    if not shares:
        return "No field has enough labels to look for errors."
    worst, best = max(shares, key=lambda field: shares[field]), min(shares, key=lambda field: shares[field])
    given, suggested, count = facts["errors"][worst]["pairs"][0] if shares[worst] else ("", "", 0)
    often = f", most often {given} that looks like {suggested} ({count})" if count else ""
    return (
        f"Confident learning suspects errors most often in {_plain(worst)} ({shares[worst]:.1%} of its labels{often}) "
        f"and least often in {_plain(best)} ({shares[best]:.1%})."
    )


def _fields_table(facts: Facts) -> str:
    headers = ["field", "labelled", "missing", "values", "most frequent", "its share", "rarest", "ratio", "evenness"]
    headers += ["twins agree", "near-identical agree", "suspected errors", "95 %"]
    return table(headers, [_field_row(facts, field) for field in facts["fields"]])


def _field_row(facts: Facts, field: str) -> list[str]:
    own, counts = facts["fields"][field], facts["fields"][field]["counts"]
    (most, many), (least, few) = _extremes(own)
    labelled = sum(counts.values())
    cells = [_plain(field), f"{labelled:,}", f"{own['missing']:,}", str(len(counts)), most, f"{many / labelled:.3f}"]
    cells += [f"{least} ({few:,})", f"{many / few:,.0f} : 1", f"{own['evenness']:.3f}"]
    for fields, key in ((facts["twins"]["fields"], "pairs_agree"), (facts["near"]["fields"], "agree")):
        cells.append(f"{fields[field][key]:.3f} of {fields[field]['pairs']:,}" if field in fields else "–")
    if field not in facts["errors"]:
        return [*cells, "–", "–"]
    found = facts["errors"][field]
    low, high = wilson(found["suspected"], found["n"])
    return [*cells, f"{found['suspected']:,} of {found['n']:,}", f"{low:.2%} to {high:.2%}"]


def _errors_table(facts: Facts) -> str:
    rows = [
        [
            _plain(field),
            f"{errors['accuracy']:.4f}",
            "; ".join(f"{one} → {other} {n}" for one, other, n in errors["pairs"]),
        ]
        for field, errors in facts["errors"].items()
    ]
    return table(["field", "accuracy of the heads", "label → what it looks like, how often"], rows)


def _colours(facts: Facts) -> str:
    """Which labelled colours lie closest, beside how much each of them varies."""
    known = {name: row for name, row in facts["colours"].items() if row["n"] >= LEAST_COLOUR}
    if len(known) < 2:
        return "Too few colours are labelled often enough to compare them."
    pairs = {pair: _distance(known, pair) for pair in combinations(known, 2)}
    near, far = min(pairs, key=lambda pair: pairs[pair]), max(pairs, key=lambda pair: pairs[pair])
    spread = np.mean([np.linalg.norm(known[name]["lab_deviation"]) for name in near])
    return (
        f"Closest on the mean are {near[0]} and {near[1]}, {pairs[near]:.1f} apart in CIE Lab where single pictures of "
        f"them scatter by {spread:.1f}; farthest are {far[0]} and {far[1]}, {pairs[far]:.1f} apart."
    )


def _distance(rows: Facts, pair: tuple[str, str]) -> float:
    return float(np.linalg.norm(np.subtract(rows[pair[0]]["lab"], rows[pair[1]]["lab"])))


def _colours_table(facts: Facts) -> str:
    headers = ["labelled colour", "pictures", "L*", "a*", "b*", "hue", "saturation", "value"]
    rows = []
    for name, row in list(facts["colours"].items())[:MOST_COLOURS]:
        shades = [f"{mean} ± {sd}" for mean, sd in zip(row["lab"], row["lab_deviation"], strict=True)]
        hue, saturation, value = row["hsv"]
        rows.append([name, f"{row['n']:,}", *shades, f"{360 * hue:.0f}°", f"{saturation:.2f}", f"{value:.2f}"])
    return table(headers, rows)


def _extremes(figures: Facts) -> tuple[tuple[str, int], tuple[str, int]]:
    """The most frequent value and the rarest, with their counts."""
    counts = list(figures["counts"].items())
    return counts[0], counts[-1]


def _plain(field: str) -> str:
    return field.replace("_", " ")


def draw(results: Results) -> dict[str, Figure]:
    """Per folder: counts by rank, brightness, and the labelled colours as they are."""
    figures: dict[str, Figure] = {}
    for name, facts in results.facts.items():
        figures |= {f"{name}-imbalance": _ranks(facts), f"{name}-brightness": _histogram(facts)}
        if facts["colours"]:
            figures[f"{name}-colours"] = _colour_map(facts)
    return figures


def _ranks(facts: Facts) -> Figure:
    figure, (axes,) = panels(1, 5.0)
    for field, figures in facts["fields"].items():
        counts = list(figures["counts"].values())
        axes.plot(range(1, len(counts) + 1), counts, ".-", label=_plain(field))
    axes.set(xscale="log", yscale="log", xlabel="value, by rank", ylabel="pictures")
    axes.legend()
    return figure


def _histogram(facts: Facts) -> Figure:
    figure, (axes,) = panels(1)
    counts = facts["brightness"]["histogram"]
    axes.bar((np.arange(BINS) + 0.5) / BINS, counts, 0.9 / BINS)
    axes.set(xlabel="mean grey value", ylabel="pictures", xlim=(0, 1))
    return figure


def _colour_map(facts: Facts) -> Figure:
    """Mean a* and b* of the products of each labelled colour; area grows with the number of pictures."""
    figure, (axes,) = panels(1, 5.5, 4.5)
    for name, row in reversed(facts["colours"].items()):
        _light, red, yellow = row["lab"]
        axes.scatter(red, yellow, 12 + row["n"] / 20, color=[row["rgb"]], edgecolors="black", linewidths=0.4)
        if row["n"] >= LEAST_COLOUR:
            axes.annotate(name, (red, yellow), fontsize=6, xytext=(3, 3), textcoords="offset points")
    axes.set(xlabel="a* (green to red)", ylabel="b* (blue to yellow)")
    return figure


STUDY: Final = Study("What do the data look like, and what is wrong with them?", run, report, draw)
