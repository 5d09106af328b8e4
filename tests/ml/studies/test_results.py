from pathlib import Path

import pytest

from ml.errors import DataError
from ml.studies.results import Results, values
from ml.studies.runs import TUNING
from tests.ml.studies.made import make_results, make_run


def test_results_come_back_as_they_were_saved(tmp_path: Path) -> None:
    results = make_results({"first": [0.5, 0.6], "second": [0.7]})
    results.facts["note"] = {"a": [1, 2]}
    results.save(tmp_path / "results.json")
    assert Results.load(tmp_path / "results.json") == results
    lines = (tmp_path / "results.json").read_text().splitlines()
    assert sum(line.startswith('{"arm": ') for line in lines) == 3


def test_nothing_run_yet_can_be_saved_too(tmp_path: Path) -> None:
    make_results({}).save(tmp_path / "results.json")
    assert Results.load(tmp_path / "results.json").of() == {}


def test_runs_are_found_by_part_and_arm() -> None:
    results = make_results({"first": [0.5, 0.6], "second": [0.7]})
    results.runs.insert(0, make_run("first", 0, 0.9, TUNING))
    assert {name: len(runs) for name, runs in results.of().items()} == {"first": 2, "second": 1}
    assert [run.seed for run in results.of(TUNING)["first"]] == [0]
    assert values(results.of()["first"], "f1_macro") == [0.5, 0.6]
    assert values(results.of(TUNING)["first"], "f1_macro") == []


def test_a_figure_that_comes_at_the_end_is_asked_for_too_early_in_one_sentence(tmp_path: Path) -> None:
    make_results({}).save(tmp_path / "results.json")
    with pytest.raises(DataError, match="not finished: its “searches” comes at the end"):
        Results.load(tmp_path / "results.json").facts["searches"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"runs": [{"arm": 1}], "facts": {}}', '{"study": "a", "ru'])
def test_what_is_no_results_is_said_in_one_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "results.json").write_text(content)
    with pytest.raises(DataError, match=r"results\.json: no results of a study"):
        Results.load(tmp_path / "results.json")
