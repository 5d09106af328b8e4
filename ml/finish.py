"""The end of a training run: calibrate, save, read back, measure what was saved, add figures and embeddings."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from ml.artifact import Card, load, round_weights, save
from ml.calibration import NEUTRAL, Calibration, calibrate
from ml.dataset import load_table
from ml.embeddings import EmbeddingTable, concatenate, embed_examples
from ml.evaluate import figures_table
from ml.extras import complete
from ml.inference import table_logits
from ml.layouts import Example
from ml.network import Network, choose_device
from ml.predictor import Predictor
from ml.splits import CALIBRATE, DESCRIPTION, REPORT, TRAIN
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
    """Save the trained network as an artifact, with figures measured on what was saved and with its embeddings."""
    round_weights(network)
    calibration = _calibrate(config, network, vocabulary, by_side.get(CALIBRATE, ()))
    card = _card(config, vocabulary, calibration, by_side, history)
    save(out, network, card)
    artifact = load(out)  # what is measured is what was stored
    with TemporaryDirectory() as cache:  # for the file of a faster engine
        table = _embed(Predictor(artifact, choose_device(), cache=Path(cache)), by_side)
    card, files = complete(artifact, table)
    for title, rows in card.metrics.items():
        Console().print(figures_table(title, rows))
    save(out, artifact.network, card, files)


def _embed(predictor: Predictor, by_side: Sides) -> EmbeddingTable:
    sides = [side for side in (TRAIN, CALIBRATE, REPORT) if side in by_side]
    return concatenate([embed_examples(predictor, by_side[side]) for side in sides])


def _calibrate(
    config: TrainingConfig, network: Network, vocabulary: Vocabulary, examples: Sequence[Example]
) -> Calibration:
    if not examples:
        return NEUTRAL
    table = load_table(examples, vocabulary, config.preprocessing, CALIBRATE)
    return calibrate(table_logits(network, table.canvases, config.preprocessing), examples, vocabulary)


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
        data={"split": DESCRIPTION, "pictures": counts(by_side)},
        training=asdict(config),
        history=list(history),
        libraries={"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def counts(by_side: Sides) -> dict[str, dict[str, int]]:
    """Pictures by side and kind."""
    counts: dict[str, dict[str, int]] = {}
    for side, examples in sorted(by_side.items()):
        domains = [example.domain for example in examples]
        counts[side] = {domain: domains.count(domain) for domain in sorted(set(domains))}
    return counts
