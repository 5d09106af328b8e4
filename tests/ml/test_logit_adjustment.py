import pytest
import torch

from ml.fields import CATEGORY
from ml.logit_adjustment import adjusted, log_frequencies
from ml.train import TrainingConfig, total_loss
from ml.vocabulary import Targets

TARGETS = Targets(
    category=torch.tensor([[1, 0, 0]] * 7 + [[0, 1, 0]] * 2 + [[1, 1, 0]] * 5, dtype=torch.bool),
    plain={"gender": torch.tensor([0, 0, 0, 1, -1] + [-1] * 9), "usage": torch.tensor([0] * 14)},
)
SIZES = {CATEGORY: 3, "gender": 3, "usage": 1}


def test_whole_labels_alone_are_counted_and_no_value_is_impossible() -> None:
    found = log_frequencies(TARGETS, SIZES, {CATEGORY: 1.0, "gender": 0.5})
    assert found[CATEGORY].exp().tolist() == pytest.approx([8 / 12, 3 / 12, 1 / 12])
    assert (2 * found["gender"]).exp().tolist() == pytest.approx([4 / 7, 2 / 7, 1 / 7])


def test_a_label_space_that_the_network_lacks_is_passed_over() -> None:
    assert log_frequencies(TARGETS, {"usage": 1}, {CATEGORY: 0.2, "usage": 0.2}).keys() == {"usage"}


def test_other_label_spaces_keep_their_logits() -> None:
    logits = {"gender": torch.zeros(2, 3), "usage": torch.ones(2, 1)}
    frequencies = log_frequencies(TARGETS, SIZES, {"gender": 0.2})
    changed = adjusted(logits, frequencies)
    assert torch.equal(changed["usage"], logits["usage"])
    assert torch.equal(changed["gender"], frequencies["gender"].expand(2, 3))


def test_where_pictures_tell_nothing_the_loss_asks_for_less_difference_than_there_is_in_frequency() -> None:
    """The best constant logits are the log frequencies, less the part that is added."""
    strength, logits = 0.2, torch.zeros(1, 2, requires_grad=True)
    targets = Targets(torch.zeros(10, 3, dtype=torch.bool), {"gender": torch.tensor([0] * 9 + [1])})
    frequencies = log_frequencies(targets, {"gender": 2}, {"gender": strength})
    optimizer = torch.optim.LBFGS([logits], max_iter=200)

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        taken = adjusted({"gender": logits.expand(10, 2)}, frequencies)
        value = total_loss(taken, targets, TrainingConfig(label_smoothing=0.0))
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    gap = float(logits[0, 0] - logits[0, 1])
    counted = float(torch.tensor([10 / 12, 2 / 12]).log().diff().neg())
    assert gap == pytest.approx(torch.tensor(9.0).log().item() - strength * counted, abs=1e-3)
