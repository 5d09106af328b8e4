import json
from dataclasses import replace
from pathlib import Path

import pytest

from ml.artifact import load
from ml.errors import ArtifactError
from ml.job import Job, run_job
from ml.preprocessing import Preprocessing
from ml.train import TrainingConfig

CONFIG = TrainingConfig(trunk="shufflenet_v2_x0_5", preprocessing=Preprocessing(32, 24), epochs=1, batch_size=16)


def job(data: list[Path], folder: Path) -> Job:
    return Job(data, folder / "artifact", folder / "run", CONFIG)


def test_finish_needs_a_checkpoint(drawn_data: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="no checkpoint to finish from"):
        run_job(replace(job(drawn_data, tmp_path), finish=True))


def test_finish_saves_the_newest_checkpoint_without_training(drawn_data: list[Path], tmp_path: Path) -> None:
    trained = job(drawn_data, tmp_path)
    run_job(trained)
    run_job(replace(trained, out=tmp_path / "again", finish=True))
    weights = [(tmp_path / name / "weights.safetensors").read_bytes() for name in ("artifact", "again")]
    assert weights[0] == weights[1]


def test_run_from_before_a_setting_existed_goes_on_with_its_default(drawn_data: list[Path], tmp_path: Path) -> None:
    trained = job(drawn_data, tmp_path)
    run_job(trained)
    file = trained.run / "config.json"
    settings = json.loads(file.read_text())
    del settings["optimizer"], settings["steps"]
    file.write_text(json.dumps(settings))
    run_job(replace(trained, resume=True))
    file.write_text(json.dumps(settings))
    with pytest.raises(ArtifactError, match="started with another configuration"):
        run_job(replace(trained, resume=True, config=replace(CONFIG, optimizer="sgd")))


def test_same_seed_gives_the_same_weights(drawn_data: list[Path], tmp_path: Path) -> None:
    for name in ("first", "second"):
        run_job(replace(job(drawn_data, tmp_path / name), limit=40))
    first, second = (load(tmp_path / name / "artifact") for name in ("first", "second"))
    assert first.card.history == second.card.history
    weights = [(tmp_path / name / "artifact" / "weights.safetensors").read_bytes() for name in ("first", "second")]
    assert weights[0] == weights[1]


def test_limit_counts_pictures_of_each_folder(drawn_data: list[Path], tmp_path: Path) -> None:
    run_job(replace(job(drawn_data, tmp_path), limit=25))
    counts = load(tmp_path / "artifact").card.data["pictures"].values()
    assert sum(side.get("studio", 0) for side in counts) == 25
    assert sum(side.get("phone", 0) for side in counts) == 25


def test_training_goes_on_from_an_artifact(tiny_artifact: Path, drawn_data: list[Path], tmp_path: Path) -> None:
    gentle = replace(CONFIG, learning_rate=1e-6, average_decay=0.5)
    run_job(replace(job(drawn_data, tmp_path), config=gentle, start=tiny_artifact))
    before, after = (load(path).network.state_dict() for path in (tiny_artifact, tmp_path / "artifact"))
    assert before.keys() == after.keys()
    assert max(float((before[name] - after[name]).abs().max()) for name in before if "heads" in name) < 1e-3


def test_an_artifact_with_other_classes_or_trunk_is_no_start(
    tiny_artifact: Path, drawn_data: list[Path], tmp_path: Path
) -> None:
    with pytest.raises(ArtifactError, match="classes are not those of the data"):
        run_job(replace(job(drawn_data[:1], tmp_path / "fewer"), start=tiny_artifact, limit=2))
    other = replace(CONFIG, trunk="mobilenet_v2")
    with pytest.raises(ArtifactError, match="its trunk is shufflenet_v2_x0_5"):
        run_job(replace(job(drawn_data, tmp_path / "other"), config=other, start=tiny_artifact))
