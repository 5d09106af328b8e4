from pathlib import Path

import pytest

from ml.errors import DataError
from ml.studies.data import DataConfig
from ml.studies.laboratory import RESULTS_FILE, Laboratory, Scale
from ml.studies.results import Results
from ml.studies.runs import COMPARISON, TUNING, Arm
from tests.ml.studies.drawn import write_fashion_mnist
from tests.ml.studies.test_runs import Guess


@pytest.fixture
def lab(study_data: Path, tmp_path: Path) -> Laboratory:
    (tmp_path / "out").mkdir()
    return Laboratory("drawn", Scale.QUICK, study_data, tmp_path / "out")


def arms(tmp_path: Path) -> list[Arm]:
    return [Arm(f"guess {number}", DataConfig(limit=25), Guess(str(tmp_path / "log"), number)) for number in range(10)]


def test_scale_picks_its_own() -> None:
    assert [scale.pick(1, 2, 3) for scale in Scale] == [1, 2, 3]


def test_every_arm_runs_with_every_seed_and_is_saved(lab: Laboratory, tmp_path: Path) -> None:
    runs = lab.run(arms(tmp_path)[:2], [1, 2])
    assert [(run.arm, run.seed) for run in runs] == [("guess 0", 1), ("guess 0", 2), ("guess 1", 1), ("guess 1", 2)]
    assert Results.load(lab.out / RESULTS_FILE).runs == runs


def test_best_arm_is_chosen_without_the_test_side(lab: Laboratory, tmp_path: Path) -> None:
    candidates = arms(tmp_path)
    best = lab.best(candidates)
    found = {run.arm: run.validation["accuracy"] for run in lab.results.runs}
    assert found[best.name] == max(found.values()) > 0
    assert best.name == next(name for name, accuracy in found.items() if accuracy == max(found.values()))
    assert {run.part for run in lab.results.runs} == {TUNING}
    assert all(run.test is None for run in lab.results.runs)


def test_figures_of_a_study_are_computed_once_per_configuration(lab: Laboratory, study_data: Path) -> None:
    asked: list[int] = []

    def compute() -> dict[str, int]:
        asked.append(len(asked))
        return {"asked": asked[-1]}

    assert lab.fact("count", {"folder": "a"}, compute) == {"asked": 0}
    again = Laboratory("drawn", Scale.QUICK, study_data, lab.out)
    assert again.fact("count", {"folder": "a"}, compute) == {"asked": 0}
    assert again.fact("count", {"folder": "b"}, compute) == {"asked": 1}
    assert again.fact("other", {"folder": "a"}, compute) == {"asked": 2}


def test_interrupted_study_skips_what_is_there(lab: Laboratory, study_data: Path, tmp_path: Path) -> None:
    lab.run(arms(tmp_path)[:2], [1])
    again = Laboratory("drawn", Scale.QUICK, study_data, lab.out)
    again.run(arms(tmp_path)[:3], [1])
    assert (tmp_path / "log").read_text().split() == ["1"] * 3
    assert again.results.runs[:2] == lab.results.runs
    assert len(again.results.of(COMPARISON)) == 3


def test_results_on_other_pictures_are_not_gone_on_from(lab: Laboratory, tmp_path: Path) -> None:
    first = arms(tmp_path)[:1]
    runs = lab.run(first, [1])
    other = tmp_path / "other"
    write_fashion_mnist(other / "fashion-mnist", 30, 10)
    with pytest.raises(DataError, match="out: holds results on other pictures of fashion-mnist; choose another --out"):
        Laboratory("drawn", Scale.QUICK, other, lab.out).run(first, [1])
    assert Laboratory("drawn", Scale.QUICK, tmp_path / "nowhere", lab.out).run(first, [1]) == runs


def test_results_of_another_study_are_not_gone_on_from(lab: Laboratory, tmp_path: Path) -> None:
    lab.run(arms(tmp_path)[:1], [1])
    with pytest.raises(DataError, match="these are results of another study, drawn; choose another --out"):
        Laboratory("traced", Scale.QUICK, tmp_path, lab.out)
