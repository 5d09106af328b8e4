"""What the explain study found, in sentences, tables and plots: from its results alone."""

from collections import Counter
from typing import Final

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ml.studies.ablations import BRIGHTNESS, COLOUR, REGIONS
from ml.studies.explain.experiment import GREY, SHAPE, TEXTURE, Facts
from ml.studies.plots import panels
from ml.studies.report import picture, plain, table
from ml.studies.results import Results

SHOWN_VALUES: Final = 10
HEIGHTS: Final = ("top", "upper middle", "lower middle", "bottom")
SIDES: Final = ("left", "centre", "right")
NEITHER: Final = "neither"


def report(results: Results) -> list[str]:
    """A section per folder."""
    return [block for name, facts in results.facts.items() for block in _section(name, facts)]


def _section(name: str, facts: Facts) -> list[str]:
    return [
        f"## {name}",
        f"{facts['model']} on {facts['pictures']:,} pictures that it has not learned from.",
        " ".join([_colour(facts), _shape(facts), _places(facts)]),
        picture(f"{name}-ablations", "Accuracy by field when something is taken away"),
        _ablations_table(facts),
        f"Silhouettes need a product that stands out from a white background: {facts['cut_outs']:,} of the pictures. "
        "Small patches are a sixth of the width, patches a third; blur is a Gaussian of 2 % of the height, strong "
        "blur of 5 %.",
        picture(f"{name}-regions", "Accuracy lost when a region comes from another picture"),
        _importance_table(facts),
        _mistakes(facts),
        _confusions_table(facts),
        picture(f"{name}-embeddings", "t-SNE of the embeddings by sub category"),
    ]


def _colour(facts: Facts) -> str:
    rows = facts["ablations"][GREY]
    losses = {field: row["before"] - row["after"] for field, row in rows.items()}
    suffering = [field for field in losses if losses[field] > rows[field]["chance"]]
    if not suffering:
        return "Without colour no field loses more than chance explains."
    most = max(suffering, key=losses.__getitem__)
    others = [plain(field) for field in losses if field not in suffering]
    spared = f"; no more than chance explains: {', '.join(others)}" if others else ""
    return f"Without colour {plain(most)} suffers most ({_points(-losses[most])}){spared}."


def _shape(facts: Facts) -> str:
    """Which is worth more: the outline alone, or everything but the outline."""
    kinds = {SHAPE: "the silhouette alone", TEXTURE: "shuffled patches alone, which keep colour and texture"}
    if SHAPE not in facts["ablations"]:
        return "Too few products stand out from a white background for silhouettes."
    read: dict[str, list[str]] = {SHAPE: [], TEXTURE: []}
    for field in facts["ablations"][SHAPE]:
        after = {kind: facts["ablations"][kind][field]["after"] for kind in kinds}
        read[max(after, key=lambda kind: after[kind])].append(plain(field))
    parts = [f"better from {kinds[kind]}: {', '.join(fields)}" for kind, fields in read.items() if fields]
    return f"Read {'; '.join(parts)}."


def _places(facts: Facts) -> str:
    planes = facts["planes"]
    by_plane: dict[str, list[str]] = {BRIGHTNESS: [], COLOUR: [], NEITHER: []}
    for field in facts["fields"]:
        first, second = planes[BRIGHTNESS][field], planes[COLOUR][field]
        by_plane[NEITHER if first == second else BRIGHTNESS if first > second else COLOUR].append(plain(field))
    parts = [f"{plane} for {', '.join(fields)}" for plane, fields in by_plane.items() if fields]
    regions = {field: _region(np.array(facts["regions"][field])) for field in facts["fields"]}
    places = Counter(regions.values()).most_common(1)[0]
    return (
        f"Of the two planes the more important one is {'; '.join(parts)}. The most important region is {places[0]} for "
        f"{places[1]} of {len(regions)} fields."
    )


def _region(losses: NDArray[np.float64]) -> str:
    row, column = divmod(int(losses.argmax()), REGIONS[1])
    return f"the {HEIGHTS[row]}, {SIDES[column]}"


def _mistakes(facts: Facts) -> str:
    rates = {field: 1 - row["accuracy"] for field, row in facts["fields"].items()}
    worst = max(rates, key=lambda field: rates[field])
    if not facts["fields"][worst]["confusions"]:
        return "It makes no mistake at all."
    actual, guess, count = facts["fields"][worst]["confusions"][0]
    return (
        f"It is wrong most often about {plain(worst)} ({rates[worst]:.1%}), and there most often takes {actual} for "
        f"{guess} ({count} times)."
    )


def _ablations_table(facts: Facts) -> str:
    """Accuracy after each ablation; without an asterisk chance explains the difference."""
    headers = ["field", "pictures", "whole", "95 %", *facts["ablations"]]
    rows = []
    for field, row in facts["fields"].items():
        low, high = row["interval"]
        cells = [plain(field), f"{row['n']:,}", f"{row['accuracy']:.4f}", f"{low:.4f} to {high:.4f}"]
        rows.append([*cells, *(_cell(found.get(field)) for found in facts["ablations"].values())])
    return table(headers, rows) + "\n\nAn asterisk: more than chance explains (McNemar, 95 %), on the same pictures."


def _cell(row: Facts | None) -> str:
    if row is None:
        return "–"
    return f"{row['after']:.4f}{'*' if abs(row['before'] - row['after']) > row['chance'] else ''}"


def _importance_table(facts: Facts) -> str:
    headers = ["field", *(f"another's {plane}" for plane in facts["planes"]), "most important region", "its loss"]
    rows = []
    for field in facts["fields"]:
        losses = np.array(facts["regions"][field])
        planes = [_points(0 - found[field]) for found in facts["planes"].values()]
        rows.append([plain(field), *planes, _region(losses), _points(0 - losses.max())])
    return table(headers, rows)


def _confusions_table(facts: Facts) -> str:
    rows = [
        [plain(field), "; ".join(f"{actual} → {guess} {count}" for actual, guess, count in row["confusions"])]
        for field, row in facts["fields"].items()
    ]
    return table(["field", "label → answer, how often"], rows)


def _points(difference: float) -> str:
    return f"{100 * difference:+.1f} points"


def draw(results: Results) -> dict[str, Figure]:
    """Per folder: accuracies under each ablation, losses by region, and the map of embeddings."""
    figures: dict[str, Figure] = {}
    for name, facts in results.facts.items():
        figures[f"{name}-ablations"] = _ablations_plot(facts)
        figures[f"{name}-regions"] = _regions_plot(facts)
        figures[f"{name}-embeddings"] = _embeddings_plot(facts)
    return figures


def _ablations_plot(facts: Facts) -> Figure:
    figure, (axes,) = panels(1, 6.5)
    names = list(facts["ablations"])
    for field, row in facts["fields"].items():
        after = [facts["ablations"][name].get(field, {"after": np.nan})["after"] for name in names]
        axes.plot(range(len(names) + 1), [row["accuracy"], *after], ".-", label=plain(field))
    axes.set_xticks(range(len(names) + 1), ["whole", *names], rotation=30, ha="right")
    axes.set(ylabel="accuracy", ylim=(0, 1.02))
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def _regions_plot(facts: Facts) -> Figure:
    """One panel per field, each under its own scale: the number in a region says what is lost, in points."""
    figure, axes = panels(len(facts["regions"]), 1.7, 2.6)
    for own, (field, losses) in zip(axes, facts["regions"].items(), strict=True):
        own.imshow(losses, cmap="Reds", vmin=0, vmax=max(1.6 * np.max(losses), 1e-6))
        for (row, column), value in np.ndenumerate(np.array(losses)):
            own.text(column, row, f"{100 * value:.1f}", ha="center", va="center", fontsize=7)
        own.set(title=plain(field), xticks=[], yticks=[])
        own.grid(visible=False)
    return figure


def _embeddings_plot(facts: Facts) -> Figure:
    figure, (axes,) = panels(1, 6.5, 4.5)
    places, values = np.array(facts["places"]), np.array(facts["values"])
    frequent = [value for value, _count in Counter(values[values != ""].tolist()).most_common(SHOWN_VALUES)]
    others = ~np.isin(values, frequent)
    axes.scatter(places[others, 0], places[others, 1], s=4, color="lightgrey", label="others")
    for value in frequent:
        axes.scatter(places[values == value, 0], places[values == value, 1], s=5, label=value)
    axes.set(xticks=[], yticks=[])
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), markerscale=2)
    return figure
