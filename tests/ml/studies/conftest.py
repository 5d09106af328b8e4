from pathlib import Path

import pytest

from tests.ml.studies.drawn import write_data


@pytest.fixture(scope="session")
def study_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_data(tmp_path_factory.mktemp("study-data"))
