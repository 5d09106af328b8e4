"""What could still be won without training the trunk: ways to read the same network, side by side.

    R=tests/benchmarks/results
    python -m tests.benchmarks.after_training --data DIR/fashion-products DIR/phone-photos --out $R/after_training.json

Judged by the tune and the calibrate side together, which no training step has seen; the report side is not looked at.
Heads are learned and neighbours found on the embeddings of the train side. Accuracy and macro-F1 are in percent.
"""

import argparse
import copy
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ml.artifact import DEFAULT_PATH, Artifact, load
from ml.batches import BatchPlan
from ml.dataset import PictureTable, load_table, split
from ml.fields import CATEGORY, FIELDS
from ml.layouts import read_folders
from ml.logit_adjustment import log_frequencies
from ml.metrics import measure
from ml.network import choose_device
from ml.predictor import Predictor
from ml.scores import FieldScores, field_scores
from ml.splits import CALIBRATE, TRAIN, TUNE
from ml.train import TrainingConfig, total_loss
from ml.vocabulary import Targets

Logits = Mapping[str, Tensor]

ADJUSTMENTS: Final = (0.1, 0.2, 0.3, 0.5)
"""Strengths of logit adjustment (Menon et al., 2021): log frequencies that are taken off."""
HIDDEN: Final = 256
EPOCHS, BATCH_SIZE, LEARNING_RATE, DROPOUT = 5, 512, 1e-3, 0.2
NEIGHBOURS, SHARPNESS, SAY = 200, 50.0, 0.3
"""So many, weighed by exp(SHARPNESS * cosine); their say against that of the heads."""
UNKNOWN: Final = 1e-6
"""Probability of what no neighbour bears."""


@dataclass(frozen=True)
class Seen:
    """Pictures and what the trunk makes of them and of their mirror images, float32 [N, D]."""

    table: PictureTable
    vectors: Tensor
    mirrored: Tensor | None = None


def study(path: Path, folders: Sequence[Path]) -> dict[str, Any]:
    artifact = load(path)
    predictor = Predictor(artifact, choose_device(), engine="onnx")
    by_side = split(read_folders(folders))

    def seen(*sides: str, is_mirrored: bool) -> Seen:
        examples = [example for side in sides for example in by_side[side]]
        table = load_table(examples, predictor.card.vocabulary, predictor.preprocessing, "+".join(sides))
        vectors = predictor.embed_canvases(table.canvases)
        return Seen(table, vectors, predictor.embed_canvases(table.canvases.flip(2)) if is_mirrored else None)

    judged, taught = seen(TUNE, CALIBRATE, is_mirrored=True), seen(TRAIN, is_mirrored=False)
    rows = {name: figures(artifact, logits, judged.table) for name, logits in variants(artifact, judged, taught)}
    return {"model": predictor.name, "judged": len(judged.table), "variants": rows}


def variants(artifact: Artifact, judged: Seen, taught: Seen) -> Iterator[tuple[str, Logits]]:
    heads = artifact.network.heads
    plain = apply(heads, judged.vectors)
    assert judged.mirrored is not None
    mirrored = apply(heads, judged.mirrored)
    yield "as it is", plain
    yield "mean with the mirror image", _mean(plain, mirrored)
    sizes = artifact.card.vocabulary.sizes
    logs = log_frequencies(taught.table.targets, sizes, dict.fromkeys(sizes, 1.0))
    for strength in ADJUSTMENTS:
        yield f"logits adjusted by {strength}", {space: plain[space] - strength * logs[space] for space in plain}
    yield f"{NEIGHBOURS} nearest of the train side", _with_neighbours(plain, judged.vectors, taught)
    yield "heads learned anew", apply(learn(heads, taught), judged.vectors)
    hidden = learn(nn.ModuleDict({space: _Hidden(head) for space, head in heads.items()}), taught)
    yield f"heads with {HIDDEN} hidden units", apply(hidden, judged.vectors)
    yield "the same, mean with the mirror image", _mean(apply(hidden, judged.vectors), apply(hidden, judged.mirrored))


def figures(artifact: Artifact, logits: Logits, table: PictureTable) -> dict[str, dict[str, list[float]]]:
    """Accuracy and macro-F1 per domain and field, in percent."""
    calibration = artifact.card.calibration
    scores = field_scores(logits, artifact.card.vocabulary, dict.fromkeys(FIELDS, 1.0))
    found: dict[str, dict[str, list[float]]] = {}
    for domain in sorted({example.domain for example in table.examples}):
        for field, values in scores.items():
            pairs = enumerate(table.examples)
            rows = [row for row, example in pairs if example.domain == domain and field in example.labels]
            if rows:
                truths = [table.examples[row].labels[field] for row in rows]
                part = FieldScores(values.paths, values.probabilities[rows], values.chosen[rows])
                row = measure(part, truths, calibration.thresholds[field])
                found.setdefault(domain, {})[field] = [round(100 * row.accuracy, 2), round(100 * row.macro_f1, 2)]
    return found


@torch.no_grad()
def apply(heads: nn.ModuleDict, vectors: Tensor) -> dict[str, Tensor]:
    return {space: head.eval()(vectors) for space, head in heads.items()}


def learn(heads: nn.ModuleDict, taught: Seen) -> nn.ModuleDict:
    """From where they are, on the embeddings of undamaged pictures; phone photos have the share that they have
    in training."""
    config, learned = TrainingConfig(), copy.deepcopy(heads).train()
    torch.manual_seed(config.seed)
    plan = BatchPlan(taught.table.is_studio, BATCH_SIZE, config.phone_share, config.seed)
    optimizer = torch.optim.AdamW(learned.parameters(), LEARNING_RATE, weight_decay=config.weight_decay)
    total = EPOCHS * plan.steps_per_epoch
    for step in range(total):
        rows = plan.rows(step)
        vectors = F.dropout(taught.vectors[rows], DROPOUT)
        loss = total_loss(
            {space: head(vectors) for space, head in learned.items()}, taught.table.targets.take(rows), config
        )
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * 0.5 * (1 + math.cos(math.pi * step / total))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return learned


class _Hidden(nn.Module):
    """A linear head with a hidden layer beside it, which begins without a say."""

    def __init__(self, linear: nn.Module) -> None:
        super().__init__()
        outputs, inputs = linear.get_parameter("weight").shape
        self._linear = copy.deepcopy(linear)
        self._beside = nn.Sequential(nn.Linear(inputs, HIDDEN), nn.ReLU(), nn.Dropout(0.3), nn.Linear(HIDDEN, outputs))
        for parameter in self._beside[-1].parameters():
            nn.init.zeros_(parameter)

    def forward(self, vectors: Tensor) -> Tensor:
        logits: Tensor = self._linear(vectors) + self._beside(vectors)
        return logits


def _mean(first: Logits, second: Logits) -> Logits:
    return {space: (first[space] + second[space]) / 2 for space in first}


def _one_hot(targets: Targets) -> dict[str, Tensor]:
    """float [N, classes] per label space; a row without a whole label is zero."""
    is_whole = targets.category.sum(1, keepdim=True) == 1
    plain = {field: (values[:, None] == torch.arange(int(values.max()) + 1)) for field, values in targets.plain.items()}
    return {CATEGORY: (targets.category & is_whole).float(), **{field: rows.float() for field, rows in plain.items()}}


def _with_neighbours(logits: Logits, vectors: Tensor, taught: Seen) -> Logits:
    known, queries = F.normalize(taught.vectors), F.normalize(vectors)
    likeness, rows = zip(*((part @ known.T).topk(NEIGHBOURS) for part in queries.split(256)), strict=True)
    weights = (torch.cat(likeness) * SHARPNESS).softmax(1)
    votes = torch.zeros(len(queries), len(known)).scatter_(1, torch.cat(rows), weights)
    bears = _one_hot(taught.table.targets)
    said = {space: votes @ bears[space] for space in logits}
    return {
        space: ((1 - SAY) * values.softmax(1) + SAY * said[space] + UNKNOWN).log() for space, values in logits.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="DIR")
    parser.add_argument("--artifact", type=Path, default=DEFAULT_PATH)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.json")
    options = parser.parse_args()
    report = study(options.artifact, options.data)
    options.out.write_text(json.dumps(report, indent=1) + "\n")
    for name, domains in report["variants"].items():
        print(name, domains)


if __name__ == "__main__":
    main()
