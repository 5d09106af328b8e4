import subprocess
import sys

import pytest

from ml.errors import MlError
from ml.studies.registry import MODULES, load_study
from ml.studies.study import Study


@pytest.mark.parametrize("name", MODULES)
def test_every_name_leads_to_a_study(name: str) -> None:
    assert isinstance(load_study(name), Study)


def test_the_product_does_without_the_libraries_of_the_studies() -> None:
    code = (
        "import sys, pkgutil, importlib, ml, ml.__main__, ml.studies.registry;"
        "modules = [m.name for m in pkgutil.iter_modules(ml.__path__) if m.name not in ('studies', 'bench')];"
        "[importlib.import_module(f'ml.{name}') for name in modules];"
        "print(sorted({'matplotlib', 'optuna', 'cleanlab'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert shown.strip() == "[]"


def test_missing_library_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("ml.studies.batch_size")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)  # as if it were not installed
    with pytest.raises(MlError, match=r"^The studies need matplotlib\.figure.*pip install"):
        load_study("batch-size")
