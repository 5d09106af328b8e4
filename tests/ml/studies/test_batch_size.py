from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ml.studies.batch_size.experiment import (
    ALL_SIZES,
    CONTENDERS,
    EPOCHS,
    FIXED,
    SCALED,
    STEPS,
    STEPS_OF,
    TUNED_AT,
    grid,
)
from ml.studies.batch_size.findings import by_condition, corrected, left_out, sentence, verdict
from ml.studies.results import Results
from ml.studies.runs import TUNING, Run
from tests.ml.studies.made import make_results

GOOD, POOR = [0.90, 0.91, 0.92], [0.80, 0.79, 0.81]


@pytest.fixture(scope="module")
def results(quick_study: Callable[[str], Path]) -> Results:
    return Results.load(quick_study("batch-size") / "results.json")


def conditions(small: list[float], large: list[float]) -> dict[str, dict[float, Sequence[Run]]]:
    arms = {f"small CNN, equal epochs, rate fixed, batch {size}": of for size, of in ((32, small), (256, large))}
    return by_condition(make_results(arms).of())


def said(small: list[float], large: list[float]) -> str:
    found = conditions(small, large)
    ((name, sizes),) = found.items()
    return sentence(name, sizes, corrected(found).get(name))


def answer(found: dict[str, dict[float, Sequence[Run]]]) -> str:
    return verdict(found, corrected(found))


def training(run: Run) -> dict[str, float]:
    found: dict[str, float] = run.config["NetworkRecipe"]["training"]
    return found


def test_sentence_names_the_other_size_when_the_figures_are_swapped() -> None:
    assert "best with batches of 32 (0.9100) and worst with 256 (0.8000;" in said(GOOD, POOR)
    assert "best with batches of 256 (0.9100) and worst with 32 (0.8000;" in said(POOR, GOOD)
    assert "these runs do not tell the sizes apart" in said([0.90, 0.80, 0.85], [0.84, 0.86, 0.83])


def test_a_seed_that_only_guesses_is_told_and_hides_no_difference() -> None:
    text = said(GOOD, [*POOR, 0.5])
    assert "best with batches of 32 (0.9100) and worst with 256 (0.8000;" in text
    assert text.endswith("Left out of the test, for only guessing: 1 of the 4 seeds with batches of 256.")
    assert "too few sizes learn to compare them. Left out of the test, for only guessing: 2 of" in said(
        GOOD, [0.5, 0.5]
    )
    assert said([0.5], [0.5]).endswith("too few sizes learn to compare them.")
    assert "in 1 of 1 some seeds learn nothing at one size" in answer(conditions(GOOD, [*GOOD, 0.5]))


def test_verdict_on_the_published_claim_follows_the_figures() -> None:
    different, alike = conditions(GOOD, POOR), conditions([0.90, 0.80, 0.85], [0.84, 0.86, 0.83])
    assert answer(different).startswith("In 1 of 1 conditions")
    assert answer(different).endswith("does not hold here.")
    assert answer(alike).startswith("In 0 of 1 conditions")
    assert answer(alike).endswith("is not contradicted here.")


def test_what_was_not_run_is_said() -> None:
    names = [cell.name for cell in grid(ALL_SIZES)]
    assert left_out(make_results(dict.fromkeys(names, GOOD)).of()) == "The whole grid was run."
    kept = [name for name in names if name.startswith("small CNN") and not name.endswith("batch 16")]
    others = [one.title for one in CONTENDERS[1:]]
    assert left_out(make_results(dict.fromkeys(kept, GOOD)).of()) == (
        "Left out of the whole grid (`--full`): small CNN with batches of 16; "
        f"{'; '.join(f'{title} altogether' for title in others)}."
    )


def test_controls_are_what_they_are_called(results: Results) -> None:
    by_name = {name: runs[0] for name, runs in results.of().items()}
    tuned = training(by_name[f"small CNN, equal epochs, rate fixed, batch {TUNED_AT}"])
    for name, run in by_name.items():
        size = training(run)["batch_size"]
        assert name.endswith(f"batch {size:g}")
        scale = 1.0 if FIXED in name else size / TUNED_AT
        assert training(run)["learning_rate"] == pytest.approx(tuned["learning_rate"] * scale)
    steps = {run.cost["steps"] for name, run in by_name.items() if STEPS in name}
    epochs = {run.cost["epochs"] for name, run in by_name.items() if EPOCHS in name}
    whole = by_name[f"small CNN, equal epochs, rate fixed, batch {STEPS_OF}"]
    assert (steps, epochs) == ({whole.cost["steps"]}, {1.0})


def test_what_two_controls_ask_for_alike_is_the_same_run(results: Results) -> None:
    arms = results.of()
    for alike, differs, size in ((EPOCHS, STEPS, STEPS_OF), (FIXED, SCALED, TUNED_AT)):
        pairs = [(name, name.replace(alike, differs)) for name in arms if alike in name and name.endswith(f" {size}")]
        assert len(pairs) == 2
        for one, other in pairs:
            assert [(run.seed, run.test) for run in arms[one]] == [(run.seed, run.test) for run in arms[other]]


def test_learning_rate_is_chosen_on_validation_out_of_three(results: Results) -> None:
    tuning = results.of(TUNING)
    best = max(tuning.values(), key=lambda runs: runs[0].validation["accuracy"])[0]
    (chosen,) = {
        training(run)["learning_rate"] for run in results.runs if run.arm.endswith(f"rate fixed, batch {TUNED_AT}")
    }
    assert (len(tuning), training(best)["learning_rate"]) == (3, chosen)


def test_report_shows_cost_and_effects(quick_study: Callable[[str], Path]) -> None:
    out = quick_study("batch-size")
    text = (out / "report.md").read_text()
    assert "| eta squared [95 %] | seeds | precision (macro) | recall (macro) | F1 (macro) | AUC |" in text
    assert "peak MiB" in text
    assert sorted(path.name for path in out.glob("*.svg")) == ["cost.svg", "f1.svg"]
