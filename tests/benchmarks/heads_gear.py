"""The gear that refits the heads, on 5,000 labels of pictures that no training step has seen where there are so many.

    R=tests/benchmarks/results
    python -m tests.benchmarks.heads_gear --data DIR/fashion-products DIR/phone-photos --out $R/heads_gear.json

The labels are those of the tune and the calibrate side, then phone photos of the train side; their embeddings are
computed beforehand, as tagging does. What is timed is the whole of `ml.retrain.retrain`, from reading the artifact to
writing the candidate; a change is in points of accuracy on the report set that ships with the artifact.
"""

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from ml.artifact import DEFAULT_PATH
from ml.dataset import split
from ml.embeddings import EmbeddingTable, embed_examples
from ml.gear import RetrainJob
from ml.layouts import PHONE, Example, read_folders
from ml.predictor import Predictor
from ml.retrain import Retrained, retrain
from ml.splits import CALIBRATE, TRAIN, TUNE

LABELS = 5000


def lessons(predictor: Predictor, folders: Sequence[Path], count: int) -> EmbeddingTable:
    by_side = split(read_folders(folders))
    unseen: list[Example] = [*by_side[TUNE], *by_side[CALIBRATE]]
    phone = [example for example in by_side[TRAIN] if example.domain == PHONE]
    table = embed_examples(predictor, [*unseen, *phone][:count])
    return replace(table, sides=[TRAIN] * len(table), domains=[PHONE] * len(table))


def measure(artifact: Path, folders: Sequence[Path], count: int) -> dict[str, Any]:
    taught = lessons(Predictor.load(artifact), folders, count)
    clock = _Clock()
    with tempfile.TemporaryDirectory() as out:
        result = retrain(RetrainJob(artifact, taught, Path(out) / "candidate"), clock)
        sizes = {file.name: file.stat().st_size for file in sorted(result.path.iterdir())}
    return {
        "labels": len(taught),
        "seconds": {**clock.seconds(), "together": round(sum(clock.seconds().values()), 1)},
        "points": _points(result),
        "is_not_worse": result.verdict.is_not_worse,
        "bytes": {**sizes, "together": sum(sizes.values())},
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "load": round(os.getloadavg()[0], 1),
    }


class _Clock:
    """Hears the steps of a retraining as they begin."""

    def __init__(self) -> None:
        self._begun: dict[str, float] = {}

    def __call__(self, step: str, share: float) -> None:
        self._begun.setdefault("end" if (step, share) == ("save", 1.0) else step, time.perf_counter())

    def seconds(self) -> dict[str, float]:
        times = list(self._begun.items())
        return {step: round(until - since, 1) for (step, since), (_, until) in pairwise(times)}


def _points(result: Retrained) -> dict[str, float]:
    return {f"{row.pictures} {row.output}": round(-100 * row.loss, 2) for row in result.comparisons}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="DIR")
    parser.add_argument("--artifact", type=Path, default=DEFAULT_PATH)
    parser.add_argument("--labels", type=int, default=LABELS)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.json")
    options = parser.parse_args()
    report = measure(options.artifact, options.data, options.labels)
    options.out.write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
