import pytest

from ml.studies.report import best_of, compared, cost_table, page, sides_table, summary_table, table, tuning_table
from ml.studies.runs import TUNING
from tests.ml.studies.made import make_results, make_run, make_runs

GOOD, POOR = [0.90, 0.91, 0.92], [0.80, 0.79, 0.81]


def sentence(first: list[float], second: list[float]) -> str:
    return compared(("A", make_runs("A", first)), ("B", make_runs("B", second)))


def test_sentence_names_the_other_arm_when_the_figures_are_swapped() -> None:
    assert sentence(GOOD, POOR).startswith("A beats B by 11.00 points of accuracy (95 %: 8.73 to 13.27; d = 11.00 [")
    assert sentence(POOR, GOOD) == sentence(GOOD, POOR).replace("A beats B", "B beats A")


def test_sentence_says_what_chance_explains() -> None:
    assert "which these seeds cannot tell from chance" in sentence([0.90, 0.80, 0.85], [0.84, 0.86, 0.83])
    assert sentence([0.9], [0.8]) == (
        "A lies 10.00 points of accuracy above B; these runs do not tell whether that is chance."
    )
    assert sentence(GOOD, GOOD) == "A and B are equal by accuracy."


def test_best_arm_follows_the_mean() -> None:
    assert best_of(make_results({"A": GOOD, "B": POOR}).of()) == "A"
    assert best_of(make_results({"A": POOR, "B": GOOD}).of()) == "B"


def test_every_row_says_pictures_epochs_and_seeds() -> None:
    arms = make_results({"A": GOOD, "B": [0.5]}).of()
    lines = summary_table(arms, ["accuracy"]).splitlines()
    assert lines == [
        "| arm | training pictures | epochs | seeds | accuracy |",
        "| --- | --- | --- | --- | --- |",
        "| A | 1,200 | 2 | 3 | 0.9100 ± 0.0100 |",
        "| B | 1,200 | 2 | 1 | 0.5000 |",
    ]
    assert sides_table(arms).splitlines()[2] == (
        "| A | 1,200 | 2 | 3 | 0.8000 ± 0.0000 | 0.9100 ± 0.0100 | 0.9100 ± 0.0100 |"
    )
    assert cost_table(arms).splitlines()[2] == "| A | 1,000 | 20 | 2,400 | 4 | 6 | 400 | 50 |"


@pytest.mark.parametrize(("runs", "ends"), [({"A": [0.5, 0.6]}, "reads the test side once."), ({}, "cores: 2.")])
def test_page_holds_the_question_and_how_it_was_run(runs: dict[str, list[float]], ends: str) -> None:
    text = page(make_results(runs), "Why?", ["Because.", table(["a"], [["b"]])])
    assert text.startswith("# drawn\n\nWhy?\n\nBecause.\n\n| a |\n| --- |\n| b |\n\nScale: quick; cores: 2")
    assert text.endswith(ends + "\n")


def test_what_was_tried_is_shown_and_who_chose_at_an_edge() -> None:
    figures = {"A, rate 1": 0.5, "A, rate 2": 0.7, "A, rate 3": 0.6, "B, rate 1": 0.5, "B, rate 2": 0.6}
    results = make_results({})
    results.runs = [make_run(name, 0, figure, TUNING) for name, figure in figures.items()]
    lines = tuning_table(results).splitlines()
    assert lines[2:4] == [
        "| A | rate 2 | rate 1: 0.5000, rate 2: 0.7000, rate 3: 0.6000 |",
        "| B | rate 2 | rate 1: 0.5000, rate 2: 0.6000 |",
    ]
    assert lines[-1].endswith("a wider choice may do better: B.")
    results.runs = results.runs[:3]
    assert len(tuning_table(results).splitlines()) == 3
