"""Which pictures each training step sees: a function of (seed, step), so that a run can stop and go on."""

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from ml.errors import DataError


@dataclass(frozen=True)
class Share:
    """Which part of every batch this process learns from: the `rank`-th of `size`; without others, all of it."""

    rank: int = 0
    size: int = 1

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    @property
    def least_batch(self) -> int:
        """Batch normalisation cannot train on one picture."""
        return 2 * self.size

    def of(self, rows: Tensor) -> Tensor:
        return rows[self.rank :: self.size]


ALONE = Share()


class BatchPlan:
    """Every studio picture once an epoch, the others so often that they fill `phone_share` of it.

    With one kind of picture only, each comes once. All processes of a training make the same plan.
    """

    def __init__(self, is_studio: Tensor, batch_size: int, phone_share: float, seed: int, share: Share = ALONE) -> None:
        if min(len(is_studio), batch_size) < share.least_batch:
            raise DataError(
                "Training needs at least two readable pictures on the train side for each of its processes."
            )
        self._share = share
        self._studio = is_studio.nonzero()[:, 0]
        self._others = (~is_studio).nonzero()[:, 0]
        self._batch_size, self._phone_share, self._seed = batch_size, phone_share, seed
        self._epoch, self._order = 0, self._draw_order(0)
        self.steps_per_epoch = math.ceil(len(self._order) / batch_size)

    def rows(self, step: int) -> Tensor:
        """Row numbers of this process's share in the batch of `step`, int64 [up to batch_size]."""
        epoch, position = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            self._epoch, self._order = epoch, self._draw_order(epoch)
        return self._share.of(self._order[position * self._batch_size : (position + 1) * self._batch_size])

    def _draw_order(self, epoch: int) -> Tensor:
        generator = Generator().manual_seed(seed_of(self._seed, epoch) + 1)
        rows = torch.cat([self._studio, self._repeat_others(generator)])
        rows = rows[torch.randperm(len(rows), generator=generator)]
        rest = len(rows) % self._batch_size
        return rows[: len(rows) - rest] if rest < self._share.least_batch else rows

    def _repeat_others(self, generator: Generator) -> Tensor:
        others = self._others
        if not len(others) or not len(self._studio):
            return others
        wanted = round(len(self._studio) * self._phone_share / (1 - self._phone_share))
        rounds = wanted // len(others) + 1
        return torch.cat([others[torch.randperm(len(others), generator=generator)] for _ in range(rounds)])[:wanted]


def seed_of(seed: int, number: int, rank: int = 0) -> int:
    """One seed per step or epoch, and process; even, so that the odd ones are free for another purpose."""
    return (seed * 1_000_003 + number) * 2 + (rank << 48)
