from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from ml.__main__ import main
from tests.ml.studies.drawn import write_data


@pytest.fixture(scope="session")
def study_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_data(tmp_path_factory.mktemp("study-data"))


@pytest.fixture(scope="session")
def quick_study(study_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of one quick run of a study, by its name; every test looks at the same one."""

    @cache
    def conducted(name: str) -> Path:
        out = tmp_path_factory.mktemp(name)
        assert main(["study", name, "--quick", "--data", str(study_data), "--out", str(out)]) == 0
        return out

    return conducted
