"""The end of a training run: calibrate, save, read back, measure what was saved, save the figures with it."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from ml.artifact import Card, round_weights, save
from ml.calibration import NEUTRAL, Calibration, calibrate
from ml.dataset import load_table
from ml.evaluate import as_json, evaluate_domains, figures_table
from ml.inference import table_logits
from ml.layouts import Example
from ml.network import Network
from ml.predictor import Predictor
from ml.splits import ALL, CALIBRATE, DESCRIPTION, REPORT
from ml.train import TrainingConfig
from ml.vocabulary import Vocabulary

LIBRARIES = ("torch", "torchvision", "pillow", "numpy", "safetensors", "scikit-learn")

Sides = Mapping[str, Sequence[Example]]


def finish(
    out: Path,
    config: TrainingConfig,
    network: Network,
    vocabulary: Vocabulary,
    by_side: Sides,
    history: Sequence[Mapping[str, float]],
) -> None:
    """Save the trained network as an artifact whose card holds figures measured on the saved artifact."""
    round_weights(network)
    calibration = _calibrate(config, network, vocabulary, by_side.get(CALIBRATE, ()))
    card = _card(config, vocabulary, calibration, by_side, history)
    save(out, network, card)
    metrics = _measure(out, by_side.get(REPORT, ()))
    save(out, network, replace(card, metrics=metrics))


def _calibrate(
    config: TrainingConfig, network: Network, vocabulary: Vocabulary, examples: Sequence[Example]
) -> Calibration:
    if not examples:
        return NEUTRAL
    table = load_table(examples, vocabulary, config.preprocessing, CALIBRATE)
    return calibrate(table_logits(network, table.canvases, config.preprocessing), examples, vocabulary)


def _measure(artifact: Path, examples: Sequence[Example]) -> dict[str, object]:
    """Report-side figures by kind of picture, printed and returned."""
    if not examples:
        return {}
    figures = evaluate_domains(Predictor.load(artifact), examples)
    metrics = {f"{domain} {REPORT}": as_json(rows) for domain, rows in figures.items() if domain != ALL}
    for title, rows in metrics.items():
        Console().print(figures_table(title, rows))
    return dict(metrics)


def _card(
    config: TrainingConfig,
    vocabulary: Vocabulary,
    calibration: Calibration,
    by_side: Sides,
    history: Sequence[Mapping[str, float]],
) -> Card:
    return Card(
        name="lapel-" + config.trunk.replace("_", ""),
        trunk=config.trunk,
        preprocessing=config.preprocessing,
        vocabulary=vocabulary,
        calibration=calibration,
        metrics={},
        data={"split": DESCRIPTION, "pictures": _counts(by_side)},
        training=asdict(config),
        history=list(history),
        libraries={"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _counts(by_side: Sides) -> dict[str, dict[str, int]]:
    """Pictures by side and kind."""
    counts: dict[str, dict[str, int]] = {}
    for side, examples in sorted(by_side.items()):
        domains = [example.domain for example in examples]
        counts[side] = {domain: domains.count(domain) for domain in sorted(set(domains))}
    return counts
