from collections.abc import Callable
from pathlib import Path

import pytest

from ml.__main__ import main
from ml.errors import DataError
from ml.preprocessing import Preprocessing
from ml.studies import plots
from ml.studies.data import DataConfig
from ml.studies.laboratory import Laboratory, Scale
from ml.studies.recipes import NetworkRecipe
from ml.studies.results import Results
from ml.studies.runs import Arm
from ml.studies.study import Study, conduct, write_report
from ml.train import TrainingConfig


def run(lab: Laboratory) -> None:
    lab.results.facts["answer"] = 42


def report(results: Results) -> list[str]:
    return [f"{results.facts['answer']}."]


STUDY = Study("How many?", run, report, lambda results: {"few": plots.panels(1)[0]})


def test_study_leaves_results_plots_and_report(tmp_path: Path) -> None:
    report = conduct(STUDY, "counting", Scale.STANDARD, tmp_path, tmp_path / "docs" / "counting")
    assert report.read_text().startswith("# counting\n\nHow many?\n\n42.\n\nScale: standard; ")
    assert sorted(path.name for path in report.parent.iterdir()) == ["few.svg", "report.md", "results.json"]


def test_quick_study_never_enters_the_documentation(tmp_path: Path) -> None:
    out = tmp_path / "docs" / "studies" / "counting"
    with pytest.raises(DataError, match="no evidence"):
        conduct(STUDY, "counting", Scale.QUICK, tmp_path, out)
    assert not out.exists()


def test_report_follows_from_the_results_alone(tmp_path: Path) -> None:
    report = conduct(STUDY, "counting", Scale.STANDARD, tmp_path, tmp_path)
    results = Results.load(tmp_path / "results.json")
    results.facts["answer"] = 43
    results.save(tmp_path / "results.json")
    assert write_report(STUDY, tmp_path) == report
    assert "\n\n43.\n\n" in report.read_text()


def test_command_writes_the_report_anew_without_running(
    quick_study: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    out = quick_study("batch-size")
    before = (out / "report.md").read_text()
    (out / "report.md").unlink()
    capsys.readouterr()  # of the quick run, where this test is the first to need it
    assert main(["study", "batch-size", "--report", "--data", "nowhere", "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"{out / 'report.md'}\n"
    assert (out / "report.md").read_text() == before


def test_results_alone_are_enough_to_go_on_from(quick_study: Callable[[str], Path], tmp_path: Path) -> None:
    done = quick_study("batch-size")
    (tmp_path / "results.json").write_bytes((done / "results.json").read_bytes())
    command = ["study", "batch-size", "--quick", "--data", str(tmp_path / "nowhere"), "--out", str(tmp_path)]
    assert main(command) == 0  # without data nothing could be computed
    assert Results.load(tmp_path / "results.json").runs == Results.load(done / "results.json").runs
    assert (tmp_path / "report.md").read_text() == (done / "report.md").read_text()


def test_going_through_it_again_leaves_no_file_with_less_behind(
    quick_study: Callable[[str], Path], tmp_path: Path
) -> None:
    whole = quick_study("batch-size") / "results.json"
    (tmp_path / "results.json").write_bytes(whole.read_bytes())
    lab = Laboratory("batch-size", Scale.QUICK, tmp_path / "nowhere", tmp_path)
    first = Results.load(whole).runs[0]
    data, recipe = first.config["data"], first.config["NetworkRecipe"]
    training = {**recipe["training"], "preprocessing": Preprocessing(**recipe["training"]["preprocessing"])}
    arm = Arm(first.arm, DataConfig(**data), NetworkRecipe(**{**recipe, "training": TrainingConfig(**training)}))
    assert lab.run([arm], [first.seed], first.part) == [first]
    assert (tmp_path / "results.json").read_bytes() == whole.read_bytes()


def test_missing_data_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "batch-size", "--quick", "--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == f"error: {tmp_path / 'train-images-idx3-ubyte.gz'}: no such file.\n"
