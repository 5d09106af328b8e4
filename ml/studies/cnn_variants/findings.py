"""What the cnn variants study found, in sentences, tables and plots: from its results alone."""

from matplotlib.figure import Figure

from ml.studies import plots
from ml.studies.cnn_variants.experiment import CHOICES, described
from ml.studies.report import best_of, compared, cost_table, picture, plain, sides_table, summary_table, table
from ml.studies.results import Results, values


def report(results: Results) -> list[str]:
    arms, facts = results.of(), results.facts
    best, *others = sorted(arms, key=lambda name: -sum(values(arms[name], "accuracy")) / len(arms[name]))
    name, choice = plain(facts["setting"]), described({facts["setting"]: facts["choice"]})
    share = facts["importance"][facts["setting"]]
    return [
        f"Of {len(CHOICES)} settings {name} matters most: it explains {share:.0%} of the variance of the validation "
        f"accuracy over the {len(facts['trials'])} trials of one search. Of its other values {choice} does best, of "
        f"the augmentations the one called {facts['strength']}.",
        " ".join(compared((best, arms[best]), (other, arms[other])) for other in others),
        sides_table(arms),
        picture("accuracy", "Test accuracy of every seed"),
        picture("learning-curves", "Loss and accuracy over epochs"),
        "## The search",
        table(
            ["setting", "importance", "choices"],
            [
                [plain(key), f"{share:.3f}", ", ".join(f"{choice:g}" for choice in CHOICES[key])]
                for key, share in facts["importance"].items()
            ],
        ),
        "## All figures",
        summary_table(arms),
        cost_table(arms),
        *(picture(name, f"{name.capitalize()} of {best}") for name in ("confusion", "calibration", "precision-recall")),
    ]


def draw(results: Results) -> dict[str, Figure]:
    arms = results.of()
    seeds = {name: values(runs, "accuracy") for name, runs in arms.items()}
    return {**plots.standard(arms, best_of(arms)), "accuracy": plots.bars(seeds, "test accuracy")}
