"""How something is learned from a study's pictures: a recipe is a frozen dataclass, and part of a run's identity."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Protocol

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from ml.augmentation import Augmentation
from ml.checkpoint import checkpoints, load_checkpoint
from ml.dataset import PictureTable
from ml.inference import table_logits
from ml.network import Network, choose_device, load_pretrained
from ml.preprocessing import Preprocessing
from ml.studies.clock import Clock
from ml.studies.data import LABEL, StudyData, labels_of, take
from ml.train import Trainer, TrainingConfig
from ml.vocabulary import Targets

Probabilities = Callable[[Tensor], Tensor]
"""uint8 canvases [N, H, W, 3] -> float32 [N, K], each row summing to 1."""

FLIPS_AND_SHIFTS: Final = Augmentation(
    rotation_degrees=0.0,
    zoom_out=1.0,
    zoom_in=1.0,
    shear=0.0,
    aspect=0.0,
    brightness=0.0,
    contrast=0.0,
    saturation=0.0,
    cast=0.0,
    blur_share=0.0,
    noise_share=0.0,
    erase_share=0.0,
    background_share=0.0,
)
"""The usual augmentation of small pictures: mirrored half of the time, moved by up to 8 % of a side."""

CORNERS: Final = ((0, 0), (-1, -1), (-1, 1), (1, -1), (1, 1))
"""Pixels down and to the right; the first is not moved."""

_SAMPLE: Final = 1000
"""So many pictures of either side are measured after each epoch, for the learning curve."""
_EVALUATION_BATCH: Final = 250


@dataclass(frozen=True)
class Learned:
    """What came out of one run.

    `curves` hold the figures of each epoch, where there are epochs; `parameters` counts numbers learned; `images` the
    pictures seen, repeats too; seconds are those of learning alone.
    """

    probabilities: Probabilities
    parameters: int
    images: int
    epochs: float
    clock: Clock
    steps: int = 0
    curves: Sequence[Mapping[str, float]] = ()


class Recipe(Protocol):
    """A frozen dataclass of plain values: they go into results and tell runs apart."""

    @property
    def preprocessing(self) -> Preprocessing: ...

    def learn(self, data: StudyData, seed: int, workspace: Path) -> Learned:
        """Learn from `data.train`, watching `data.validation`, never looking at `data.test`.

        Whatever is written to `workspace` is there again when a run that was interrupted starts anew.
        """


@dataclass(frozen=True)
class NetworkRecipe:
    """A network trained by the loop of `ml.train`, from which an interrupted run goes on at its last epoch.

    `training.trunk` names torchvision's network or one of `ml.studies.networks`, `options` its builder's options.
    `pretrained` names trunk weights (safetensors) inside the folder of `--data`. `is_mirrored`: what has been learned
    is asked about each picture and its mirror image, and answers with the mean; `is_moved`: about both moved by 1 px
    to each corner as well.
    """

    training: TrainingConfig
    options: Mapping[str, Any] = field(default_factory=dict)
    pretrained: str | None = None
    is_mirrored: bool = False
    is_moved: bool = False

    @property
    def preprocessing(self) -> Preprocessing:
        return self.training.preprocessing

    def learn(self, data: StudyData, seed: int, workspace: Path) -> Learned:
        training = replace(self.training, seed=seed, loss_weights={LABEL: 1.0}, checkpoint_seconds=float("inf"))
        torch.manual_seed(seed)
        network = Network(training.trunk, {LABEL: len(data.classes)}, self.options)
        if self.pretrained:
            load_pretrained(network, data.folder / self.pretrained)
        trainer = _TimedTrainer(training, network, choose_device())
        trainer.go_on(workspace)
        sides = {"train": _sample(data.train, seed), "validation": _sample(data.validation, seed)}
        trainer.fit(data.train, workspace, lambda average: trainer.figures(average, sides))
        return Learned(
            probabilities=lambda canvases: self._answer(trainer.average, canvases),
            parameters=sum(values.numel() for values in network.parameters()),
            images=trainer.images,
            epochs=trainer.images / len(data.train),
            clock=trainer.clock,
            steps=trainer.progression.step,
            curves=[_finite(figures) for figures in trainer.progression.history],
        )

    def _answer(self, network: Network, canvases: Tensor) -> Tensor:
        sides = [canvases, canvases.flip(2)] if self.is_mirrored else [canvases]
        views = [moved(side, *by) for side in sides for by in (CORNERS if self.is_moved else CORNERS[:1])]
        return torch.stack([_probabilities(network, view, self.preprocessing) for view in views]).mean(0)


class _TimedTrainer(Trainer):
    """Counts pictures, and the time of the steps alone; both survive an interruption, in the history."""

    def __init__(self, config: TrainingConfig, network: Network, device: torch.device) -> None:
        super().__init__(config, network, device)
        self.clock, self.images = Clock(), 0

    def step(self, canvases: Tensor, targets: Targets, is_studio: Tensor, step: int, total: int) -> float:
        with self.clock:
            loss = super().step(canvases, targets, is_studio, step, total)
        self.images += len(canvases)
        return loss

    def go_on(self, workspace: Path) -> None:
        """From the newest checkpoint, which is the end of an epoch."""
        found = checkpoints(workspace)
        if found:
            self.progression = load_checkpoint(found[-1], self.network, self.average, self.optimizer)
            last = self.progression.history[-1]
            self.clock, self.images = Clock(last["seconds"], last["cpu_seconds"]), int(last["images"])

    def figures(self, network: Network, sides: Mapping[str, PictureTable]) -> dict[str, float]:
        """Loss (without smoothing) and accuracy of each side, and the cost up to now."""
        found: dict[str, float] = {}
        for side, table in sides.items():
            probabilities = _probabilities(network, table.canvases, self.config.preprocessing)
            truths = labels_of(table)
            found[f"{side}_loss"] = float(F.nll_loss(probabilities.clamp(min=1e-12).log(), truths))
            found[f"{side}_accuracy"] = float((probabilities.argmax(1) == truths).float().mean())
        cost = {"images": self.images, "seconds": self.clock.seconds, "cpu_seconds": self.clock.cpu_seconds}
        return {name: round(value, 5) for name, value in {**found, **cost}.items()}


def _finite(figures: Mapping[str, float]) -> dict[str, float]:
    """JSON knows no NaN, which the loss of a network that diverged is."""
    return {name: value for name, value in figures.items() if math.isfinite(value)}


def _sample(table: PictureTable, seed: int) -> PictureTable:
    return take(table, torch.randperm(len(table), generator=Generator().manual_seed(seed))[:_SAMPLE])


def moved(canvases: Tensor, down: int, right: int) -> Tensor:
    """uint8 [N, H, W, 3], moved by some pixels; the edge that comes into view repeats."""
    height, width = canvases.shape[1:3]
    rows = (torch.arange(height) - down).clamp(0, height - 1)
    columns = (torch.arange(width) - right).clamp(0, width - 1)
    return canvases[:, rows][:, :, columns]


def _probabilities(network: Network, canvases: Tensor, preprocessing: Preprocessing) -> Tensor:
    """Of a network that diverged, what it knows: every class is as probable as any other."""
    found = table_logits(network, canvases, preprocessing, _EVALUATION_BATCH)[LABEL].softmax(1)
    return torch.nan_to_num(found, nan=1 / found.shape[1])
