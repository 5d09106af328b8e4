"""Runs made by hand: small, and with a known right answer."""

from collections.abc import Mapping, Sequence

from ml.studies.measures import MEASURES
from ml.studies.results import Results
from ml.studies.runs import COMPARISON, Run

CURVE = {"train_loss": 0.5, "train_accuracy": 0.8, "validation_loss": 0.6, "validation_accuracy": 0.7}
DETAIL = {
    "confusion": [[3, 1], [0, 4]],
    "reliability": [[0, 0.0, 0.0]] * 14 + [[8, 0.95, 0.875]],
    "precision": [[1.0] * 21, [1.0] * 20 + [0.8]],
}


def make_run(arm: str, seed: int, figure: float, part: str = COMPARISON) -> Run:
    """Every test figure is `figure`."""
    return Run(
        arm=arm,
        part=part,
        seed=seed,
        config={},
        classes=["left", "right"],
        pictures={"train": 1200, "validation": 100, "test": 8},
        cost={
            "seconds": 4.0,
            "cpu_seconds": 6.0,
            "mebibytes": 50.0,
            "steps": 20,
            "images": 2400,
            "epochs": 2.0,
            "parameters": 1000,
        },
        curves=[{"epoch": epoch, "loss": 1.0, "images": 1200 * epoch, **CURVE} for epoch in (1, 2)],
        validation=dict.fromkeys(MEASURES, figure),
        test=dict.fromkeys(MEASURES, figure) if part == COMPARISON else None,
        detail=DETAIL if part == COMPARISON else None,
    )


def make_runs(arm: str, figures: Sequence[float]) -> list[Run]:
    return [make_run(arm, seed, figure) for seed, figure in enumerate(figures, 1)]


def make_results(figures: Mapping[str, Sequence[float]]) -> Results:
    """One arm per name, one run per figure."""
    runs = [run for arm, found in figures.items() for run in make_runs(arm, found)]
    return Results("drawn", "quick", {"cores": 2}, runs)
