from pathlib import Path

import pytest
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution

from ml.studies.data import DataConfig
from ml.studies.laboratory import Laboratory, Scale
from ml.studies.runs import Arm
from ml.studies.tuning import GRID, RANDOM, TPE, Search, Settings, search
from tests.ml.studies.test_runs import Guess

SPACE: dict[str, BaseDistribution] = {
    "number": CategoricalDistribution([0, 3, 7]),
    "nothing": FloatDistribution(0.0, 1.0),
}


def searched(data: Path, folder: Path, sampler: str, space: dict[str, BaseDistribution] = SPACE) -> Search:
    """Which class to say of every picture; the other setting does not matter."""

    def arm_of(settings: Settings) -> Arm:
        return Arm(str(settings), DataConfig(limit=60), Guess(str(folder / "log"), settings["number"]))

    folder.mkdir(exist_ok=True)
    return search(Laboratory("drawn", Scale.QUICK, data, folder), space, arm_of, trials=6, sampler=sampler)


@pytest.mark.parametrize("sampler", [RANDOM, TPE])
def test_search_finds_the_setting_that_matters(study_data: Path, tmp_path: Path, sampler: str) -> None:
    found = searched(study_data, tmp_path / sampler, sampler)
    assert len(found.trials) == 6
    assert found.best.accuracy == max(trial.accuracy for trial in found.trials)
    assert sum(found.importance.values()) == pytest.approx(1.0, abs=1e-3)
    assert next(iter(found.importance)) == "number"


def test_interrupted_search_goes_on_with_the_same_trials(study_data: Path, tmp_path: Path) -> None:
    first = searched(study_data, tmp_path / "out", TPE)
    runs = (tmp_path / "out" / "log").read_text()
    assert searched(study_data, tmp_path / "out", TPE) == first
    assert (tmp_path / "out" / "log").read_text() == runs


def test_grid_tries_each_choice(study_data: Path, tmp_path: Path) -> None:
    space: dict[str, BaseDistribution] = {
        "number": CategoricalDistribution([0, 3, 7]),
        "other": CategoricalDistribution(["a", "b"]),
    }
    found = searched(study_data, tmp_path / "out", GRID, space)
    tried = sorted((trial.settings["number"], trial.settings["other"]) for trial in found.trials)
    assert tried == [(number, other) for number in (0, 3, 7) for other in ("a", "b")]
