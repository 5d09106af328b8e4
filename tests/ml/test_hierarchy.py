import math

import torch

from ml.hierarchy import Hierarchy, partial_label_loss
from tests.ml.drawings import BLOUSE, JEANS, SHIRT, SHOE

SOCK = ("Accessories", "Socks", "Socks")
SPORT_SOCK = ("Apparel", "Socks", "Socks")
TREE = Hierarchy((SHIRT, BLOUSE, JEANS, SHOE, SOCK, SPORT_SOCK))


def logs(*probabilities: float) -> torch.Tensor:
    return torch.tensor([probabilities]).log()


def test_levels_are_the_observed_paths() -> None:
    assert TREE.levels[0] == (("Accessories",), ("Apparel",), ("Footwear",))
    assert TREE.levels[1] == (
        ("Accessories", "Socks"),
        ("Apparel", "Bottomwear"),
        ("Apparel", "Socks"),
        ("Apparel", "Topwear"),
        ("Footwear", "Shoes"),
    )
    assert TREE.levels[2] == TREE.leaves


def test_admissible_leaves_agree_with_every_known_level() -> None:
    known = {"master_category": "Apparel", "sub_category": "Topwear"}
    assert TREE.admissible(known).tolist() == [True, True, False, False, False, False]
    assert TREE.admissible({"article_type": "Socks"}).tolist() == [False, False, False, False, True, True]


def test_unknown_deeper_level_is_ignored() -> None:
    labels = {"master_category": "Apparel", "sub_category": "Topwear", "article_type": "Togas"}
    assert TREE.admissible(labels).tolist() == [True, True, False, False, False, False]


def test_no_usable_label_admits_nothing() -> None:
    assert not TREE.admissible({}).any()
    assert not TREE.admissible({"sub_category": "Saddles"}).any()


def test_marginals_are_sums_over_leaves() -> None:
    leaves = torch.tensor([[0.1, 0.2, 0.3, 0.15, 0.2, 0.05]])
    masters, subs = TREE.marginals(leaves, 0)[0].tolist(), TREE.marginals(leaves, 1)[0].tolist()
    assert [round(value, 4) for value in masters] == [0.2, 0.65, 0.15]
    assert [round(value, 4) for value in subs] == [0.2, 0.3, 0.05, 0.3, 0.15]


def test_decoding_never_contradicts_itself() -> None:
    random = torch.randn(500, len(TREE.leaves), generator=torch.Generator().manual_seed(0)) * 3
    by_level = [TREE.marginals((random / heat).softmax(1), depth) for depth, heat in enumerate((2.0, 0.5, 1.0))]
    masters, subs, leaves = (level.tolist() for level in TREE.decode(by_level))
    for master, sub, leaf in zip(masters, subs, leaves, strict=True):
        path = TREE.leaves[leaf]
        assert (path[:1], path[:2]) == (TREE.levels[0][master], TREE.levels[1][sub])


def test_best_leaf_outside_the_best_master_is_not_chosen() -> None:
    leaves = torch.tensor([[0.2, 0.15, 0.15, 0.0, 0.4, 0.1]])
    chosen = TREE.decode([TREE.marginals(leaves, depth) for depth in range(3)])
    assert [int(level) for level in chosen] == [1, 3, 0]


def test_loss_of_a_partial_label_is_minus_log_of_the_admissible_sum() -> None:
    admissible = torch.tensor([[True, True, False]])
    loss = partial_label_loss(logs(0.2, 0.3, 0.5), admissible)
    assert math.isclose(float(loss), -math.log(0.5), rel_tol=1e-5)


def test_loss_of_a_full_label_is_cross_entropy() -> None:
    logits = torch.randn(7, 4, generator=torch.Generator().manual_seed(1))
    labels = torch.tensor([0, 1, 2, 3, 0, 1, 2])
    expected = torch.nn.functional.cross_entropy(logits, labels, label_smoothing=0.1)
    loss = partial_label_loss(logits, torch.nn.functional.one_hot(labels, 4).bool(), smoothing=0.1)
    assert math.isclose(float(loss), float(expected), rel_tol=1e-5)


def test_rows_without_label_weigh_nothing() -> None:
    logits = torch.cat([logs(0.2, 0.3, 0.5), logs(0.9, 0.05, 0.05)]).requires_grad_()
    loss = partial_label_loss(logits, torch.tensor([[True, False, False], [False, False, False]]))
    loss.backward()
    assert math.isclose(float(loss.detach()), -math.log(0.2), rel_tol=1e-5)
    assert logits.grad is not None
    assert logits.grad[1].tolist() == [0.0, 0.0, 0.0]


def test_batch_without_any_label_gives_zero_loss_and_finite_gradient() -> None:
    logits = torch.zeros(2, 3, requires_grad=True)
    loss = partial_label_loss(logits, torch.zeros(2, 3, dtype=torch.bool), smoothing=0.05)
    loss.backward()
    assert float(loss.detach()) == 0.0
    assert logits.grad is not None
    assert logits.grad.tolist() == [[0.0] * 3] * 2
