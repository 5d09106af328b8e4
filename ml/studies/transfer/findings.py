"""What the transfer study found, in sentences, tables and plots: from its results alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from matplotlib.figure import Figure

from ml.evidence import wilson
from ml.fields import MASTER_CATEGORY, SUB_CATEGORY
from ml.studies import plots
from ml.studies.report import best_of, cost_table, picture, plain, table, tuning_table, with_deviation
from ml.studies.results import Results, values
from ml.studies.runs import Run
from ml.studies.statistics import estimate
from ml.studies.transfer.experiment import FIELDS, LEFT_OUT, OURS, PRETRAINED, Cell


@dataclass(frozen=True)
class Published:
    """What others report on the published data: accuracy and macro-F1 by field."""

    title: str
    figures: Mapping[str, tuple[float, float]]


PUBLISHED: Final = (
    Published(
        "ResNet-18, as its authors' executed notebooks print it",
        {SUB_CATEGORY: (0.9649, 0.7766), MASTER_CATEGORY: (0.9938, 0.7419), "season": (0.7735, 0.7895)},
    ),
    Published(
        "EfficientNet-B0, likewise",
        {SUB_CATEGORY: (0.9604, 0.7600), MASTER_CATEGORY: (0.9902, 0.6889), "season": (0.7766, 0.7737)},
    ),
    Published(
        "the same authors' README at best (large pictures too)",
        {SUB_CATEGORY: (0.9682, 0.8164), MASTER_CATEGORY: (0.9768, 0.8689), "season": (0.8795, 0.8738)},
    ),
)

DIFFERS: Final = (
    "Published figures come from the same data with a random 70/15/15 split (identical twins may fall on both sides), "
    "ImageNet weights and 224 px, one network per field. The arms here come from 75/10/15 by picture, twins together, "
    "smaller pictures and the budget in the table; ours was trained for longer, on all seven fields and more pictures."
)


def report(results: Results) -> list[str]:
    arms = results.of()
    fields = [field for field in FIELDS if _of_field(arms, field)]
    return [
        " ".join([_pretraining(arms), _pixels(arms)]),
        *(block for field in fields for block in _section(results, field)),
        DIFFERS,
        _left_out(results),
        "## What it costs",
        cost_table(arms),
        "## Learning rates",
        "Chosen on sub category with the smaller pictures and a quarter of the steps, for all fields and sizes:",
        tuning_table(results),
    ]


def _of_field(arms: Mapping[str, Sequence[Run]], field: str) -> dict[str, Sequence[Run]]:
    return {name: runs for name, runs in arms.items() if Cell.of(name).field == field}


def _section(results: Results, field: str) -> list[str]:
    arms, ours = _of_field(results.of(), field), results.facts[OURS][field]
    return [
        f"## {plain(field).capitalize()}",
        _best(field, arms, ours),
        _figures_table(arms, field, ours),
        picture(f"{field}-learning-curves", f"Learning curves, {plain(field)}"),
        picture(f"{field}-confusion", f"Confusions of the best arm, {plain(field)}"),
        picture(f"{field}-precision-recall", f"Precision over recall of the best arm, {plain(field)}"),
        picture(f"{field}-calibration", f"Calibration of all arms, {plain(field)}"),
    ]


def _best(field: str, arms: Mapping[str, Sequence[Run]], ours: Mapping[str, Any]) -> str:
    """Which arm is the best one, and where it stands beside ours and the best that was published."""
    best = best_of(arms)
    cell, accuracy = Cell.of(best), estimate(values(arms[best], "accuracy")).mean
    low, high = _interval(arms[best])
    published = max(PUBLISHED, key=lambda each: each.figures[field][0])
    others = published.figures[field][0]
    return (
        f"Best of the arms is {cell.network} at {cell.pixels} px with an accuracy of {accuracy:.4f} (95 % over test "
        f"pictures: {low:.4f} to {high:.4f}). Our network for seven fields has {ours['accuracy']:.4f} on the same "
        f"pictures, {_against(ours['accuracy'], accuracy)} that, and {_against(ours['accuracy'], others)} the "
        f"{others:.4f} that is the best published accuracy ({published.title})."
    )


def _against(ours: float, other: float) -> str:
    points = 100 * (ours - other)
    return f"{abs(points):.2f} points {'above' if points >= 0 else 'below'}"


def _pretraining(arms: Mapping[str, Sequence[Run]]) -> str:
    """What the same network gains by starting from ImageNet, mean over fields and sizes."""
    gains: dict[str, list[float]] = {}
    for name in arms:
        cell = Cell.of(name)
        pretrained = replace(cell, network=f"{cell.network} {PRETRAINED}").name
        if pretrained in arms:
            gains.setdefault(cell.network, []).append(_mean(arms[pretrained]) - _mean(arms[name]))
    if not gains:
        return "No pretrained weights were at hand, so every network starts from scratch."
    parts = [
        f"{network} {_gain(found)} from ImageNet weights (from {min(found) * 100:+.2f} to {max(found) * 100:+.2f} over "
        f"{len(found)} pairs of arms)"
        for network, found in gains.items()
    ]
    return f"At the same budget {'; '.join(parts)}."


def _pixels(arms: Mapping[str, Sequence[Run]]) -> str:
    """What the larger pictures bring, mean over fields and networks."""
    sizes = list(dict.fromkeys(Cell.of(name).pixels for name in arms))
    if len(sizes) < 2:
        return ""
    small, large = sizes[0], sizes[-1]
    pairs = [(name, replace(Cell.of(name), pixels=large).name) for name in arms if Cell.of(name).pixels == small]
    gains = [_mean(arms[larger]) - _mean(arms[name]) for name, larger in pairs if larger in arms]
    return (
        f"From {small} to {large} px an arm {_gain(gains)} (from "
        f"{min(gains) * 100:+.2f} to {max(gains) * 100:+.2f} over {len(gains)} pairs)."
    )


def _gain(found: Sequence[float]) -> str:
    points = 100 * estimate(found).mean
    return f"{'gains' if points >= 0 else 'loses'} {abs(points):.2f} points of accuracy on the mean"


def _mean(runs: Sequence[Run]) -> float:
    return estimate(values(runs, "accuracy")).mean


def _interval(runs: Sequence[Run]) -> list[float]:
    """Wilson's over the test pictures: with one seed it is the only chance that can be told."""
    n = runs[0].pictures["test"]
    return wilson(round(_mean(runs) * n), n)


def _figures_table(arms: Mapping[str, Sequence[Run]], field: str, ours: Mapping[str, Any]) -> str:
    headers = ["network", "px", "images seen", "epochs", "seeds", "accuracy", "95 % over test pictures", "macro-F1"]
    rows = [_row(Cell.of(name), runs) for name, runs in arms.items()]
    low, high = ours["interval"]
    cells = [f"ours, one for seven fields (`{ours['model']}`)", ours["pixels"], "see its card", "", "1"]
    rows.append([*cells, f"{ours['accuracy']:.4f}", f"{low:.4f} to {high:.4f}", f"{ours['f1_macro']:.4f}"])
    for each in PUBLISHED:
        accuracy, f1 = each.figures[field]
        rows.append([f"published: {each.title}", "224×224", "", "", "", f"{accuracy:.4f}", "", f"{f1:.4f}"])
    return table(headers, rows)


def _row(cell: Cell, runs: Sequence[Run]) -> list[str]:
    low, high = _interval(runs)
    cost = runs[0].cost
    budget = [f"{cost['images']:,.0f}", f"{cost['epochs']:.3g}", str(len(runs))]
    figures = [with_deviation(values(runs, "accuracy")), f"{low:.4f} to {high:.4f}"]
    return [cell.network, cell.pixels, *budget, *figures, with_deviation(values(runs, "f1_macro"))]


def _left_out(results: Results) -> str:
    missing = results.facts[LEFT_OUT]
    if not missing:
        return "All weights were at hand."
    return f"Left out because their weights are neither here nor within reach: {', '.join(missing)}."


def draw(results: Results) -> dict[str, Figure]:
    """What every comparison shows, for each field."""
    figures: dict[str, Figure] = {}
    for field in FIELDS:
        arms = _of_field(results.of(), field)
        if arms:
            named = {f"{Cell.of(name).network} {Cell.of(name).pixels}": runs for name, runs in arms.items()}
            shown = plots.standard(named, best_of(named))
            figures |= {f"{field}-{name}": figure for name, figure in shown.items()}
    return figures
