"""What the explore study found, in sentences, tables and plots: from its results alone."""

from itertools import combinations
from typing import Final

import numpy as np
from matplotlib.figure import Figure

from ml.studies.explore.experiment import Facts
from ml.studies.plots import panels
from ml.studies.report import picture, plain, table
from ml.studies.results import Results
from ml.studies.survey import BINS, NEAR

LEAST_COLOUR: Final = 20
"""Pictures that a labelled colour needs for its mean to be compared."""

MOST_COLOURS: Final = 24


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
        f"The most uneven field is {plain(uneven)}: {many:,} pictures of {most} for {few:,} of {least}, and "
        f"{evenness[uneven]:.0%} of the entropy that equal counts would have; the most even one is {plain(even)}, "
        f"with {evenness[even]:.0%}."
    )
    if fields[lacking]["missing"]:
        text += f" Missing most often is {plain(lacking)}, on {fields[lacking]['missing']:,} pictures."
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
        f"{text} Twins disagree most about {plain(worst)} ({1 - shares[worst]:.1%} of pairs) and least about "
        f"{plain(best)} ({1 - shares[best]:.1%})."
    )


def _errors(facts: Facts) -> str:
    shares = {field: figures["suspected"] / figures["n"] for field, figures in facts["errors"].items()}
    if not shares:
        return "No field has enough labels to look for errors."
    worst, best = max(shares, key=lambda field: shares[field]), min(shares, key=lambda field: shares[field])
    given, suggested, count = facts["errors"][worst]["pairs"][0] if shares[worst] else ("", "", 0)
    often = f", most often {given} that looks like {suggested} ({count})" if count else ""
    return (
        f"Confident learning suspects errors most often in {plain(worst)} ({shares[worst]:.1%} of its labels{often}) "
        f"and least often in {plain(best)} ({shares[best]:.1%})."
    )


def _fields_table(facts: Facts) -> str:
    headers = ["field", "labelled", "missing", "values", "most frequent", "its share", "rarest", "ratio", "evenness"]
    headers += ["twins agree", "near-identical agree", "suspected errors"]
    return table(headers, [_field_row(facts, field) for field in facts["fields"]])


def _field_row(facts: Facts, field: str) -> list[str]:
    own, counts = facts["fields"][field], facts["fields"][field]["counts"]
    (most, many), (least, few) = _extremes(own)
    labelled = sum(counts.values())
    cells = [plain(field), f"{labelled:,}", f"{own['missing']:,}", str(len(counts)), most, f"{many / labelled:.3f}"]
    cells += [f"{least} ({few:,})", f"{many / few:,.0f} : 1", f"{own['evenness']:.3f}"]
    for fields, key in ((facts["twins"]["fields"], "pairs_agree"), (facts["near"]["fields"], "agree")):
        cells.append(f"{fields[field][key]:.3f} of {fields[field]['pairs']:,}" if field in fields else "–")
    if field not in facts["errors"]:
        return [*cells, "–"]
    found = facts["errors"][field]
    return [*cells, f"{found['suspected']:,} of {found['n']:,}"]


def _errors_table(facts: Facts) -> str:
    rows = [
        [
            plain(field),
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
        axes.plot(range(1, len(counts) + 1), counts, ".-", label=plain(field))
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
