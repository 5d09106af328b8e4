"""A tiny network, really trained by the real command, shared by the tests that need one."""

from pathlib import Path

import pytest

from ml.__main__ import main
from ml.predictor import Predictor
from tests.ml.drawings import write_phone, write_published
from tests.once import RUN, made_once

TINY = [
    "--trunk=shufflenet_v2_x0_5",
    "--height=32",
    "--width=24",
    "--batch-size=16",
    "--learning-rate=0.01",
]


@pytest.fixture(scope="session")
def trained_once() -> Path:
    """A folder with data and the artifact that learned from it."""
    return made_once(f"trained-{RUN}", train)


def train(folder: Path) -> None:
    data = [write_published(folder / "studio", 120), write_phone(folder / "phone", 30)]
    out = str(folder / "artifact")
    assert main(["train", "--data", *map(str, data), "--out", out, "--epochs", "12", *TINY]) == 0


@pytest.fixture(scope="session")
def drawn_data(trained_once: Path) -> list[Path]:
    return [trained_once / "studio", trained_once / "phone"]


@pytest.fixture(scope="session")
def tiny_artifact(trained_once: Path) -> Path:
    return trained_once / "artifact"


@pytest.fixture(scope="session")
def predictor(tiny_artifact: Path) -> Predictor:
    return Predictor.load(tiny_artifact, device="cpu")
