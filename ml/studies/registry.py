"""The studies by name; each is one folder, imported when it is asked for: its experiment, and its findings."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final

from ml.errors import MlError

if TYPE_CHECKING:
    from ml.studies.study import Study

MODULES: Final[Mapping[str, str]] = {
    "architectures": "architectures",
    "batch-size": "batch_size",
    "cnn-variants": "cnn_variants",
    "explain": "explain",
    "explore": "explore",
    "search": "search",
    "transfer": "transfer",
}


def load_study(name: str) -> "Study":
    """The study's package is where its `STUDY` stands. MlError where the libraries of the studies are missing."""
    try:
        study: Study = import_module(f"ml.studies.{MODULES[name]}").STUDY
    except ModuleNotFoundError as error:
        raise MlError(
            f"The studies need {error.name}, which the product does not: pip install -r requirements-dev.txt"
        ) from error
    return study
