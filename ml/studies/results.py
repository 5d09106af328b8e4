"""What a study found: its runs and further facts, from which alone its report and its plots are made."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ml.studies.runs import COMPARISON, Run


@dataclass
class Results:
    """`scale` is how much was run: quick, standard or full; `facts` are a study's own figures, as JSON has them."""

    study: str
    scale: str
    machine: Mapping[str, Any]
    runs: list[Run] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def of(self, part: str = COMPARISON) -> dict[str, list[Run]]:
        """The runs of one part by arm, in the order in which they were asked for."""
        found: dict[str, list[Run]] = {}
        for run in self.runs:
            if run.part == part:
                found.setdefault(run.arm, []).append(run)
        return found

    def save(self, file: Path) -> None:
        """One line per run, so that two results can be compared line by line."""
        settings = {**{name: value for name, value in vars(self).items() if name != "runs"}}
        runs = ",\n".join(json.dumps(vars(run)) for run in self.runs)
        head = json.dumps(settings, indent=1)[:-2]
        file.write_text(f'{head},\n "runs": [\n{runs}\n]}}\n')

    @classmethod
    def load(cls, file: Path) -> "Results":
        content = json.loads(file.read_text())
        return cls(**{**content, "runs": [Run(**run) for run in content["runs"]]})


def values(runs: Sequence[Run], measure: str) -> list[float]:
    """One figure of the test side per run."""
    return [run.test[measure] for run in runs if run.test]
