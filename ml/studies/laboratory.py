"""What a study works with: it runs arms, remembers them, and chooses among settings on the validation side."""

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import torch

from ml.artifact import DEFAULT_PATH
from ml.dataset import STDERR
from ml.errors import DataError
from ml.predictor import Predictor
from ml.studies.data import find_folder
from ml.studies.folders import fingerprint
from ml.studies.results import Results
from ml.studies.runs import COMPARISON, TUNING, Arm, Run, run_arm, stored
from ml.studies.sheets import Sheets

Setting = TypeVar("Setting")
RESULTS_FILE = "results.json"
RUNS_FOLDER = "runs"


class Scale(Enum):
    """How much of a study is run: a minute to try it, what two cores do in hours, or all of it, for a GPU."""

    QUICK = "quick"
    STANDARD = "standard"
    FULL = "full"

    def pick(self, quick: Setting, standard: Setting, full: Setting) -> Setting:
        return {Scale.QUICK: quick, Scale.STANDARD: standard, Scale.FULL: full}[self]


class Laboratory:
    """Runs arms on the pictures in `data`; what was found is in `results`, and in `out` after every run.

    `artifact` is the trained network that a study looks at, or through; `pretrained` weights of a trunk, in `data`
    unless it is an absolute path.
    """

    def __init__(
        self,
        study: str,
        scale: Scale,
        data: Path,
        out: Path,
        artifact: Path = DEFAULT_PATH,
        pretrained: Path | None = None,
    ) -> None:
        self.scale, self.data, self.out = scale, data, out
        self.artifact, self.pretrained = artifact, pretrained
        self.sheets = Sheets(out)
        self._seen: dict[str, str] = {}
        self.results = Results(study, scale.value, machine())
        file = out / RESULTS_FILE
        before = Results.load(file) if file.exists() else self.results
        if before.study != study:
            raise DataError(f"{file}: these are results of another study, {before.study}; choose another --out.")
        self.earlier, self.results.data = list(before.runs), dict(before.data)

    @cached_property
    def predictor(self) -> Predictor:
        """The trained network, on an engine whose making pays where many pictures are looked at."""
        kept = self.out / RUNS_FOLDER
        return Predictor.load(self.artifact, cache=self.scale.pick(None, kept, kept))

    def run(self, arms: Sequence[Arm], seeds: Sequence[int], part: str = COMPARISON) -> list[Run]:
        """Every arm with every seed. Only the part `COMPARISON` reads the test side."""
        return [self._run(arm, seed, part) for arm in arms for seed in seeds]

    def best(self, arms: Sequence[Arm], seed: int = 0) -> Arm:
        """The arm that is most often right on the validation side, one run each; the first of equals."""
        accuracies = [run.validation["accuracy"] for run in self.run(arms, [seed], TUNING)]
        return arms[accuracies.index(max(accuracies))]

    def fact(self, name: str, config: Mapping[str, Any], compute: Callable[[], Any]) -> Any:
        """A study's own figures, computed once per configuration and stored at once, as runs are."""
        STDERR.print(f"{name}: {', '.join(str(value)[:20] for value in config.values())}")
        return stored(self.out / RUNS_FOLDER, [name, dict(config)], compute)

    def _run(self, arm: Arm, seed: int, part: str) -> Run:
        self._keep_to_data(arm.data.source)
        run = run_arm(arm, part, seed, self.out / RUNS_FOLDER, self.data, self.earlier)
        self.results.runs.append(run)
        if len(self.results.runs) > len(self.earlier):  # until then the file holds more
            self.results.save(self.out / RESULTS_FILE)
        side, figures = ("test", run.test) if run.test else ("validation", run.validation)
        STDERR.print(
            f"{part} {len(self.results.runs)}: {arm.name}, seed {seed}: {side} accuracy {figures['accuracy']:.4f}, "
            f"{run.cost['seconds']:.0f} s"
        )
        return run

    def _keep_to_data(self, source: str) -> None:
        """DataError where `out` has results on other pictures; without any, results alone are enough to go on from."""
        if source not in self._seen:
            self._seen[source] = fingerprint(find_folder(self.data, source))
        found = self._seen[source]
        if found and self.results.data.setdefault(source, found) != found:
            raise DataError(f"{self.out}: holds results on other pictures of {source}; choose another --out.")


def machine() -> dict[str, Any]:
    """What seconds and memory were measured on."""
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else platform.machine()
    return {"device": device, "cores": os.cpu_count(), "torch": torch.__version__, "python": platform.python_version()}
