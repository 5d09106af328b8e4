"""A tiny network, really trained by the real command, shared by the tests that need one."""

from pathlib import Path

import pytest
import torch

from ml.__main__ import main
from ml.predictor import Predictor
from tests.ml.drawings import write_phone, write_published

TINY = [
    "--trunk=shufflenet_v2_x0_5",
    "--height=32",
    "--width=24",
    "--batch-size=16",
    "--learning-rate=0.01",
]


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)  # tiny networks lose time to thread switches


@pytest.fixture(scope="session")
def drawn_data(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("data")
    return [write_published(folder / "studio", 120), write_phone(folder / "phone", 30)]


@pytest.fixture(scope="session")
def tiny_artifact(tmp_path_factory: pytest.TempPathFactory, drawn_data: list[Path]) -> Path:
    out = tmp_path_factory.mktemp("trained") / "artifact"
    status = main(["train", "--data", *map(str, drawn_data), "--out", str(out), "--epochs", "12", *TINY])
    assert status == 0
    return out


@pytest.fixture(scope="session")
def predictor(tiny_artifact: Path) -> Predictor:
    return Predictor.load(tiny_artifact, device="cpu")
