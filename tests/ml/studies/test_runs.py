import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import torch

from ml.preprocessing import Preprocessing
from ml.studies.clock import Clock
from ml.studies.data import DataConfig, StudyData
from ml.studies.measures import MEASURES
from ml.studies.recipes import Learned
from ml.studies.runs import COMPARISON, TUNING, Arm, run_arm


@dataclass(frozen=True)
class Guess:
    """Says the same class of every picture; every learning leaves a line in `log`."""

    log: str
    number: int = 0
    preprocessing: Preprocessing = field(default_factory=lambda: Preprocessing(28, 28))

    def learn(self, data: StudyData, seed: int, workspace: Path) -> Learned:
        with Path(self.log).open("a") as stream:
            stream.write(f"{seed}\n")
        workspace.mkdir(parents=True, exist_ok=True)
        row = torch.nn.functional.one_hot(torch.tensor(self.number), len(data.classes)).float()
        return Learned(lambda canvases: row.expand(len(canvases), -1), 0, len(data.train), 1.0, Clock(0.5, 0.25))


@pytest.fixture
def arm(tmp_path: Path) -> Arm:
    return Arm("guess", DataConfig(limit=20), Guess(str(tmp_path / "log")))


def lines(tmp_path: Path) -> list[str]:
    return (tmp_path / "log").read_text().split()


def test_run_is_stored_and_never_computed_twice(arm: Arm, study_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    first = run_arm(arm, COMPARISON, 1, folder, study_data)
    again = run_arm(replace(arm, name="the same by another name"), COMPARISON, 1, folder, study_data)
    assert lines(tmp_path) == ["1"]
    assert again == replace(first, arm="the same by another name")
    assert [path.suffix for path in folder.iterdir()] == [".json"]  # and the workspace is gone


def test_what_an_earlier_version_found_still_counts_where_fields_came_since(
    arm: Arm, study_data: Path, tmp_path: Path
) -> None:
    found = run_arm(arm, COMPARISON, 1, tmp_path / "runs", study_data)
    config = json.loads(json.dumps(found.config))
    del config["Guess"]["number"], config["Guess"]["preprocessing"]["std"]
    earlier = [replace(found, config=config)]
    assert run_arm(arm, COMPARISON, 1, tmp_path / "other", tmp_path / "nowhere", earlier) == found
    changed = replace(arm, recipe=replace(arm.recipe, number=1))  # type: ignore[type-var]
    assert run_arm(changed, COMPARISON, 1, tmp_path / "other", study_data, earlier) != found
    assert lines(tmp_path) == ["1", "1"]


@pytest.mark.parametrize("lacks", ["log", "data"])
def test_without_a_field_that_has_no_default_it_is_another_run(
    arm: Arm, study_data: Path, tmp_path: Path, lacks: str
) -> None:
    found = run_arm(arm, COMPARISON, 1, tmp_path / "runs", study_data)
    config = json.loads(json.dumps(found.config))
    del (config if lacks == "data" else config["Guess"])[lacks]
    run_arm(arm, COMPARISON, 1, tmp_path / "other", study_data, [replace(found, config=config)])
    assert lines(tmp_path) == ["1", "1"]


@pytest.mark.parametrize("change", ["seed", "recipe", "data", "part"])
def test_whatever_changes_the_outcome_makes_another_run(
    arm: Arm, study_data: Path, tmp_path: Path, change: str
) -> None:
    run_arm(arm, COMPARISON, 1, tmp_path / "runs", study_data)
    other = {
        "seed": (arm, COMPARISON, 2),
        "recipe": (replace(arm, recipe=replace(arm.recipe, number=1)), COMPARISON, 1),  # type: ignore[type-var]
        "data": (replace(arm, data=DataConfig(limit=30)), COMPARISON, 1),
        "part": (arm, TUNING, 1),
    }[change]
    run_arm(*other, tmp_path / "runs", study_data)
    assert len(lines(tmp_path)) == 2


def test_run_records_everything_that_a_table_needs(arm: Arm, study_data: Path, tmp_path: Path) -> None:
    run = run_arm(arm, COMPARISON, 1, tmp_path / "runs", study_data)
    assert (run.arm, run.part, run.seed) == ("guess", COMPARISON, 1)
    assert run.pictures == {"train": 18, "validation": 2, "test": 20}
    assert {key: run.cost[key] for key in ("seconds", "cpu_seconds", "images", "epochs")} == {
        "seconds": 0.5,
        "cpu_seconds": 0.25,
        "images": 18,
        "epochs": 1.0,
    }
    assert run.config["data"]["limit"] == 20
    assert run.config["Guess"]["number"] == 0
    assert run.test
    assert run.detail
    assert list(run.test) == list(run.validation) == list(MEASURES)
    assert run.test["accuracy"] == 0.1
    assert [row[0] for row in run.detail["confusion"]] == [2] * 10


def test_tuning_never_reads_the_test_side(arm: Arm, study_data: Path, tmp_path: Path) -> None:
    run = run_arm(arm, TUNING, 1, tmp_path / "runs", study_data)
    assert (run.test, run.detail) == (None, None)
    (file,) = (tmp_path / "runs").iterdir()
    assert "test" not in json.loads(file.read_text())
