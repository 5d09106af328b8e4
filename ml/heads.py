"""Refit the heads on embeddings: learn new labels, keep what was known, grow by values never seen.

The trunk stays frozen, so a refit takes seconds on a CPU and every stored embedding stays valid. Each step sees
lessons (what people said) and replay (a sample of what the model was trained on). On the replay the new heads are held
to the active model's own answers (distillation), and their weights to the active ones (an anchor, L2-SP): the first
alone lets thousands of lessons in noisy fields overfit, the second alone forgets. ml/README.md has the measurements.
"""

import copy
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from ml.artifact import Artifact
from ml.embeddings import EmbeddingTable
from ml.errors import DataError
from ml.fields import CATEGORY, CATEGORY_FIELDS
from ml.hierarchy import CategoryPath, Hierarchy, partial_label_loss
from ml.inference import classify
from ml.network import Network
from ml.parallel import one_thread
from ml.train import TrainingConfig, total_loss
from ml.vocabulary import Vocabulary

LOSS: Final = TrainingConfig()
"""Weights of the label spaces and label smoothing: as in training, so that confidences stay comparable."""

Value = TypeVar("Value", str, CategoryPath)


@dataclass(frozen=True)
class HeadsConfig:
    """Everything that decides what a refit computes, besides the tables.

    The loss is that of the lessons, plus `keep_weight` times the distance to what is known on the replay, plus
    `anchor_weight` times the squared distance of all weights from the active ones.
    """

    steps: int = 200
    learning_rate: float = 1e-3
    lesson_batch: int = 256
    replay_batch: int = 512
    keep_weight: float = 3.0
    anchor_weight: float = 1.0
    min_lessons: int = 5
    seed: int = 1


@dataclass(frozen=True)
class Refit:
    """The network with its new heads (evaluation mode, CPU) and its vocabulary, grown where lessons asked for it.

    `history`: mean losses on lessons and on replay over each fifth of the steps.
    """

    network: Network
    vocabulary: Vocabulary
    history: list[dict[str, float]]


@one_thread()
def refit_heads(
    artifact: Artifact,
    replay: EmbeddingTable,
    lessons: Sequence[EmbeddingTable],
    config: HeadsConfig,
    progress: Callable[[float], None] = lambda share: None,
) -> Refit:
    """New heads from the active ones.

    Each table of `lessons` has the same say, whatever its size: many pictures of one source do not drown the few of
    another. The rate falls to zero in half a cosine. Deterministic for a seed. DataError without any lesson.
    """
    taught = [labels for table in lessons for labels in table.labels]
    if not taught:
        raise DataError("There is no label to learn from.")
    vocabulary = grow(artifact.card.vocabulary, taught, config.min_lessons)
    network = grow_heads(artifact.network, vocabulary.sizes)
    remembered = _Replay(artifact, replay, vocabulary)
    sources = [_Lessons(table, vocabulary) for table in lessons if len(table)]
    anchor = [value.detach().clone() for value in network.heads.parameters()]
    optimizer = torch.optim.AdamW(network.heads.parameters(), config.learning_rate, weight_decay=0.0)
    generator = Generator().manual_seed(config.seed)
    losses: list[tuple[float, float]] = []
    for step in range(config.steps):
        learned = torch.stack([source.loss(network, config.lesson_batch, generator) for source in sources]).mean()
        kept = remembered.loss(network, config.replay_batch, generator)
        moved = _squared_distance(network.heads.parameters(), anchor)
        loss = learned + config.keep_weight * kept + config.anchor_weight * moved
        _descend(optimizer, loss, config.learning_rate * 0.5 * (1 + math.cos(math.pi * step / config.steps)))
        losses.append((float(learned.detach()), float(kept.detach())))
        progress((step + 1) / config.steps)
    return Refit(network.eval(), vocabulary, _history(losses))


class _Lessons:
    """Labelled embeddings and their targets."""

    def __init__(self, table: EmbeddingTable, vocabulary: Vocabulary) -> None:
        self._vectors, self._targets = table.vectors, vocabulary.encode(table.examples)

    def loss(self, network: Network, batch_size: int, generator: Generator) -> Tensor:
        rows = _draw(len(self._vectors), batch_size, generator)
        return total_loss(network.classify(self._vectors[rows]), self._targets.take(rows), LOSS)


class _Replay:
    """Embeddings of the train side and what is known of them.

    Where the whole category path is labelled, the active model's own answer is kept, as in every other field. Where
    only its start is labelled, only that start is: the rest was never more than a guess, and may be a mistake that
    the lessons correct.
    """

    def __init__(self, artifact: Artifact, table: EmbeddingTable, vocabulary: Vocabulary) -> None:
        self._vectors, targets = table.vectors, vocabulary.encode(table.examples)
        self._starts = targets.category
        self._is_whole = targets.category.sum(1) == 1
        self._answers = {
            space: F.pad(logits.softmax(1), (0, vocabulary.sizes[space] - logits.shape[1]))
            for space, logits in classify(artifact.network, table.vectors).items()
        }

    def loss(self, network: Network, batch_size: int, generator: Generator) -> Tensor:
        """Distance to what is known, float [], summed over the label spaces with the weights of training."""
        rows = _draw(len(self._vectors), batch_size, generator)
        logits, is_whole = network.classify(self._vectors[rows]), self._is_whole[rows]
        distances = {
            space: F.cross_entropy(logits[space], answers[rows], reduction="none")
            for space, answers in self._answers.items()
        }
        distances[CATEGORY] = distances[CATEGORY] * is_whole
        parts = [LOSS.loss_weights[space] * values.mean() for space, values in distances.items()]
        started = partial_label_loss(logits[CATEGORY], self._starts[rows] & ~is_whole[:, None], LOSS.label_smoothing)
        return torch.stack(parts).sum() + (~is_whole).float().mean() * started


def _draw(count: int, batch_size: int, generator: Generator) -> Tensor:
    """int64 [up to batch_size]: all rows where they are few, else a sample."""
    return torch.randperm(count, generator=generator)[:batch_size]


def _descend(optimizer: torch.optim.Optimizer, loss: Tensor, learning_rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()


def _squared_distance(values: Iterable[Tensor], anchor: Sequence[Tensor]) -> Tensor:
    return torch.stack([(value - start).square().sum() for value, start in zip(values, anchor, strict=True)]).sum()


def _history(losses: Sequence[tuple[float, float]]) -> list[dict[str, float]]:
    size = math.ceil(len(losses) / 5)
    parts = [losses[start : start + size] for start in range(0, len(losses), size)]
    return [
        {
            "step": min(len(losses), (number + 1) * size),
            "lesson_loss": sum(learned for learned, _ in part) / len(part),
            "replay_loss": sum(kept for _, kept in part) / len(part),
        }
        for number, part in enumerate(parts)
    ]


def grow(vocabulary: Vocabulary, labels: Sequence[Mapping[str, str]], min_lessons: int) -> Vocabulary:
    """The vocabulary with every value and complete category path appended that `min_lessons` lessons bear.

    A field without any class so far needs two values: one alone would always be chosen, and always be sure.
    """
    paths = [tuple(row[field] for field in CATEGORY_FIELDS) for row in labels if row.keys() >= set(CATEGORY_FIELDS)]
    leaves = vocabulary.hierarchy.leaves
    plain = {}
    for name, values in vocabulary.plain.items():
        grown = values + _frequent((row[name] for row in labels if name in row), values, min_lessons)
        plain[name] = grown if len(grown) > 1 else values
    return Vocabulary(Hierarchy(leaves + _frequent(paths, leaves, min_lessons)), plain)


def _frequent(values: Iterable[Value], known: Sequence[Value], least: int) -> tuple[Value, ...]:
    """The values that occur at least `least` times and are not known yet, sorted."""
    counts = Counter(values)
    return tuple(sorted(value for value, count in counts.items() if count >= least and value not in known))


def grow_heads(network: Network, sizes: Mapping[str, int]) -> Network:
    """A copy with `sizes` outputs per head; the first ones keep their weights.

    A new output starts as the mean of the others, so that it is never the best one before it has learned.
    """
    grown = copy.deepcopy(network).cpu()
    for space, size in sizes.items():
        head = nn.Linear(network.feature_count, size)
        if space in grown.heads:
            known = grown.heads[space].state_dict()
            head.load_state_dict({name: _grown(values, size) for name, values in known.items()})
        else:
            head.load_state_dict({name: torch.zeros_like(values) for name, values in head.state_dict().items()})
        grown.heads[space] = head
    return grown


def _grown(values: Tensor, size: int) -> Tensor:
    """Weights [classes, D] or biases [classes], filled up with their mean to `size` classes."""
    return torch.cat([values, values.mean(0, keepdim=True).repeat(size - len(values), *[1] * (values.ndim - 1))])
