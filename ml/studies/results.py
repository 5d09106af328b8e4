"""What a study found: its runs and further facts, from which alone its report and its plots are made."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ml.errors import DataError
from ml.studies.runs import COMPARISON, Run, write_whole


class Facts(dict[str, Any]):
    """A study's own figures by name, as JSON has them; one that is asked for too early is a DataError."""

    def __missing__(self, name: str) -> Any:
        raise DataError(f"The study is not finished: its “{name}” comes at the end. The same command goes on.")


@dataclass
class Results:
    """`scale` is how much was run: quick, standard or full; `facts` are a study's own figures.

    `data` has the fingerprint of each data set that was found in `--data`.
    """

    study: str
    scale: str
    machine: Mapping[str, Any]
    runs: list[Run] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.facts = Facts(self.facts)

    def of(self, part: str = COMPARISON) -> dict[str, list[Run]]:
        """The runs of one part by arm, in the order in which they were asked for."""
        found: dict[str, list[Run]] = {}
        for run in self.runs:
            if run.part == part:
                found.setdefault(run.arm, []).append(run)
        return found

    def save(self, file: Path) -> None:
        """One line per run, so that two results can be compared line by line; at once or not at all."""
        settings = {**{name: value for name, value in vars(self).items() if name != "runs"}}
        runs = ",\n".join(json.dumps(vars(run)) for run in self.runs)
        head = json.dumps(settings, indent=1)[:-2]
        write_whole(file, f'{head},\n "runs": [\n{runs}\n]}}\n')

    @classmethod
    def load(cls, file: Path) -> "Results":
        """DataError where the file is none of these."""
        try:
            content = json.loads(file.read_text())
            runs = [Run(**run) for run in content["runs"]]
            return cls(**{**content, "runs": runs})
        except (ValueError, TypeError, KeyError) as error:
            raise DataError(f"{file}: no results of a study; without it, its runs beside it still count.") from error


def values(runs: Sequence[Run], measure: str) -> list[float]:
    """One figure of the test side per run."""
    return [run.test[measure] for run in runs if run.test]
