"""A retraining in words and as a file: what it learned from, how both models did, what was decided and why."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from onboarding.models import Evaluation, Prediction, RetrainRun

State = RetrainRun.State

VERDICTS = {
    State.PROMOTED: "Promoted: it is not worse than the model before. Workers use it from their next batch on.",
    State.KEPT: "Not promoted: the active model stays.",
    State.CANDIDATE: "Not promoted, as asked. It is no worse: `manage.py models promote {name}` puts it to work.",
    State.FAILED: "Failed: the active model stays.",
}
PICTURES = {value.value: value.label for value in Evaluation.Pictures}
OUTPUTS = {value.value: value.label for value in Prediction.Output}


def as_json(run: RetrainRun) -> dict[str, Any]:
    times = {"started_at": run.started_at, "finished_at": run.finished_at}
    return {
        "run": run.pk,
        "outcome": run.state,
        **{name: time.isoformat() if time else None for name, time in times.items()},
        **run.report,
    }


def as_text(run: RetrainRun) -> str:
    return "\n".join(_lines(run, run.report)) + "\n"


def _lines(run: RetrainRun, report: Mapping[str, Any]) -> Iterator[str]:
    yield f"Retraining {run.pk}, {run.started_at:%Y-%m-%d %H:%M} UTC"
    if "candidate" in report:
        yield f"{report['candidate']}, from {report['base']}"
    if snapshot := report.get("snapshot"):
        yield ""
        yield from _snapshot_lines(snapshot)
    if comparison := report.get("comparison"):
        yield ""
        yield from _comparison_lines(comparison)
    yield ""
    yield VERDICTS.get(State(run.state), run.get_state_display()).format(name=report.get("candidate", ""))
    yield from (f"- {reason}" for reason in report.get("reasons", ()))


def _snapshot_lines(snapshot: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"Labelled photos: {snapshot['photos']} ({snapshot['to_learn_from']} to learn from, "
        f"{snapshot['to_calibrate']} to calibrate, {snapshot['held_out']} held out)"
    )
    if snapshot["unreadable"]:
        yield f"Left out, as their file cannot be read: {snapshot['unreadable']}"
    yield "Labels: " + ", ".join(f"{OUTPUTS[output]} {count}" for output, count in snapshot["labels"].items())
    yield "Learned: " + ("the whole network" if snapshot.get("gear") == "full" else "the heads, on a frozen trunk")
    if snapshot["data"]:
        yield "Further pictures from: " + ", ".join(snapshot["data"])
    yield f"Snapshot: {snapshot['sha256']}"


def _comparison_lines(comparison: list[Mapping[str, Any]]) -> Iterator[str]:
    yield f"{'Pictures':<28} {'Field':<16} {'n':>6} {'before':>8} {'after':>8} {'gained':>7} {'lost':>6}"
    for row in comparison:
        names = f"{PICTURES[row['pictures']]!s:<28} {OUTPUTS[row['field']]!s:<16}"
        shares = f"{row['before']:>8.4f} {row['after']:>8.4f}"
        yield f"{names} {row['n']:>6} {shares} {row['only_after']:>7} {row['only_before']:>6}"


def write_report(run: RetrainRun, folder: Path) -> tuple[Path, Path]:
    """Writes `run-N.json` and `run-N.txt` into an existing folder; returns their paths."""
    files = folder / f"run-{run.pk}.json", folder / f"run-{run.pk}.txt"
    files[0].write_text(json.dumps(as_json(run), indent=1) + "\n", encoding="utf-8")
    files[1].write_text(as_text(run), encoding="utf-8")
    return files
