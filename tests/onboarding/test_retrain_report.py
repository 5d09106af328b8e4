"""The report of a retraining, in words and as JSON."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from onboarding.models import RetrainRun
from onboarding.retrain_report import as_json, as_text, write_report
from tests.conftest import make_version

REPORT: dict[str, Any] = {
    "base": "lapel-1",
    "candidate": "lapel-2",
    "snapshot": {
        "photos": 60,
        "unreadable": 2,
        "to_learn_from": 48,
        "to_calibrate": 3,
        "held_out": 9,
        "labels": {"sub_category": 60, "colour": 40},
        "sha256": "c" * 64,
        "newest_confirmation": 7,
        "bulk": False,
        "undone": False,
        "gear": "heads",
        "data": ["/data/more"],
    },
    "comparison": [
        {
            "pictures": "held_out", "field": "sub_category", "n": 9, "before": 0.5, "after": 0.75,
            "only_before": 1, "only_after": 3,
        }
    ],
    "reasons": ["Colour on the report set (studio): 0.690 -> 0.671, a loss of 1.9 points where 0.3 are allowed."],
}  # fmt: skip


def make_run(state: str = "kept", report: dict[str, Any] | None = None) -> RetrainRun:
    when = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    base = make_version()
    return RetrainRun.objects.create(
        base=base, host="here:1", state=state, report=report or REPORT, started_at=when, lease_until=when
    )


def test_the_text_says_what_was_learned_from_how_both_did_and_why(db: None) -> None:
    run = make_run()
    assert (
        as_text(run)
        == f"""Retraining {run.pk}, 2026-03-01 12:30 UTC
lapel-2, from lapel-1

Labelled photos: 60 (48 to learn from, 3 to calibrate, 9 held out)
Left out, as their file cannot be read: 2
Labels: Subcategory 60, Colour 40
Learned: the heads, on a frozen trunk
Further pictures from: /data/more
Snapshot: {"c" * 64}

Pictures                     Field                 n   before    after  gained   lost
Sellers' held-out photos     Subcategory           9   0.5000   0.7500       3      1

Not promoted: the active model stays.
- Colour on the report set (studio): 0.690 -> 0.671, a loss of 1.9 points where 0.3 are allowed.
"""
    )


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ("promoted", "Promoted: it is not worse than the model before. Workers use it from their next batch on."),
        ("candidate", "Not promoted, as asked. It is no worse: `manage.py models promote lapel-2` puts it to work."),
        ("died", "ended without a word"),
    ],
)
def test_each_outcome_has_its_sentence(db: None, state: str, verdict: str) -> None:
    assert verdict in as_text(make_run(state)).splitlines()


def test_a_run_that_failed_early_says_why(db: None) -> None:
    run = make_run("failed", {"reasons": ["There are 5 labelled photos; retraining needs 33: 28 missing."]})
    assert as_text(run).splitlines()[1:] == [
        "",
        "Failed: the active model stays.",
        "- There are 5 labelled photos; retraining needs 33: 28 missing.",
    ]


def test_both_files_are_written(db: None, tmp_path: Path) -> None:
    run = make_run()
    files = write_report(run, tmp_path)
    assert json.loads(files[0].read_text()) == as_json(run)
    assert as_json(run)["started_at"] == "2026-03-01T12:30:00+00:00"
    assert files[1].read_text() == as_text(run)
    assert {path.name for path in tmp_path.iterdir()} == {f"run-{run.pk}.json", f"run-{run.pk}.txt"}


def test_the_text_says_when_the_whole_network_has_learned(db: None) -> None:
    report = {**REPORT, "snapshot": {**REPORT["snapshot"], "gear": "full"}}
    assert "Learned: the whole network" in as_text(make_run(report=report)).splitlines()
