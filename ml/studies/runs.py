"""One run: an arm and a seed in, curves, figures and cost out; stored at once, and never computed twice."""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, asdict, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Final

from ml.studies.clock import PeakMemory
from ml.studies.data import DataConfig, StudyData, labels_of, load_data
from ml.studies.measures import detail, measure
from ml.studies.recipes import Learned, Recipe

COMPARISON: Final = "comparison"
TUNING: Final = "tuning"
_FORMAT: Final = 1
"""Counted up when the same configuration comes to mean something else: then stored runs are computed anew."""


@dataclass(frozen=True)
class Arm:
    """One of the things compared: `name` is for tables and plots; what it computes is the rest."""

    name: str
    data: DataConfig
    recipe: Recipe

    @property
    def config(self) -> dict[str, Any]:
        """Everything but the name, as JSON has it."""
        settings = {"data": asdict(self.data), type(self.recipe).__name__: asdict(self.recipe)}  # type: ignore[call-overload]
        plain: dict[str, Any] = json.loads(json.dumps(settings))
        return plain


@dataclass(frozen=True)
class Run:
    """One run, as `results.json` holds it.

    `part` is what a study ran it for. `pictures` are counts per side; `cost` has seconds (learning alone),
    cpu_seconds, mebibytes (peak), steps, images (seen, repeats too), epochs and parameters. `test` and `detail` are
    None where the test side was not to be read.
    """

    arm: str
    part: str
    seed: int
    config: Mapping[str, Any]
    classes: Sequence[str]
    pictures: Mapping[str, int]
    cost: Mapping[str, float]
    curves: Sequence[Mapping[str, float]]
    validation: Mapping[str, float]
    test: Mapping[str, float] | None = None
    detail: Mapping[str, Any] | None = None


def run_arm(arm: Arm, part: str, seed: int, folder: Path, data_folder: Path, earlier: Sequence[Run] = ()) -> Run:
    """The run stored in `folder`, else the same one among `earlier` ones, else a new one.

    Only one for comparison reads the test side, once, at its end.
    """
    identity = [_FORMAT, arm.config, seed, part == COMPARISON]
    workspace = folder / f"{_key(identity)}.unfinished"

    def compute() -> dict[str, Any]:
        known = next((run for run in earlier if _is_run_of(run, arm, part, seed)), None)
        if known:
            return _content(known, arm)
        data = load_data(arm.data, arm.recipe.preprocessing, data_folder, seed)
        with PeakMemory() as memory:
            learned = arm.recipe.learn(data, seed, workspace)
        found = _measured(learned, data, memory.mebibytes, reads_test=part == COMPARISON)
        return {"seed": seed, "config": arm.config, **found}

    found = stored(folder, identity, compute)
    shutil.rmtree(workspace, ignore_errors=True)
    return Run(arm=arm.name, part=part, **found)


def _is_run_of(run: Run, arm: Arm, part: str, seed: int) -> bool:
    is_alike = run.seed == seed and (run.part == COMPARISON) == (part == COMPARISON)
    return is_alike and _says(run.config, {"data": arm.data, type(arm.recipe).__name__: arm.recipe})


def _says(kept: Any, value: Any) -> bool:
    """Whether settings stored as JSON are these; a field that came later counts as at its default."""
    if not (is_dataclass(value) or isinstance(value, Mapping)):
        return bool(kept == json.loads(json.dumps(value)))
    if not isinstance(kept, Mapping):
        return False
    defaults = {each.name: _default(each) for each in fields(value)} if is_dataclass(value) else {}
    values = dict(value) if isinstance(value, Mapping) else vars(value)
    return kept.keys() <= values.keys() and all(
        _says(kept[name], values[name]) if name in kept else name in defaults and values[name] == defaults[name]
        for name in values
    )


def _default(each: Field[Any]) -> Any:
    return each.default if each.default_factory is MISSING else each.default_factory()


def _content(run: Run, arm: Arm) -> dict[str, Any]:
    found = {name: value for name, value in vars(run).items() if value is not None and name not in ("arm", "part")}
    return {**found, "config": arm.config}


def stored(folder: Path, identity: Sequence[Any], compute: Callable[[], Any]) -> Any:
    """What `compute` gives, as JSON has it; computed once for each identity (JSON too), then read from `folder`."""
    file = folder / f"{_key(identity)}.json"
    if not file.exists():
        text = json.dumps(compute())
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(file, text + "\n")
    return json.loads(file.read_text())


def _key(identity: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:16]


def _measured(learned: Learned, data: StudyData, mebibytes: float, *, reads_test: bool) -> dict[str, Any]:
    sides = {"train": data.train, "validation": data.validation, "test": data.test}
    cost = {
        "seconds": round(learned.clock.seconds, 3),
        "cpu_seconds": round(learned.clock.cpu_seconds, 3),
        "mebibytes": round(mebibytes, 1),
        "steps": learned.steps,
        "images": learned.images,
        "epochs": round(learned.epochs, 3),
        "parameters": learned.parameters,
    }
    found = {
        "classes": list(data.classes),
        "pictures": {side: len(table) for side, table in sides.items()},
        "cost": cost,
        "curves": list(learned.curves),
        "validation": measure(learned.probabilities(data.validation.canvases), labels_of(data.validation)),
    }
    if reads_test:
        probabilities, truths = learned.probabilities(data.test.canvases), labels_of(data.test)
        found |= {"test": measure(probabilities, truths), "detail": asdict(detail(probabilities, truths))}
    return found


def write_whole(file: Path, text: str) -> None:
    """At once or not at all."""
    unfinished = file.with_suffix(".part")
    unfinished.write_text(text)
    unfinished.rename(file)
