from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ml.studies.architectures import STUDY
from ml.studies.architectures.experiment import FULL, LARGER, QUICK, SEEDS, contenders
from ml.studies.architectures.findings import PUBLISHED, beside, budgets, cheapest, human, is_network, verdict
from ml.studies.laboratory import Scale
from ml.studies.results import Results, values
from ml.studies.runs import TUNING, Run
from ml.studies.study import conduct
from tests.ml.studies.made import make_runs

CONVOLUTIONS = ["small CNN", "ResNet-18", "ResNet-9", LARGER]

TITLES = [contender.title for contender in contenders(QUICK)]


@pytest.fixture(scope="session")
def outcome(quick_study: Callable[[str], Path]) -> Path:
    return quick_study("architectures")


@pytest.fixture(scope="session")
def results(outcome: Path) -> Results:
    return Results.load(outcome / "results.json")


def arms_of(figures: Mapping[str, Sequence[float]]) -> dict[str, list[Run]]:
    """Runs made by hand; those of classical models have no curves."""
    arms = {name: make_runs(name, found) for name, found in figures.items()}
    return {name: [replace(run, curves=[]) for run in runs] if " on " in name else runs for name, runs in arms.items()}


def test_every_kind_runs_with_every_seed_on_the_same_pictures(results: Results) -> None:
    arms = results.of()
    assert list(arms) == TITLES
    assert [[run.seed for run in runs] for runs in arms.values()] == [list(SEEDS[:2])] * len(TITLES)
    assert {tuple(run.pictures.values()) for runs in arms.values() for run in runs} == {(108, 12, 40)}


def test_three_settings_of_each_are_tried_without_the_test_side(results: Results) -> None:
    tried = results.of(TUNING)
    assert [name.rsplit(", ", 1)[0] for name in tried] == [title for title in TITLES for _ in range(3)]
    assert [run.test for runs in tried.values() for run in runs] == [None] * 3 * len(TITLES)
    assert {run.pictures["train"] for runs in tried.values() for run in runs} == {100}


def test_what_validation_prefers_is_what_runs(results: Results) -> None:
    for title in TITLES:
        tried = [runs[0] for name, runs in results.of(TUNING).items() if name.startswith(f"{title}, ")]
        best = max(tried, key=lambda run: run.validation["accuracy"])
        assert [learned_as(run) for run in results.of()[title]] == [learned_as(best)] * 2


def learned_as(run: Run) -> list[dict[str, Any]]:
    """The recipe, whatever it is asked about in the end."""
    recipes = [value for key, value in run.config.items() if key != "data"]
    return [{key: value for key, value in recipe.items() if key != "is_moved"} for recipe in recipes]


def test_only_in_the_end_and_only_convolutions_are_asked_about_moved_pictures(results: Results) -> None:
    asked = {
        title: [run.config["NetworkRecipe"]["is_moved"] for run in runs]
        for title, runs in [*results.of().items(), *results.of(TUNING).items()]
        if is_network(runs)
    }
    assert {title for title, answers in asked.items() if any(answers)} == set(CONVOLUTIONS)


def test_networks_share_recipe_and_budget_but_for_what_only_convolutions_learn_from(results: Results) -> None:
    training = {
        name: {**runs[0].config["NetworkRecipe"]["training"], "trunk": None, "learning_rate": None}
        for name, runs in results.of().items()
        if is_network(runs)
    }
    assert [name for name, one in training.items() if one.pop("augmentation")] == CONVOLUTIONS
    assert training[LARGER].pop("epochs") == 3 * training["ResNet-9"]["epochs"]
    assert training[LARGER].pop("cut_mix_share") == 0.5
    training[LARGER] = {**training[LARGER], "epochs": QUICK.epochs, "cut_mix_share": 0.0}
    assert list(training.values()) == [training["MLP"]] * 7


def test_what_was_not_run_is_told(results: Results) -> None:
    arms = results.of()
    assert budgets(arms) == (
        "Mirrored, shifted and partly erased pictures, and asked about each in ten views (mirrored, moved by 1 px): "
        "small CNN, ResNet-18, ResNet-9, larger ResNet-9; the others as they are. All networks learn for equally many "
        "epochs, but for the larger ResNet-9: 3, with 50% of the batches mixed by CutMix. Left to `--full`: WRN-16-4, "
        "ResNet-18 with 64 channels at first instead of 8, ResNet-9 with 64 channels at first instead of 8, "
        "larger ResNet-9 with 64 channels at first instead of 8."
    )
    whole = {contender.title: arms["small CNN"] for contender in contenders(FULL)}
    assert "Left to" not in budgets(whole)


def test_report_and_plots_lie_side_by_side(outcome: Path) -> None:
    text = (outcome / "report.md").read_text()
    plots = {"accuracy", "learning-curves", "calibration", "confusion", "precision-recall"}
    assert {path.stem for path in outcome.glob("*.svg")} == plots
    assert [name for name in plots if f"]({name}.svg)" not in text] == []
    assert [title for title in TITLES if f"| {title} | 108 |" not in text] == []


def test_swapped_arms_swap_the_verdict() -> None:
    better, worse = [0.90, 0.91, 0.92], [0.80, 0.81, 0.82]
    forest = "random forest on pixels"
    first = verdict(arms_of({"small CNN": better, forest: worse}))
    second = verdict(arms_of({"small CNN": worse, forest: better}))
    assert first.startswith("**small CNN** reads the test pictures best: 0.9100 ± 0.0100")
    assert f"small CNN beats {forest} by 10.00 points of accuracy" in first
    assert second.startswith(f"**{forest}** reads the test pictures best: 0.9100 ± 0.0100")
    assert f"{forest} beats small CNN by 10.00 points of accuracy" in second


def test_the_best_meets_the_next_and_the_best_of_the_other_kind() -> None:
    ranks = {"small CNN": 0.9, "MLP": 0.8, "linear SVM on HOG": 0.7, "GRU over rows": 0.6}
    sentence = verdict(arms_of({name: [figure] * 3 for name, figure in ranks.items()}))
    assert [name for name in ranks if name in sentence] == ["small CNN", "MLP", "linear SVM on HOG"]


def test_people_are_beaten_by_those_above_them() -> None:
    assert human(arms_of({"small CNN": [0.9], "MLP": [0.836]})).endswith("; all are better than that.")
    assert human(arms_of({"small CNN": [0.9], "MLP": [0.834]})).endswith("; all but MLP are better than that.")
    assert human(arms_of({"MLP": [0.834]})).endswith("; nothing here is better than that.")


def test_published_figures_are_reached_or_missed() -> None:
    cnn, svm = PUBLISHED["small CNN"].accuracy, PUBLISHED["linear SVM on HOG"].accuracy
    above = beside(arms_of({"small CNN": [cnn + 0.01], "linear SVM on HOG": [svm - 0.02]}))
    assert above.endswith("reached: small CNN (+1.0); missed: linear SVM on HOG (-2.0).")
    below = beside(arms_of({"small CNN": [cnn - 0.01], "linear SVM on HOG": [svm + 0.02]}))
    assert below.endswith("reached: linear SVM on HOG (+2.0); missed: small CNN (-1.0).")


def test_a_cheaper_one_is_named_where_it_is_near() -> None:
    def said(costs: Mapping[str, float]) -> str:
        arms = arms_of({"ResNet-18": [0.95], "small CNN": [0.94], "MLP": [0.88]})
        return cheapest(
            {
                name: [replace(run, cost={**run.cost, "cpu_seconds": costs[name]}) for run in runs]
                for name, runs in arms.items()
            }
        )

    cheap = said({"ResNet-18": 100.0, "small CNN": 25.0, "MLP": 1.0})
    assert cheap == "small CNN comes within 1.0 points of it for 25% of the processor time."
    dear = said({"ResNet-18": 100.0, "small CNN": 200.0, "MLP": 1.0})
    assert dear == "No other comes within two points of ResNet-18 and costs less to learn."


def test_again_is_for_nothing(outcome: Path, study_data: Path, results: Results) -> None:
    stamps = {path: path.stat().st_mtime_ns for path in (outcome / "runs").iterdir()}
    conduct(STUDY, "architectures", Scale.QUICK, study_data, outcome)
    assert {path: path.stat().st_mtime_ns for path in (outcome / "runs").iterdir()} == stamps
    again = Results.load(outcome / "results.json").of()
    assert [values(runs, "accuracy") for runs in again.values()] == [
        values(runs, "accuracy") for runs in results.of().values()
    ]
