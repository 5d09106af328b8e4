"""Whether two processes under torchrun learn what one process does: the same runs, each with several seeds.

    R=tests/benchmarks/results
    python -m tests.benchmarks.two_processes --data DIR/fashion-products DIR/phone-photos --out $R/two_processes.json

A small network on some of the pictures, since it is the difference that counts. Per field of the report side: the mean
accuracy of either way over the seeds, their difference, and the noise that it is held to: what the same difference of
two means would be by chance alone, from how far the seeds of one way lie apart.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from typing import Any

from ml.artifact import load

ONE = (sys.executable, "-m", "ml")
TWO = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "-m", "ml")
WAYS = {"one process": ONE, "two processes": TWO}
SETTINGS = (
    "--trunk=shufflenet_v2_x0_5", "--height=64", "--width=48", "--batch-size=64", "--learning-rate=3e-3",
)  # fmt: skip

Accuracies = dict[str, float]


def train(
    command: Sequence[str], data: Sequence[Path], options: argparse.Namespace, seed: int
) -> tuple[Accuracies, float]:
    """Accuracy by report set and field, and seconds."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["train", "--data", *map(str, data), "--out", f"{folder}/artifact", *SETTINGS]
        limits = [f"--limit={options.limit}", f"--epochs={options.epochs}", f"--seed={seed}"]
        since = time.perf_counter()
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        subprocess.run([*command, *arguments, *limits], env=environment, check=True, capture_output=True)
        seconds = time.perf_counter() - since
        metrics = load(Path(folder) / "artifact").card.metrics
    rows = ((f"{title} {field}", row["accuracy"]) for title, fields in metrics.items() for field, row in fields.items())
    return dict(rows), seconds


def compare(runs: dict[str, list[Accuracies]]) -> dict[str, dict[str, float]]:
    found = {}
    for field in runs["one process"][0]:
        values = {way: [run[field] for run in each] for way, each in runs.items()}
        means = {way: statistics.mean(each) for way, each in values.items()}
        noise = sqrt(sum(statistics.variance(each) / len(each) for each in values.values()))
        difference = means["two processes"] - means["one process"]
        rounded = {**means, "difference": difference, "noise": noise}
        found[field] = {name: round(value, 4) for name, value in rounded.items()}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="DIR")
    parser.add_argument("--limit", type=int, default=1500, help="pictures of each folder")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.json")
    options = parser.parse_args()
    runs: dict[str, list[Accuracies]] = {way: [] for way in WAYS}
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    for seed in range(1, options.seeds + 1):
        for way, command in WAYS.items():
            accuracies, taken = train(command, options.data, options, seed)
            runs[way].append(accuracies)
            seconds[way].append(taken)
            print(f"seed {seed}, {way}: {taken:.0f} s", flush=True)
    report: dict[str, Any] = {
        "settings": [*SETTINGS, f"--limit={options.limit}", f"--epochs={options.epochs}"],
        "seeds": options.seeds,
        "accuracy": compare(runs),
        "time of two by time of one": round(sum(seconds["two processes"]) / sum(seconds["one process"]), 2),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
    }
    options.out.write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
