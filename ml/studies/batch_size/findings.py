"""What the batch size study found, in sentences, tables and plots: from its results alone."""

from collections.abc import Mapping, Sequence
from typing import Final

from matplotlib.figure import Figure

from ml.studies import plots
from ml.studies.batch_size.experiment import (
    ALL_SIZES,
    CONTENDERS,
    EPOCHS,
    FIXED,
    RATES,
    TUNED_AT,
    grid,
)
from ml.studies.measures import MEASURES
from ml.studies.report import cost_table, effect_text, picture, summary_table, table
from ml.studies.results import Results, values
from ml.studies.runs import Run
from ml.studies.statistics import Effect, estimate, eta_squared

JUDGED: Final = ("precision_macro", "recall_macro", "f1_macro", "auc")

ELSEWHERE: Final = (
    "Elsewhere: at one learning rate for all sizes Radiuk (2017, doi 10.1515/itms-2017-0003) finds larger batches "
    "better on MNIST and CIFAR-10, while Kandel and Castelli (2020, ICT Express 6, 312) find that with a fine-tuned "
    "VGG-16 they usually are not; on ImageNet Mishkin, Sergievskiy and Matas (2017, their caffenet-benchmark) see no "
    "practical difference once the rate follows the size. The claim of no significant difference, of AlexNet, "
    "ResNet-152 and VGG-16 on Fashion-MNIST, is known here by its words alone."
)


def report(results: Results) -> list[str]:
    arms = results.of()
    conditions = by_condition(arms)
    return [
        verdict(conditions),
        ELSEWHERE,
        *(sentence(condition, sizes) for condition, sizes in conditions.items() if len(sizes) > 1),
        effects_table(conditions),
        picture("f1", "Macro-F1 over batch size"),
        left_out(arms),
        "## What a batch size costs",
        "At equal epochs; memory is what the process grew by, on a GPU what PyTorch allocated.",
        cost_table({name: runs for name, runs in arms.items() if EPOCHS in name and FIXED in name}),
        picture("cost", "Pictures per processor second and peak memory over batch size"),
        "## All figures",
        "AlexNet and VGG-16 have one dense layer of 512 on their convolutions instead of three of up to 4,096, since "
        "pictures this small leave them one cell, and VGG-16 has batch normalisation, without which it stays near "
        "chance for as few steps as here. Learning rates were chosen on the validation side at "
        f"batch size {TUNED_AT}, out of {', '.join(f'{rate:g}' for rate in RATES)}.",
        summary_table(arms),
    ]


def by_condition(arms: Mapping[str, Sequence[Run]]) -> dict[str, dict[float, Sequence[Run]]]:
    """Condition -> size -> runs, of the cells that were run."""
    found: dict[str, dict[float, Sequence[Run]]] = {}
    for cell in grid(ALL_SIZES):
        if cell.name in arms:
            found.setdefault(cell.condition, {})[cell.size] = arms[cell.name]
    return found


def effect(sizes: Mapping[float, Sequence[Run]], measure: str) -> Effect | None:
    """How much of the variance of one figure the batch size explains."""
    return eta_squared([values(runs, measure) for runs in sizes.values()])


def verdict(conditions: Mapping[str, Mapping[float, Sequence[Run]]]) -> str:
    """The answer in one sentence, and the published claim beside it."""
    effects = [effect(sizes, measure) for sizes in conditions.values() for measure in JUDGED if len(sizes) > 1]
    beyond = sum(found is not None and found.low > 0 for found in effects)
    claim = "does not hold here" if beyond > 0.05 * len(effects) else "holds here"
    return (
        f"In {beyond} of {len(effects)} comparisons (precision, recall, F1 and AUC under each condition) the batch "
        f"size explains more than chance, since the interval of eta squared lies above zero; chance alone would do "
        f"that in about {0.025 * len(effects):.1f}. The published claim of no significant difference {claim}."
    )


def sentence(condition: str, sizes: Mapping[float, Sequence[Run]]) -> str:
    """Which size is best under one condition, and whether size matters there at all."""
    means = {size: estimate(values(runs, "f1_macro")).mean for size, runs in sizes.items()}
    best, worst = max(means, key=means.__getitem__), min(means, key=means.__getitem__)
    found = effect(sizes, "f1_macro")
    if found is None or found.low <= 0:
        return f"**{condition}**: macro-F1 does not depend on the size beyond chance ({_text(found)})."
    return (
        f"**{condition}**: macro-F1 is best with batches of {best} ({means[best]:.4f}) and worst with {worst} "
        f"({means[worst]:.4f}; {_text(found)})."
    )


def effects_table(conditions: Mapping[str, Mapping[float, Sequence[Run]]]) -> str:
    rows = [
        [condition, str(min(map(len, sizes.values()))), *(_text(effect(sizes, measure)) for measure in JUDGED)]
        for condition, sizes in conditions.items()
    ]
    return table(["eta squared [95 %]", "seeds", *(MEASURES[measure] for measure in JUDGED)], rows)


def left_out(arms: Mapping[str, Sequence[Run]]) -> str:
    """Which part of the whole grid was not run."""
    gaps = []
    for contender in CONTENDERS:
        cells = [cell for cell in grid(ALL_SIZES) if cell.network == contender.title]
        present = [cell for cell in cells if cell.name in arms]
        sizes = sorted({cell.size for cell in cells} - {cell.size for cell in present})
        controls = sorted({cell.condition for cell in cells} - {cell.condition for cell in present})
        if not present:
            gaps.append(f"{contender.title} altogether")
        elif sizes or controls:
            gaps.append("; ".join([*controls, f"{contender.title} with batches of {', '.join(map(str, sizes))}"]))
    return f"Left out of the whole grid (`--full`): {'; '.join(gaps)}." if gaps else "The whole grid was run."


def _text(found: Effect | None) -> str:
    return effect_text("η²", found) if found else "no spread"


def draw(results: Results) -> dict[str, Figure]:
    """Macro-F1 by condition, one panel per network; and what each size costs."""
    conditions = by_condition(results.of())
    titles = [one.title for one in CONTENDERS if any(name.startswith(one.title) for name in conditions)]
    figure, panels = plots.panels(len(titles))
    for axes, title in zip(panels, titles, strict=True):
        series = {name: sizes for name, sizes in conditions.items() if name.startswith(f"{title}, ")}
        found = {
            name.removeprefix(f"{title}, "): {size: values(runs, "f1_macro") for size, runs in sizes.items()}
            for name, sizes in series.items()
        }
        plots.draw_lines(axes, found)
        axes.set(title=title, xlabel="batch size", ylabel=MEASURES["f1_macro"])
    plots.add_legend(figure)
    return {"f1": figure, "cost": _draw_cost(conditions)}


def _draw_cost(conditions: Mapping[str, Mapping[float, Sequence[Run]]]) -> Figure:
    figure, (left, right) = plots.panels(2)
    plain = {name.split(", ")[0]: sizes for name, sizes in conditions.items() if EPOCHS in name and FIXED in name}
    for axes, label, cost in ((left, "pictures per processor second", _speed), (right, "peak memory, MiB", _memory)):
        plots.draw_lines(axes, {name: {size: cost(runs) for size, runs in of.items()} for name, of in plain.items()})
        axes.set(xlabel="batch size", ylabel=label)
    left.set_yscale("log", base=2)
    left.yaxis.set_major_formatter("{x:,.0f}")
    plots.add_legend(figure)
    return figure


def _speed(runs: Sequence[Run]) -> list[float]:
    return [run.cost["images"] / max(run.cost["cpu_seconds"], 1e-9) for run in runs]


def _memory(runs: Sequence[Run]) -> list[float]:
    return [run.cost["mebibytes"] for run in runs]
