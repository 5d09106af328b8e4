"""What the architectures study found, in sentences, tables and plots: from its results alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from matplotlib.figure import Figure

from ml.studies import plots
from ml.studies.architectures.experiment import FULL, LARGER, contenders
from ml.studies.report import best_of, compared, cost_table, picture, summary_table, table, tuning_table, with_deviation
from ml.studies.results import Results, values
from ml.studies.runs import Run
from ml.studies.statistics import estimate

HUMAN: Final = 0.835
"""Crowd workers without training, majority of three votes on 1,000 of the test pictures."""


@dataclass(frozen=True)
class Published:
    """An accuracy that somebody reported on the same test pictures, and what they did otherwise."""

    accuracy: float
    what: str
    differs: str


PUBLISHED: Final[Mapping[str, Published]] = {
    "MLP": Published(0.8833, "MLP 256-128-100", "three narrower layers, no dropout told"),
    "GRU over rows": Published(
        0.888, "GRU + SVM", "a support vector machine in place of the last layer, no augmentation"
    ),
    "small CNN": Published(0.926, "3 Conv + pooling + 2 FC + dropout", "no augmentation"),
    "ResNet-18": Published(0.949, "ResNet18", "all 64 channels at first; vertical flips and rotations too"),
    "WRN-16-4": Published(0.967, "WRN40-4", "40 layers and 8.9 million parameters"),
    "linear SVM on HOG": Published(0.926, "HOG+SVM", "neither the cells nor the kernel are told"),
}
"""From the table in Fashion-MNIST's repository, whose keepers have not tested what was submitted to it."""

ELSEWHERE: Final = (
    "All of them are single runs that learned from all 60,000 training pictures. "
    "Published without a counterpart here: AlexNet with triplet loss 0.899, VGG-16 0.935."
)

DECIDED: Final = (
    f"How the {LARGER} came about: ResNet-9 was tried with 24 and 48 channels, 20 and 60 epochs, without and with "
    "CutMix, one seed each, and their test figures (0.9478 to 0.9544) had been read when its width and its mixing were "
    "decided. Its own figure is therefore a little flattered, as all on this much used test set are; learning rates "
    "alone were chosen without it."
)
PUBLISHED_WIDTH: Final = 64


def report(results: Results) -> list[str]:
    arms = results.of()
    return [
        verdict(arms),
        human(arms),
        cheapest(arms),
        picture("accuracy", "Test accuracy by kind of model"),
        summary_table(arms),
        budgets(arms),
        *([DECIDED] if LARGER in arms else []),
        "## Beside published figures",
        beside(arms),
        published_table(arms),
        ELSEWHERE,
        "## What it takes",
        cost_table(arms),
        tuning_table(results),
        "## Learning, calibration, confusions",
        picture("learning-curves", "Loss and accuracy over epochs"),
        picture("calibration", "Accuracy over confidence, the five best"),
        picture("confusion", f"Confusions of {best_of(arms)}"),
        picture("precision-recall", f"Precision over recall of {best_of(arms)}"),
    ]


def verdict(arms: Mapping[str, Sequence[Run]]) -> str:
    """The best of all against the next, and against the best of the other kind (network or classical)."""
    best = best_of(arms)
    others = {name: runs for name, runs in arms.items() if name != best}
    kind = {name: runs for name, runs in others.items() if is_network(runs) != is_network(arms[best])}
    rivals = dict.fromkeys([best_of(others), *([best_of(kind)] if kind else [])])
    sentences = [compared((best, arms[best]), (rival, arms[rival])) for rival in rivals]
    return " ".join([f"**{best}** reads the test pictures best: {_accuracy(arms[best])}.", *sentences])


def human(arms: Mapping[str, Sequence[Run]]) -> str:
    """How many are better than untrained people."""
    better = {name: estimate(values(runs, "accuracy")).mean > HUMAN for name, runs in arms.items()}
    said = f"People without training reach {HUMAN} (majority of three votes on 1,000 of the pictures)"
    if not any(better.values()):
        return f"{said}; nothing here is better than that."
    below = [name for name in arms if not better[name]]
    return f"{said}; {'all' if not below else 'all but ' + ', '.join(below)} are better than that."


def cheapest(arms: Mapping[str, Sequence[Run]]) -> str:
    """What the best would cost less at: the cheapest to learn that is at most two points worse."""
    best = best_of(arms)
    seconds = {name: estimate([run.cost["cpu_seconds"] for run in runs]).mean for name, runs in arms.items()}
    means = {name: estimate(values(runs, "accuracy")).mean for name, runs in arms.items()}
    near = [name for name in arms if means[name] >= means[best] - 0.02]
    thrifty = min(near, key=seconds.__getitem__)
    if thrifty == best:
        return f"No other comes within two points of {best} and costs less to learn."
    return (
        f"{thrifty} comes within {100 * (means[best] - means[thrifty]):.1f} points of it for "
        f"{seconds[thrifty] / seconds[best]:.0%} of the processor time."
    )


def budgets(arms: Mapping[str, Sequence[Run]]) -> str:
    """Who learned from changed pictures, and what of the whole comparison was not run."""
    recipes = {name: runs[0].config["NetworkRecipe"] for name, runs in arms.items() if is_network(runs)}
    changed = [name for name, recipe in recipes.items() if recipe["training"]["augmentation"]]
    missing = [contender.title for contender in contenders(FULL) if contender.title not in arms]
    missing += [
        f"{name} with {PUBLISHED_WIDTH} channels at first instead of {recipe['options']['width']}"
        for name, recipe in recipes.items()
        if recipe["options"].get("width", PUBLISHED_WIDTH) != PUBLISHED_WIDTH
    ]
    said = (
        f"Mirrored, shifted and partly erased pictures, and asked about each in ten views (mirrored, moved by 1 px): "
        f"{', '.join(changed) or 'nobody'}; the others as they are."
    )
    if LARGER in arms:
        training = recipes[LARGER]["training"]
        said = (
            f"{said} All networks learn for equally many epochs, but for the {LARGER}: {training['epochs']}, with "
            f"{training['cut_mix_share']:.0%} of the batches mixed by CutMix."
        )
    return f"{said} Left to `--full`: {', '.join(missing)}." if missing else said


def beside(arms: Mapping[str, Sequence[Run]]) -> str:
    """Which of ours reach what was published for their kind, and by how many points they lie above or below it."""
    gaps = {
        name: f"{name} ({100 * (estimate(values(arms[name], 'accuracy')).mean - known.accuracy):+.1f})"
        for name, known in PUBLISHED.items()
        if name in arms
    }
    reached = [text for text in gaps.values() if "(-" not in text]
    missed = [text for text in gaps.values() if text not in reached]
    parts = [f"{label}: {', '.join(texts)}" for label, texts in (("reached", reached), ("missed", missed)) if texts]
    return f"Published accuracies, and how many points ours lie from them – {'; '.join(parts)}."


def published_table(arms: Mapping[str, Sequence[Run]]) -> str:
    rows = [
        [name, with_deviation(values(arms[name], "accuracy")), f"{known.accuracy:g}", known.what, known.differs]
        for name, known in PUBLISHED.items()
        if name in arms
    ]
    return table(["arm", "ours", "published", "published as", "what they did otherwise"], rows)


def is_network(runs: Sequence[Run]) -> bool:
    return bool(runs[0].curves)


def _accuracy(runs: Sequence[Run]) -> str:
    mean, said = estimate(values(runs, "accuracy")), with_deviation(values(runs, "accuracy"))
    return f"{said} (95 %: {mean.low:.4f} to {mean.high:.4f})" if mean.n > 1 else said


def draw(results: Results) -> dict[str, Figure]:
    arms = results.of()
    ranked = sorted(arms, key=lambda name: -estimate(values(arms[name], "accuracy")).mean)
    bars = plots.bars({name: values(arms[name], "accuracy") for name in ranked}, "test accuracy")
    first = {name: arms[name] for name in ranked[:5]}
    return {**plots.standard(arms, ranked[0]), "accuracy": bars, "calibration": plots.calibration(first)}
