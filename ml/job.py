"""The training command's story: read, split, train, calibrate, evaluate, save the artifact."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from ml.artifact import load
from ml.checkpoint import checkpoints, load_checkpoint
from ml.dataset import PictureTable, load_table, split
from ml.distributed import fit
from ml.errors import ArtifactError, DataError
from ml.fields import CATEGORY
from ml.finish import finish
from ml.inference import table_logits
from ml.layouts import Example, read_folder
from ml.network import Network, choose_device, load_pretrained
from ml.splits import TRAIN, TUNE
from ml.titles import TitleWords
from ml.train import Trainer, TrainingConfig
from ml.vocabulary import Vocabulary

CONFIG_FILE = "config.json"
NO_WORDS = TitleWords(())


@dataclass(frozen=True)
class Job:
    """One call of the training command."""

    data: Sequence[Path]
    out: Path
    run: Path
    config: TrainingConfig
    pretrained: Path | None = None
    start: Path | None = None
    resume: bool = False
    finish: bool = False
    limit: int | None = None


def run_job(job: Job) -> None:
    """Train (or go on), then calibrate, measure and save; with `finish`, the newest checkpoint as it is."""
    examples = [example for folder in job.data for example in read_folder(folder)[: job.limit]]
    by_side = split(examples)
    vocabulary = Vocabulary.observed(example for examples in by_side.values() for example in examples)
    if not vocabulary.hierarchy.leaves:
        raise DataError("No picture has a full category (master, sub and article): nothing to learn.")
    words = TitleWords.observed(by_side.get(TRAIN, ()))
    trainer = _prepare(job, vocabulary, words)
    if not job.finish:
        fit_examples(trainer, by_side, vocabulary, job.run, words)
    for space in words.sizes:  # it has done its part
        del trainer.average.heads[space]
    finish(job.out, job.config, trainer.average, vocabulary, by_side, trainer.progression.history)


def _prepare(job: Job, vocabulary: Vocabulary, words: TitleWords) -> Trainer:
    torch.manual_seed(job.config.seed)
    network = Network(job.config.trunk, {**vocabulary.sizes, **words.sizes})
    if job.pretrained:
        load_pretrained(network, job.pretrained)
    if job.start:
        start_from(network, vocabulary, job.start)
    trainer = Trainer(job.config, network, choose_device())
    _check_same_run(job)
    found = checkpoints(job.run)
    if (job.resume or job.finish) and found:
        trainer.progression = load_checkpoint(found[-1], trainer.network, trainer.average, trainer.optimizer)
    elif job.finish:
        raise ArtifactError(f"{job.run}: no checkpoint to finish from.")
    elif found:
        raise ArtifactError(f"{job.run} holds a run already: go on with --resume, or name another --run.")
    return trainer


def start_from(network: Network, vocabulary: Vocabulary, artifact: Path) -> None:
    """Fill trunk and heads from a trained artifact, whose classes must be those of the data.

    Raises ArtifactError where trunk or classes differ.
    """
    source = load(artifact)
    if source.card.vocabulary != vocabulary:
        raise ArtifactError(f"{artifact}: its classes are not those of the data.")
    try:
        network.load_state_dict({**network.state_dict(), **source.network.state_dict()})
    except RuntimeError as error:
        raise ArtifactError(f"{artifact}: its trunk is {source.card.trunk}, not the one to train.") from error


def _check_same_run(job: Job) -> None:
    """A run goes on only with the configuration that it started with; a setting newer than the run had its default."""
    file, wanted = job.run / CONFIG_FILE, _as_json(job.config)
    if file.exists() and {**_as_json(TrainingConfig()), **json.loads(file.read_text())} != wanted:
        raise ArtifactError(f"{file}: the run was started with another configuration.")
    job.run.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(wanted, indent=1))


def _as_json(config: TrainingConfig) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(json.dumps(asdict(config)))
    return settings


def fit_examples(
    trainer: Trainer,
    by_side: Mapping[str, Sequence[Example]],
    vocabulary: Vocabulary,
    run: Path,
    words: TitleWords = NO_WORDS,
) -> None:
    """Train on the train side, with figures of the tune side after each epoch; DataError where the first is empty."""
    config = trainer.config
    sides = [side for side in (TRAIN, TUNE) if side in by_side]
    tables = {side: load_table(by_side[side], vocabulary, config.preprocessing, side) for side in sides}
    if TRAIN not in tables:
        raise DataError("No picture falls on the train side.")
    if words.words:
        targets = replace(tables[TRAIN].targets, words=words.encode(tables[TRAIN].examples))
        tables[TRAIN] = replace(tables[TRAIN], targets=targets)

    def evaluate(network: Network) -> dict[str, float]:
        return tune_figures(network, tables[TUNE], vocabulary, config) if TUNE in tables else {}

    fit(trainer, tables[TRAIN], run, evaluate)


def tune_figures(
    network: Network, table: PictureTable, vocabulary: Vocabulary, config: TrainingConfig
) -> dict[str, float]:
    """Accuracy of leaf, subcategory and plain fields on the tune side, studio and the rest apart."""
    logits = table_logits(network, table.canvases, config.preprocessing)
    subs = vocabulary.hierarchy.marginals(logits[CATEGORY].softmax(1), 1).argmax(1)
    admissible = vocabulary.hierarchy.marginals(table.targets.category.float(), 1) > 0
    hits = admissible.gather(1, subs[:, None])[:, 0].float()
    known = table.targets.category.any(1)
    figures = {}
    for name, rows in (("studio", table.is_studio & known), ("phone", ~table.is_studio & known)):
        if rows.any():
            figures[f"sub_category_{name}"] = float(hits[rows].mean())
    for field, values in table.targets.plain.items():
        if field in logits and (values >= 0).any():
            figures[field] = float((logits[field].argmax(1) == values)[values >= 0].float().mean())
    return figures
