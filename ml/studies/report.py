"""Reports in Markdown: tables and sentences that follow from the figures."""

from collections.abc import Mapping, Sequence
from typing import Final

from ml.studies.measures import MEASURES
from ml.studies.results import Results, values
from ml.studies.runs import TUNING, Run
from ml.studies.statistics import Effect, difference, estimate

SUMMARY: Final = ("accuracy", "precision_macro", "recall_macro", "f1_macro", "f1_weighted", "auc")


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def picture(name: str, caption: str) -> str:
    """A link to a plot of the study by its file name without ending."""
    return f"![{caption}]({name}.svg)"


def summary_table(arms: Mapping[str, Sequence[Run]], measures: Sequence[str] = SUMMARY) -> str:
    """A row per arm: pictures learned from, epochs, seeds, and test figures as mean ± standard deviation."""
    headers = ["arm", "training pictures", "epochs", "seeds", *(MEASURES[name] for name in measures)]
    rows = [
        [name, *_budget(runs), *(with_deviation(values(runs, measure)) for measure in measures)]
        for name, runs in arms.items()
    ]
    return table(headers, rows)


def sides_table(arms: Mapping[str, Sequence[Run]]) -> str:
    """A row per arm of networks: accuracy on (a thousand) training, validation and test pictures after each run."""
    headers = ["arm", "training pictures", "epochs", "seeds", "accuracy, training (1,000)", "validation", "test"]
    rows = []
    for name, runs in arms.items():
        sides = [
            [run.curves[-1]["train_accuracy"] for run in runs],
            [run.validation["accuracy"] for run in runs],
            values(runs, "accuracy"),
        ]
        rows.append([name, *_budget(runs), *map(with_deviation, sides)])
    return table(headers, rows)


def cost_table(arms: Mapping[str, Sequence[Run]]) -> str:
    """A row per arm: parameters, and what learning took on the mean of the seeds.

    The rate is by the processor's own seconds: those of the wall depend on what else the machine does.
    """
    spent = ["parameters", "steps", "images", "seconds", "processor seconds"]
    rows = []
    for name, runs in arms.items():
        mean = {key: estimate([run.cost[key] for run in runs]).mean for key in runs[0].cost}
        rate = mean["images"] / max(mean["cpu_seconds"], 1e-9)
        whole = [mean[key] for key in ("parameters", "steps", "images", "seconds", "cpu_seconds")]
        rows.append([name, *(f"{value:,.0f}" for value in (*whole, rate, mean["mebibytes"]))])
    return table(["arm", *spent, "images per processor second", "peak MiB"], rows)


def tuning_table(results: Results) -> str:
    """A row per contender: what was tried on the validation side and what was chosen; then who chose at an edge."""
    tried: dict[str, dict[str, float]] = {}
    for name, runs in results.of(TUNING).items():
        title, setting = name.rsplit(", ", 1)
        tried.setdefault(title, {})[setting] = runs[0].validation["accuracy"]
    rows, edges = [], []
    for title, accuracies in tried.items():
        settings = list(accuracies)
        best = max(settings, key=accuracies.__getitem__)
        rows.append([title, best, ", ".join(f"{setting}: {accuracies[setting]:.4f}" for setting in settings)])
        if best in (settings[0], settings[-1]):
            edges.append(title)
    found = table(["contender", "chosen", "validation accuracy of each that was tried"], rows)
    said = f"The best lies at the edge of what was tried, so a wider choice may do better: {'; '.join(edges)}."
    return f"{found}\n\n{said}" if edges else found


def with_deviation(found: Sequence[float]) -> str:
    """`0.912 ± 0.004`: mean and standard deviation over seeds; the value alone where there is one."""
    mean = estimate(found)
    return f"{mean.mean:.4f} ± {mean.sd:.4f}" if mean.n > 1 else f"{mean.mean:.4f}"


def compared(first: tuple[str, Sequence[Run]], second: tuple[str, Sequence[Run]], measure: str = "accuracy") -> str:
    """One sentence: which of two arms is better by one test figure, by how much, and whether seeds tell that."""
    found = difference(values(first[1], measure), values(second[1], measure))
    if not found.mean:
        return f"{first[0]} and {second[0]} are equal by {MEASURES[measure]}."
    (better, worse), sign = ((first[0], second[0]), 1) if found.mean >= 0 else ((second[0], first[0]), -1)
    low, high = sorted((sign * found.low, sign * found.high))
    points = f"{100 * abs(found.mean):.2f} points of {MEASURES[measure]}"
    if found.effect is None:
        return f"{better} lies {points} above {worse}; these runs do not tell whether that is chance."
    size = found.effect if sign > 0 else Effect(-found.effect.size, -found.effect.high, -found.effect.low)
    interval = f"95 %: {100 * low:.2f} to {100 * high:.2f}; {effect_text('d', size)}"
    if found.is_beyond_chance:
        return f"{better} beats {worse} by {points} ({interval})."
    return f"{better} lies {points} above {worse}, which these seeds cannot tell from chance ({interval})."


def effect_text(symbol: str, effect: Effect) -> str:
    """`d = 1.2 [0.3, 2.1]`."""
    return f"{symbol} = {effect.size:.2f} [{effect.low:.2f}, {effect.high:.2f}]"


def best_of(arms: Mapping[str, Sequence[Run]], measure: str = "accuracy") -> str:
    """The arm with the best mean test figure."""
    return max(arms, key=lambda name: estimate(values(arms[name], measure)).mean)


def page(results: Results, question: str, blocks: Sequence[str]) -> str:
    """The whole report: the question, what the study says, and how it was run."""
    seeds = sorted({run.seed for run in results.runs})
    settings = [f"Scale: {results.scale}", *(f"{name}: {value}" for name, value in results.machine.items())]
    if seeds:
        settings.append(f"seeds {', '.join(map(str, seeds))}")
        settings.append(
            "± is the standard deviation over seeds; intervals between arms are 95 %, over seeds on these same test "
            "pictures, and say nothing of others; each run reads the test side once"
        )
    text = "\n\n".join([f"# {results.study}", question, *blocks, "; ".join(settings) + "."])
    return text + "\n"


def _budget(runs: Sequence[Run]) -> list[str]:
    epochs = estimate([run.cost["epochs"] for run in runs]).mean
    return [f"{runs[0].pictures['train']:,}", f"{epochs:.3g}", str(len(runs))]


def plain(name: str) -> str:
    """The name of a field or a setting, as people write it."""
    return name.replace("_", " ")
