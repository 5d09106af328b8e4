from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ml.studies.cnn_variants.experiment import AUGMENTED, BASELINE, CHOICES, STRENGTHS, TUNED, baseline, changed
from ml.studies.cnn_variants.findings import report
from ml.studies.data import DataConfig
from ml.studies.recipes import NetworkRecipe
from ml.studies.results import Results
from ml.studies.runs import TUNING


@pytest.fixture(scope="module")
def results(quick_study: Callable[[str], Path]) -> Results:
    return Results.load(quick_study("cnn-variants") / "results.json")


def test_each_variant_differs_from_the_baseline_in_one_setting(results: Results) -> None:
    assert list(results.of()) == [BASELINE, TUNED, AUGMENTED]
    recipes = [runs[0].config["NetworkRecipe"] for runs in results.of().values()]
    flat = [{**recipe["training"], **recipe["options"]} for recipe in recipes]
    differences = [[name for name in flat[0] if flat[0][name] != other[name]] for other in flat[1:]]
    assert differences == [[results.facts["setting"]], ["augmentation"]]
    assert flat[1][results.facts["setting"]] == results.facts["choice"]


def test_both_variants_choose_among_equally_many(results: Results) -> None:
    tuned = list(results.of(TUNING))[-6:]
    assert sum(name.startswith("augmentation") for name in tuned) == len(STRENGTHS) == 3
    assert {len(choices) for choices in CHOICES.values()} == {4}  # one of them is the baseline's own


def test_search_reads_the_validation_side_alone(results: Results) -> None:
    assert len(results.facts["trials"]) == 3
    assert next(iter(results.facts["importance"])) == results.facts["setting"]
    assert all(run.test is None for run in results.runs if run.part == TUNING)


def test_settings_reach_training_and_network() -> None:
    arm = changed(baseline(DataConfig(), 2), {"learning_rate": 0.5, "dropout": 0.25}, "other")
    assert isinstance(arm.recipe, NetworkRecipe)
    assert (arm.name, arm.recipe.training.learning_rate, arm.recipe.training.optimizer) == ("other", 0.5, "adam")
    assert arm.recipe.options == {"dropout": 0.25, "hidden": 128}


def test_sentence_names_the_other_arm_when_the_figures_are_swapped(results: Results) -> None:
    def said(best: str, worst: str) -> str:
        figures = {best: 0.9, worst: 0.7}
        runs = [
            replace(run, test={**run.test, "accuracy": figures.get(run.arm, 0.8) + run.seed / 1000})
            for run in results.runs
            if run.test
        ]
        return report(replace(results, runs=runs))[1]

    assert said(TUNED, AUGMENTED).startswith(f"{TUNED} beats {BASELINE} by 10.00 points")
    assert said(AUGMENTED, TUNED).startswith(f"{AUGMENTED} beats {BASELINE} by 10.00 points")


def test_report_gives_all_three_sides(quick_study: Callable[[str], Path]) -> None:
    out = quick_study("cnn-variants")
    assert "| seeds | accuracy, training (1,000) | validation | test |" in (out / "report.md").read_text()
    assert sorted(path.stem for path in out.glob("*.svg")) == [
        "accuracy",
        "calibration",
        "confusion",
        "learning-curves",
        "precision-recall",
    ]
