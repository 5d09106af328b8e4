from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from ml.studies.laboratory import Scale
from ml.studies.results import Results
from ml.studies.runs import TUNING
from ml.studies.search import STUDY
from ml.studies.search.experiment import GRID_CHOICES, RANGES, SEEDS, TRIALS, UNTUNED, WIDTHS, Trace, text
from ml.studies.search.findings import best_so_far, common_start, importance, pace, traces_of, verdict
from ml.studies.study import conduct
from ml.studies.tuning import GRID, RANDOM, TPE
from tests.ml.studies.made import make_results

SAMPLERS = [GRID, RANDOM, TPE]
QUICK_SEEDS = list(SEEDS[:2])


@pytest.fixture(scope="session")
def outcome(quick_study: Callable[[str], Path]) -> Path:
    return quick_study("search")


@pytest.fixture(scope="session")
def results(outcome: Path) -> Results:
    return Results.load(outcome / "results.json")


def trace(*accuracies: float, shares: tuple[float, ...] = (0.4, 0.3, 0.2, 0.1)) -> Trace:
    return Trace(1, accuracies, dict(zip(RANGES, shares, strict=True)), {"learning_rate": 0.1})


def said(accuracies: Mapping[str, Sequence[float]]) -> str:
    """The verdict over arms with such accuracies."""
    results = make_results(accuracies)
    results.facts["searches"] = {GRID: [vars(trace(0.1, 0.2))]}
    return verdict(results)


def test_every_search_has_as_many_trials_and_reads_no_test_side(results: Results) -> None:
    for sampler in SAMPLERS:
        runs = [run for found in results.of(sampler).values() for run in found]
        assert sorted(run.seed for run in runs) == [seed for seed in QUICK_SEEDS for _ in range(4)]
        assert [run.test for run in runs] == [None] * len(runs)
    assert results.of(TUNING) == {}


def test_the_best_of_each_search_is_measured_once_beside_no_search(results: Results) -> None:
    arms = results.of()
    assert {name: [run.seed for run in runs] for name, runs in arms.items()} == dict.fromkeys(
        [UNTUNED, *SAMPLERS], QUICK_SEEDS
    )
    for sampler, traces in traces_of(results).items():
        for run, one in zip(arms[sampler], traces, strict=True):
            assert run.validation["accuracy"] == max(one.accuracies)
            assert run.config["NetworkRecipe"]["training"]["learning_rate"] == one.best["learning_rate"]
            assert run.config["NetworkRecipe"]["options"] == {
                "widths": list(WIDTHS[: one.best["depth"]]),
                "dropout": one.best["dropout"],
            }


def test_a_grid_has_as_many_points_as_there_are_trials() -> None:
    points = 1
    for values in GRID_CHOICES.values():
        points *= len(values.choices)  # type: ignore[attr-defined]  # all are categorical
    assert points == TRIALS
    assert [RANGES[name]._contains(value) for name, of in GRID_CHOICES.items() for value in vars(of)["choices"]] == [
        True
    ] * 9


def test_report_and_plots_lie_side_by_side(outcome: Path, results: Results) -> None:
    report = (outcome / "report.md").read_text()
    assert {path.stem for path in outcome.glob("*.svg")} == {"best-so-far", "importance"}
    assert [name for name in ("best-so-far", "importance") if f"]({name}.svg)" not in report] == []
    best = traces_of(results)[TPE][0].best
    assert f"| {TPE} | 1 | " in report
    assert f" | {text(best)} |" in report


def test_best_so_far_never_falls() -> None:
    curves = best_so_far([trace(0.3, 0.1, 0.5), trace(0.2, 0.4, 0.3)])
    assert curves.tolist() == [[0.3, 0.3, 0.5], [0.2, 0.4, 0.4]]


def test_swapped_arms_swap_the_verdict() -> None:
    better, worse, none = [0.9, 0.91], [0.8, 0.81], [0.5, 0.51]
    first = said({UNTUNED: none, GRID: none, RANDOM: worse, TPE: better})
    second = said({UNTUNED: none, GRID: none, RANDOM: better, TPE: worse})
    assert first.startswith("With 2 trials each, what **tpe** finds reads the test pictures best.")
    assert "tpe beats random by 10.00 points of accuracy" in first
    assert "tpe beats untuned by 40.00 points of accuracy" in first
    assert second.startswith("With 2 trials each, what **random** finds reads the test pictures best.")
    assert "random beats tpe by 10.00 points of accuracy" in second


def test_not_searching_may_be_better() -> None:
    sentence = said({UNTUNED: [0.9, 0.91], GRID: [0.5, 0.51], RANDOM: [0.4, 0.41]})
    assert "**grid**" in sentence
    assert "untuned beats grid by 40.00 points of accuracy" in sentence


def test_pace_names_the_trial_that_reaches_where_random_ends() -> None:
    traces = {GRID: [trace(0.1, 0.2, 0.3)], RANDOM: [trace(0.1, 0.4, 0.5)], TPE: [trace(0.2, 0.5, 0.6)]}
    assert pace(traces) == (
        "random reaches 0.5000 on the validation side after 3 trials; grid never gets there, tpe is there after 2."
    )
    swapped = {GRID: traces[TPE], RANDOM: traces[RANDOM], TPE: traces[GRID]}
    assert pace(swapped).endswith("grid is there after 2, tpe never gets there.")


def test_trials_before_the_paths_part_are_counted() -> None:
    random, tpe = [trace(0.1, 0.2, 0.3), trace(0.4, 0.5, 0.6)], [trace(0.1, 0.2, 0.3), trace(0.4, 0.7, 0.6)]
    assert common_start({RANDOM: random, TPE: tpe}).startswith("random and tpe begin with the same 1 trials")
    assert common_start({RANDOM: random, TPE: random}).startswith("random and tpe begin with the same 3 trials")


def test_importance_names_all_by_how_much_they_matter() -> None:
    assert importance({RANDOM: [trace(0.1), trace(0.1, shares=(0.6, 0.1, 0.2, 0.1))]}) == (
        "**learning rate** matters most: it explains 50% of the variance between random trials "
        "(fANOVA, mean over searches), then weight decay 20%, depth 20%, dropout 10%."
    )
    swapped = importance({RANDOM: [trace(0.1, shares=(0.1, 0.2, 0.3, 0.4))]})
    assert swapped.startswith("**dropout** matters most: it explains 40%")


def test_an_interrupted_search_goes_on_as_it_would_have(outcome: Path, study_data: Path, results: Results) -> None:
    runs = sorted((outcome / "runs").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    kept = {path: path.stat().st_mtime_ns for path in runs[:-5]}
    for path in runs[-5:]:
        path.unlink()
    conduct(STUDY, "search", Scale.QUICK, study_data, outcome)
    assert sorted((outcome / "runs").iterdir()) == sorted(runs)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert Results.load(outcome / "results.json").facts == results.facts
