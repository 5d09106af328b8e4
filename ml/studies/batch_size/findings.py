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
    TUNED_AT,
    grid,
)
from ml.studies.measures import MEASURES
from ml.studies.report import cost_table, effect_text, picture, summary_table, table, tuning_table
from ml.studies.results import Results, values
from ml.studies.runs import Run
from ml.studies.statistics import Effect, anova_p, estimate, eta_squared, holm

JUDGED: Final = ("precision_macro", "recall_macro", "f1_macro", "auc")
SIGNIFICANT: Final = 0.05
ABOVE_GUESSING: Final = 1.5
"""Below so many times the accuracy of guessing a run has not learned."""

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
    tested = corrected(conditions)
    return [
        verdict(conditions, tested),
        ELSEWHERE,
        *(sentence(name, sizes, tested.get(name)) for name, sizes in conditions.items() if len(sizes) > 1),
        effects_table(conditions),
        picture("f1", "Macro-F1 over batch size, of the seeds that learned"),
        left_out(arms),
        "## What a batch size costs",
        "At equal epochs; memory is what the process grew by, on a GPU what PyTorch allocated.",
        cost_table({name: runs for name, runs in arms.items() if EPOCHS in name and FIXED in name}),
        picture("cost", "Pictures per processor second and peak memory over batch size"),
        "## All figures",
        "AlexNet and VGG-16 have one dense layer of 512 on their convolutions instead of three of up to 4,096, since "
        "pictures this small leave them one cell, and VGG-16 has batch normalisation, without which it stays near "
        "chance for as few steps as here.",
        summary_table(arms),
        f"Learning rates, chosen at batch size {TUNED_AT}:",
        tuning_table(results),
    ]


def by_condition(arms: Mapping[str, Sequence[Run]]) -> dict[str, dict[float, Sequence[Run]]]:
    """Condition -> size -> runs, of the cells that were run."""
    found: dict[str, dict[float, Sequence[Run]]] = {}
    for cell in grid(ALL_SIZES):
        if cell.name in arms:
            found.setdefault(cell.condition, {})[cell.size] = arms[cell.name]
    return found


def learned(runs: Sequence[Run]) -> list[Run]:
    """Without those that only guess: one of them would make the spread so wide that sizes could not be told apart."""
    return [run for run in runs if run.test and run.test["accuracy"] > ABOVE_GUESSING / len(run.classes)]


def groups(sizes: Mapping[float, Sequence[Run]], measure: str) -> list[list[float]]:
    """One figure of the seeds that learned, by size; of sizes where any did."""
    return [values(able, measure) for able in map(learned, sizes.values()) if able]


def corrected(conditions: Mapping[str, Mapping[float, Sequence[Run]]]) -> dict[str, float]:
    """The p-value of all sizes having one macro-F1, by condition, corrected for the number of conditions."""
    found = {name: anova_p(groups(sizes, "f1_macro")) for name, sizes in conditions.items()}
    tested = {name: p for name, p in found.items() if p is not None}
    return dict(zip(tested, holm(list(tested.values())), strict=True))


def verdict(conditions: Mapping[str, Mapping[float, Sequence[Run]]], tested: Mapping[str, float]) -> str:
    """The answer by the p-values of `corrected`, and the published claim beside it."""
    differing = sum(p < SIGNIFICANT for p in tested.values())
    failing = sum(bool(_failures(sizes)) for sizes in conditions.values())
    claim = "does not hold here" if differing or failing else "is not contradicted here"
    return (
        f"In {differing} of {len(tested)} conditions macro-F1 depends on the batch size (F-test at 5 %, corrected for "
        f"{len(tested)} tests by Holm's method), and in {failing} of {len(conditions)} some seeds learn nothing at one "
        f"size but do at another. The published claim of no significant difference {claim}."
    )


def sentence(condition: str, sizes: Mapping[float, Sequence[Run]], p: float | None) -> str:
    """Which size is best under one condition, whether these runs tell sizes apart, and which sizes fail."""
    able = {size: learned(runs) for size, runs in sizes.items()}
    means = {size: estimate(values(runs, "f1_macro")).mean for size, runs in able.items() if runs}
    said = f"**{condition}**: "
    if len(means) < 2:
        said += "too few sizes learn to compare them."
    elif p is None or p >= SIGNIFICANT:
        said += f"these runs do not tell the sizes apart by macro-F1 ({_evidence(sizes, p)})."
    else:
        best, worst = max(means, key=means.__getitem__), min(means, key=means.__getitem__)
        said += (
            f"macro-F1 is best with batches of {best} ({means[best]:.4f}) and worst with {worst} "
            f"({means[worst]:.4f}; {_evidence(sizes, p)})."
        )
    return " ".join([said, *_failures(sizes)])


def _failures(sizes: Mapping[float, Sequence[Run]]) -> list[str]:
    """One sentence per size at which some seeds, but not those of all sizes, only guess."""
    if not any(learned(runs) for runs in sizes.values()):
        return []
    lost = {size: len(runs) - len(learned(runs)) for size, runs in sizes.items()}
    return [
        f"Left out of the test, for only guessing: {count} of the {len(sizes[size])} seeds with batches of {size}."
        for size, count in lost.items()
        if count
    ]


def _evidence(sizes: Mapping[float, Sequence[Run]], p: float | None) -> str:
    found = eta_squared(groups(sizes, "f1_macro"))
    return f"{_text(found)}, p = {p:.2g}" if p is not None else _text(found)


def effects_table(conditions: Mapping[str, Mapping[float, Sequence[Run]]]) -> str:
    rows = []
    for condition, sizes in conditions.items():
        seeds = str(min(map(len, sizes.values())))
        rows.append([condition, seeds, *(_text(eta_squared(groups(sizes, measure))) for measure in JUDGED)])
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
            name.removeprefix(f"{title}, "): {
                size: values(able, "f1_macro") for size, runs in sizes.items() if (able := learned(runs))
            }
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
