"""Does the batch size change what a network learns, or only how long it takes?

Four networks, each at sizes that are powers of two apart. A larger batch makes fewer steps of the same pictures, so
sizes are compared at equal epochs and at equal steps, with the learning rate as it is and scaled with the size.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from matplotlib.figure import Figure

from ml.preprocessing import Preprocessing
from ml.studies import networks, plots
from ml.studies.data import DataConfig
from ml.studies.laboratory import Laboratory
from ml.studies.measures import MEASURES
from ml.studies.recipes import NetworkRecipe
from ml.studies.report import cost_table, effect_text, picture, summary_table, table
from ml.studies.results import Results, values
from ml.studies.runs import Arm, Run
from ml.studies.statistics import Effect, estimate, eta_squared
from ml.studies.study import Study
from ml.train import TrainingConfig

EPOCHS, STEPS = "equal epochs", "equal steps"
FIXED, SCALED = "rate fixed", "rate scaled"
SIZES: Final = (32, 64, 128, 256)
ALL_SIZES: Final = (16, 32, 64, 128, 256, 512, 1024)
REFERENCE: Final = 256
"""The size at which the learning rate is chosen, and whose number of steps the others make at equal steps."""

RATES: Final = (0.01, 0.03, 0.1)
SEEDS: Final = (1, 2, 3)
ELSEWHERE: Final = (
    "Elsewhere: at one learning rate for all sizes Radiuk (2017, doi 10.1515/itms-2017-0003) finds larger batches "
    "better on MNIST and CIFAR-10, while Kandel and Castelli (2020, ICT Express 6, 312) find that with a fine-tuned "
    "VGG-16 they usually are not; on ImageNet Mishkin, Sergievskiy and Matas (2017, their caffenet-benchmark) see no "
    "practical difference once the rate follows the size. The claim of no significant difference, of AlexNet, "
    "ResNet-152 and VGG-16 on Fashion-MNIST, is known here by its words alone."
)
JUDGED: Final = ("precision_macro", "recall_macro", "f1_macro", "auc")


@dataclass(frozen=True)
class Contender:
    """A network and how large its pictures are; its epochs on two cores, and which part of the grid is run there."""

    title: str
    trunk: str
    pixels: int
    epochs: int
    rates: Sequence[str] = (FIXED, SCALED)
    sizes: Sequence[int] = SIZES


CONTENDERS: Final = (
    Contender("small CNN", networks.small_cnn.__name__, 32, 8),
    Contender("AlexNet", "alexnet", 64, 3, (FIXED,)),
    Contender("VGG-16", networks.vgg16_narrow.__name__, 32, 2, (FIXED,)),
    Contender("ResNet-152", "resnet152", 32, 2, (FIXED,), (32, 256)),
)


@dataclass(frozen=True)
class Cell:
    """One place of the grid; its name is the arm's."""

    network: str
    budget: str
    rate: str
    size: int

    @property
    def condition(self) -> str:
        return f"{self.network}, {self.budget}, {self.rate}"

    @property
    def name(self) -> str:
        return f"{self.condition}, batch {self.size}"


def grid(sizes: Sequence[int] = SIZES) -> list[Cell]:
    """Every network at every size under every control."""
    titles = [contender.title for contender in CONTENDERS]
    return [Cell(*place) for place in product(titles, (EPOCHS, STEPS), (FIXED, SCALED), sizes)]


def run(lab: Laboratory) -> None:
    """Choose each network's learning rate at the reference size, then walk through its part of the grid."""
    whole = [replace(one, rates=(FIXED, SCALED), sizes=ALL_SIZES) for one in CONTENDERS]
    contenders = lab.scale.pick([replace(CONTENDERS[0], sizes=(64, REFERENCE))], CONTENDERS, whole)
    data = lab.scale.pick(DataConfig(limit=600), DataConfig(train_pictures=10_000), DataConfig())
    for contender in contenders:
        epochs = lab.scale.pick(1, contender.epochs, 30)
        tried = [_arm(f"{contender.title}, rate {rate:g}", data, contender, epochs, rate) for rate in RATES]
        rate = RATES[tried.index(lab.best(tried))]
        cells = [cell for cell in grid(contender.sizes) if cell.network == contender.title]
        own = [cell for cell in cells if cell.rate in contender.rates]
        steps = int(lab.results.runs[-1].cost["steps"])
        lab.run([_placed(cell, data, contender, epochs, steps, rate) for cell in own], SEEDS)


def _arm(name: str, data: DataConfig, contender: Contender, epochs: int, rate: float) -> Arm:
    """At the reference size: momentum, cosine, no averaging, no augmentation, so that nothing but the batch differs."""
    training = TrainingConfig(
        trunk=contender.trunk,
        preprocessing=Preprocessing(contender.pixels, contender.pixels),
        augmentation=None,
        epochs=epochs,
        batch_size=REFERENCE,
        optimizer="sgd",
        learning_rate=rate,
        weight_decay=5e-4,
        label_smoothing=0.0,
        average_decay=0.0,
    )
    return Arm(name, data, NetworkRecipe(training))


def _placed(cell: Cell, data: DataConfig, contender: Contender, epochs: int, steps: int, rate: float) -> Arm:
    arm = _arm(cell.name, data, contender, epochs, rate)
    assert isinstance(arm.recipe, NetworkRecipe)
    scaled = rate * cell.size / REFERENCE if cell.rate == SCALED else rate
    budget = steps if cell.budget == STEPS and cell.size != REFERENCE else None
    training = replace(arm.recipe.training, batch_size=cell.size, learning_rate=scaled, steps=budget)
    return replace(arm, recipe=replace(arm.recipe, training=training))


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
        picture("cost", "Pictures per second and peak memory over batch size"),
        "## All figures",
        "VGG-16 has one dense layer of 512 on its thirteen convolutions instead of three of up to 4,096 (pictures this "
        "small leave it one cell of 512 channels). Learning rates were chosen on the validation side at "
        f"batch size {REFERENCE}, out of {', '.join(f'{rate:g}' for rate in RATES)}.",
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
    for axes, label, cost in ((left, "pictures per second", _speed), (right, "peak memory, MiB", _memory)):
        plots.draw_lines(axes, {name: {size: cost(runs) for size, runs in of.items()} for name, of in plain.items()})
        axes.set(xlabel="batch size", ylabel=label)
    left.set_yscale("log", base=2)
    left.yaxis.set_major_formatter("{x:,.0f}")
    plots.add_legend(figure)
    return figure


def _speed(runs: Sequence[Run]) -> list[float]:
    return [run.cost["images"] / max(run.cost["seconds"], 1e-9) for run in runs]


def _memory(runs: Sequence[Run]) -> list[float]:
    return [run.cost["mebibytes"] for run in runs]


STUDY = Study(
    question="Does the batch size change precision, recall, F1 and AUC on Fashion-MNIST, and what does it cost?",
    run=run,
    report=report,
    draw=draw,
)
