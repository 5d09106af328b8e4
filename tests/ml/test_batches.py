import pytest
import torch

from ml.batches import BatchPlan, Share, seed_of
from ml.errors import DataError

STUDIO_AND_PHONE = torch.tensor([True] * 78 + [False] * 10)


def rows_of_epoch(plan: BatchPlan, epoch: int) -> list[int]:
    steps = range(epoch * plan.steps_per_epoch, (epoch + 1) * plan.steps_per_epoch)
    return [row for step in steps for row in plan.rows(step).tolist()]


def test_epoch_has_every_studio_picture_once_and_phone_photos_fill_their_share() -> None:
    rows = rows_of_epoch(BatchPlan(STUDIO_AND_PHONE, 16, 0.22, seed=1), 0)
    assert sorted(row for row in rows if row < 78) == list(range(78))
    counts = [rows.count(row) for row in range(78, 88)]
    assert (sum(counts), set(counts)) == (22, {2, 3})


def test_any_step_can_be_asked_for_alone() -> None:
    plan, other = (BatchPlan(STUDIO_AND_PHONE, 16, 0.22, seed=1) for _ in range(2))
    straight = [plan.rows(step).tolist() for step in range(20)]
    assert [other.rows(step).tolist() for step in reversed(range(20))] == straight[::-1]


def test_epochs_and_seeds_differ() -> None:
    plan, other = (BatchPlan(STUDIO_AND_PHONE, 16, 0.22, seed=seed) for seed in (1, 2))
    assert rows_of_epoch(plan, 0) != rows_of_epoch(plan, 1)
    assert rows_of_epoch(plan, 0) != rows_of_epoch(other, 0)


def test_one_kind_of_picture_comes_once_each() -> None:
    for is_studio in (torch.ones(30).bool(), torch.zeros(30).bool()):
        assert sorted(rows_of_epoch(BatchPlan(is_studio, 16, 0.22, seed=1), 0)) == list(range(30))


def test_batch_of_one_is_dropped() -> None:
    plan = BatchPlan(torch.ones(33).bool(), 16, 0.22, seed=1)
    assert [len(plan.rows(step)) for step in range(plan.steps_per_epoch)] == [16, 16]


def test_single_picture_cannot_be_trained_on() -> None:
    with pytest.raises(DataError, match="at least two readable pictures"):
        BatchPlan(torch.ones(1).bool(), 16, 0.22, seed=1)


def test_processes_share_the_batches_of_one_plan_among_them() -> None:
    whole = BatchPlan(STUDIO_AND_PHONE, 16, 0.22, seed=1)
    parts = [BatchPlan(STUDIO_AND_PHONE, 16, 0.22, seed=1, share=Share(rank, 2)) for rank in range(2)]
    assert {part.steps_per_epoch for part in parts} == {whole.steps_per_epoch}
    for step in range(2 * whole.steps_per_epoch - 1):
        assert sorted(row for part in parts for row in part.rows(step).tolist()) == sorted(whole.rows(step).tolist())


def test_last_batch_that_leaves_a_process_one_picture_is_dropped() -> None:
    plan = BatchPlan(torch.ones(35).bool(), 16, 0.22, seed=1, share=Share(1, 2))
    assert [len(plan.rows(step)) for step in range(plan.steps_per_epoch)] == [8, 8]


def test_too_few_pictures_for_all_processes_are_refused() -> None:
    for pictures, batch_size in ((3, 16), (30, 3)):
        with pytest.raises(DataError, match="for each of its processes"):
            BatchPlan(torch.ones(pictures).bool(), batch_size, 0.22, seed=1, share=Share(0, 2))


def test_seeds_of_steps_and_processes_never_meet() -> None:
    seeds = [seed_of(seed, step, rank) for seed in (1, 2) for step in range(100) for rank in range(4)]
    assert len(set(seeds)) == len(seeds)
    assert {value % 2 for value in seeds} == {0}
