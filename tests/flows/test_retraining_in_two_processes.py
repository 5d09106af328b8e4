"""The full gear under torchrun: two processes learn, one promotes; when one is killed, nobody does."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from onboarding.models import ModelVersion, RetrainRun
from onboarding.services.loading import load_tagger
from onboarding.services.model_versions import active_version, register_artifact
from tests.artifacts import drawn, published_folder, tiny_artifact
from tests.live import BASE_DIR, environment

TORCHRUN = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2")
State = RetrainRun.State


@pytest.fixture
def folder(live_database: Path, tmp_path: Path) -> Path:
    """The pictures that the active model was trained on, so to say."""
    from ml.extras import pack_artifact

    folder = published_folder(tmp_path / "known", drawn(range(200, 215)))
    pack_artifact(tiny_artifact(), [folder], tmp_path / "packed")
    register_artifact(tmp_path / "packed", activate=True)
    return folder


@contextmanager
def retraining(data_dir: Path, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [*TORCHRUN, "manage.py", "retrain", "--full", "--data", str(folder)],
        cwd=BASE_DIR,
        env=environment(data_dir),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def process_of_rank(rank: int, process: "subprocess.Popen[str]") -> psutil.Process:
    (found,) = [each for each in psutil.Process(process.pid).children() if each.environ().get("RANK") == str(rank)]
    return found


def test_two_processes_learn_and_the_first_promotes(live_database: Path, folder: Path) -> None:
    first = active_version()
    with retraining(live_database, folder) as process:
        said, errors = process.communicate()
    assert process.returncode == 0, errors
    assert said.count("Step 5 of 5: deciding.") == 1
    run = RetrainRun.objects.get()
    assert (run.state, run.base, run.candidate) == (State.PROMOTED, first, active_version())
    assert active_version().card["training"]["processes"] == 2
    assert load_tagger(active_version()).works()


def test_when_the_second_process_is_killed_nothing_is_promoted_and_the_run_says_so(
    live_database: Path, folder: Path
) -> None:
    first = active_version()
    with retraining(live_database, folder) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "Step 1 of 5: reading the labels.\n"
        other = process_of_rank(1, process)
        while process.stdout.readline() != "  train\n":
            pass
        other.kill()
        _, errors = process.communicate()
    assert process.returncode == 1, errors
    run = RetrainRun.objects.get()
    (reason,) = run.report["reasons"]
    assert "nother process of this training" in reason  # told by the network's end, or by torchrun, whichever is first
    assert reason in errors
    assert run.state == State.FAILED
    assert (active_version(), ModelVersion.objects.count()) == (first, 1)
