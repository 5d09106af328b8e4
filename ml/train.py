"""The training loop and its configuration: every step can be repeated from (seed, step) alone."""

import copy
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import torch
import torch.nn.functional as F
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Generator, Tensor, nn

from ml.augmentation import Augmentation, Draw, cut_mix
from ml.batches import ALONE, BatchPlan, seed_of
from ml.checkpoint import Progression, save_checkpoint
from ml.dataset import STDERR, PictureTable
from ml.fields import CATEGORY
from ml.hierarchy import partial_label_loss
from ml.logit_adjustment import adjusted, log_frequencies
from ml.network import Network, learns_in_bfloat16
from ml.preprocessing import Preprocessing
from ml.titles import TITLE
from ml.vocabulary import MISSING, Targets

OPTIMIZERS: Final[Mapping[str, Callable[..., torch.optim.Optimizer]]] = {
    "adamw": torch.optim.AdamW,
    "adam": torch.optim.Adam,
    "sgd": partial(torch.optim.SGD, momentum=0.9),
}


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that decides what a run computes, besides data and machine.

    `optimizer` is one of `OPTIMIZERS`; `schedule` tells how the learning rate goes on after the warm-up: down a half
    "cosine" or "constant". `steps`, where given, is the budget instead of `epochs`. `cut_mix_share`: of the batches,
    so many are mixed. `logit_adjustment`: strengths, chosen on the tune and calibrate side.
    """

    trunk: str = "mobilenet_v2"
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    augmentation: Augmentation | None = field(default_factory=Augmentation)
    cut_mix_share: float = 0.0
    epochs: int = 6
    steps: int | None = None
    batch_size: int = 64
    optimizer: str = "adamw"
    learning_rate: float = 1e-3
    schedule: str = "cosine"
    warmup_share: float = 0.05
    weight_decay: float = 0.05
    label_smoothing: float = 0.05
    average_decay: float = 0.998
    phone_share: float = 0.22
    loss_weights: Mapping[str, float] = field(
        default_factory=lambda: {CATEGORY: 1.0, "colour": 0.7, "season": 0.4, "gender": 0.5, "usage": 0.3, TITLE: 0.1}
    )
    logit_adjustment: Mapping[str, float] = field(default_factory=lambda: {CATEGORY: 0.2, "gender": 0.2})
    seed: int = 1
    checkpoint_seconds: float = 300.0


class Trainer:
    """What a run carries from step to step: the network, its moving average, optimizer and progression.

    `model` is the network as a step calls it; beside other processes `ml.distributed` sets it and `share`.
    """

    def __init__(self, config: TrainingConfig, network: Network, device: torch.device) -> None:
        self.config = config
        self.device = device
        self.network = network.to(device).to(memory_format=torch.channels_last)
        self.model: nn.Module = self.network
        self.share = ALONE
        size = config.preprocessing.height, config.preprocessing.width
        self.is_bfloat16 = learns_in_bfloat16(self.network, device, size)
        self.average = copy.deepcopy(self.network).eval()
        groups = _decay_groups(self.network, config.weight_decay)
        self.optimizer = OPTIMIZERS[config.optimizer](groups, config.learning_rate)
        self.progression = Progression()
        self.frequencies: Mapping[str, Tensor] = {}

    def fit(self, data: PictureTable, run: Path, evaluate: Callable[[Network], dict[str, float]]) -> None:
        """Train from the current step to the end; checkpoints go to `run` every few minutes and each epoch.

        `evaluate` gets the averaged network after each epoch, and at the end of one that the budget cuts off; its
        figures go into the history. Of several processes the first one alone does either.
        """
        config, state, saved = self.config, self.progression, time.monotonic()
        found = log_frequencies(data.targets, self.network.sizes, config.logit_adjustment)
        self.frequencies = {space: values.to(self.device) for space, values in found.items()}
        plan = BatchPlan(data.is_studio, config.batch_size, config.phone_share, config.seed, self.share)
        total = config.steps or config.epochs * plan.steps_per_epoch
        with _progress_bar(is_shown=self.share.is_first) as bar:
            task = bar.add_task("Training", total=total, completed=state.step, loss="")
            while state.step < total:
                rows = plan.rows(state.step)
                state.losses.append(self.step(*data.take(rows), state.step, total))
                state.step += 1
                if not self.share.is_first:
                    continue
                bar.update(task, advance=1, loss=f"{state.losses[-1]:.3f}")
                is_epoch_end = state.step % plan.steps_per_epoch == 0 or state.step == total
                if is_epoch_end:
                    bar.print(self._close_epoch(math.ceil(state.step / plan.steps_per_epoch), evaluate))
                if is_epoch_end or time.monotonic() - saved > config.checkpoint_seconds:
                    save_checkpoint(run, self.network, self.average, self.optimizer, state)
                    saved = time.monotonic()

    def _close_epoch(self, epoch: int, evaluate: Callable[[Network], dict[str, float]]) -> str:
        """Move the epoch's figures into the history; returns them as one line."""
        losses = self.progression.losses
        figures = {"epoch": epoch, "loss": sum(losses) / len(losses), **evaluate(self.average)}
        self.progression.history.append(figures)
        losses.clear()
        return ", ".join(f"{name} {value:.4g}" for name, value in figures.items())

    def step(self, canvases: Tensor, targets: Targets, is_studio: Tensor, step: int, total: int) -> float:
        """One update on uint8 canvases [N, H, W, 3]; returns the loss."""
        config = self.config
        seed = seed_of(config.seed, step, self.share.rank)
        torch.manual_seed(seed)  # dropout
        generator = Generator(self.device).manual_seed(seed)
        pictures = config.preprocessing.scale(canvases.to(self.device))
        if config.augmentation:
            pictures = config.augmentation(pictures, is_studio.to(self.device), generator)
        mix = _mix(config, len(pictures), self.device, generator)
        if mix:
            pictures, order, mixed_share = cut_mix(pictures, mix)
        pictures = config.preprocessing.normalise(pictures).contiguous(memory_format=torch.channels_last)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(config, step, total)
        self.model.train()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.is_bfloat16):
            logits = adjusted(self.model(pictures), self.frequencies)
        targets = targets.to(self.device)
        loss = total_loss(logits, targets, config)
        if mix:
            loss = (1 - mixed_share) * loss + mixed_share * total_loss(logits, targets.take(order), config)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        update_average(self.average, self.network, min(config.average_decay, (step + 1) / (step + 10)))
        return float(loss.detach())


def _mix(config: TrainingConfig, count: int, device: torch.device, generator: Generator) -> Draw | None:
    """What to mix the batch by, if it is one of those to be mixed; without mixing nothing is drawn."""
    draw = Draw(count, device, generator)
    return draw if config.cut_mix_share and bool(draw.chance(config.cut_mix_share)[0]) else None


def total_loss(logits: Mapping[str, Tensor], targets: Targets, config: TrainingConfig) -> Tensor:
    """Weighted sum over the label spaces that the network has; a picture counts only where its label is known."""
    weights, smoothing = config.loss_weights, config.label_smoothing
    loss = targets.category.new_zeros((), dtype=torch.float32)
    if CATEGORY in logits:
        loss = weights[CATEGORY] * partial_label_loss(logits[CATEGORY].float(), targets.category, smoothing)
    for name in [name for name in targets.plain if name in logits]:
        values = targets.plain[name]
        summed = F.cross_entropy(
            logits[name].float(), values, ignore_index=MISSING, reduction="sum", label_smoothing=smoothing
        )
        loss = loss + weights[name] * summed / (values != MISSING).sum().clamp(min=1)
    if targets.words is not None:
        loss = loss + weights[TITLE] * title_loss(logits[TITLE].float(), targets.words)
    return loss


def title_loss(logits: Tensor, words: Tensor) -> Tensor:
    """Binary cross-entropy, summed over the words (float and bool [N, words]); mean over the pictures that have any."""
    has_title = words.any(1)
    losses = F.binary_cross_entropy_with_logits(logits, words.float(), reduction="none").sum(1)
    return (losses * has_title).sum() / has_title.sum().clamp(min=1)


def learning_rate(config: TrainingConfig, step: int, total: int) -> float:
    """Linear warm-up, then a half cosine down to zero, or as it is."""
    warmup = max(1, round(config.warmup_share * total))
    if step < warmup:
        return config.learning_rate * (step + 1) / warmup
    if config.schedule == "constant":
        return config.learning_rate
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, total - warmup)))


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, decay: float) -> None:
    """Move parameters and float buffers of `average` towards the network's; copy whole numbers."""
    for kept, new in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if kept.is_floating_point():
            kept.lerp_(new, 1 - decay)
        else:
            kept.copy_(new)


def _decay_groups(network: nn.Module, weight_decay: float) -> list[dict[str, object]]:
    parameters = list(network.parameters())
    return [
        {"params": [value for value in parameters if value.ndim > 1], "weight_decay": weight_decay},
        {"params": [value for value in parameters if value.ndim <= 1], "weight_decay": 0.0},
    ]


def _progress_bar(*, is_shown: bool) -> Progress:
    loss = TextColumn("loss {task.fields[loss]}")
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), loss
    return Progress(*columns, console=STDERR, disable=not is_shown)
