import json

import pytest
import torch
from torch import Generator, Tensor

from ml.familiarity import FALSE_ALARMS, Familiarity, fit_familiarity


def cloud(middle: list[float], count: int = 400, seed: int = 0, spread: float = 1.0) -> Tensor:
    """Normally distributed around `middle`, float32 [count, D]."""
    random = Generator().manual_seed(seed)
    return torch.tensor(middle) + spread * torch.randn(count, len(middle), generator=random)


PRODUCTS = {"studio": cloud([0.0, 0.0, 0.0]), "phone": cloud([0.0, 3.0, 0.0], 50, seed=1)}
UNSEEN = {"studio": cloud([0.0, 0.0, 0.0], 1000, seed=2), "phone": cloud([0.0, 3.0, 0.0], 200, seed=3)}
STRANGERS = {"noise": cloud([8.0, 0.0, 0.0], seed=4), "text": cloud([9.0, 3.0, 0.0], seed=5)}


@pytest.fixture
def familiarity() -> Familiarity:
    return fit_familiarity(PRODUCTS, UNSEEN, STRANGERS)


def false_alarms(familiarity: Familiarity, vectors: Tensor) -> float:
    return float((~familiarity.holds(vectors)).float().mean())


def test_strangers_are_told_from_products(familiarity: Familiarity) -> None:
    for seed, middle in enumerate(([8.0, 0.0, 0.0], [9.0, 3.0, 0.0]), 10):
        assert familiarity.holds(cloud(middle, seed=seed)).float().mean() < 0.01


def test_a_stranger_of_a_kind_never_seen_on_the_same_side_is_told_too(familiarity: Familiarity) -> None:
    assert not familiarity.holds(cloud([12.0, -3.0, 5.0], spread=0.1)).any()


def test_no_kind_of_product_has_more_false_alarms_than_meant(familiarity: Familiarity) -> None:
    shares = [false_alarms(familiarity, vectors) for vectors in UNSEEN.values()]
    assert max(shares) == pytest.approx(FALSE_ALARMS, abs=0.002)


def test_a_kind_of_product_that_lies_nearer_to_strangers_pushes_the_limit_out(familiarity: Familiarity) -> None:
    nearer = {**UNSEEN, "phone": UNSEEN["phone"] + torch.tensor([2.0, 0.0, 0.0])}
    found = fit_familiarity(PRODUCTS, nearer, STRANGERS)
    assert found.direction == familiarity.direction
    assert found.limit > familiarity.limit
    assert false_alarms(found, nearer["phone"]) <= FALSE_ALARMS


def test_many_pictures_of_one_kind_weigh_no_more_than_few_of_another(familiarity: Familiarity) -> None:
    again = fit_familiarity({**PRODUCTS, "studio": PRODUCTS["studio"].repeat(5, 1)}, UNSEEN, STRANGERS)
    assert torch.allclose(again.components(STRANGERS["text"]), familiarity.components(STRANGERS["text"]), atol=0.02)


def test_the_direction_has_unit_length_and_the_width_of_the_embedding(familiarity: Familiarity) -> None:
    assert familiarity.width == 3
    assert familiarity.components(torch.eye(3)).norm() == pytest.approx(1, abs=1e-3)


def test_goods_that_people_teach_are_held_but_not_a_slip_among_them(familiarity: Familiarity) -> None:
    along = familiarity.components(torch.eye(3))
    beyond = along / along.norm() * (abs(familiarity.limit) + 10)
    inside = -beyond
    goods = familiarity.including(torch.stack([beyond] * 30 + [inside] * 70))
    assert goods.holds(beyond[None]).all()
    assert familiarity.including(torch.stack([beyond] * 3 + [inside] * 97)) == familiarity
    assert familiarity.including(inside[None]) == familiarity


def test_json_gives_back_the_very_same(familiarity: Familiarity) -> None:
    assert Familiarity.from_json(json.loads(json.dumps(familiarity.to_json()))) == familiarity


@pytest.mark.parametrize("content", [{}, {"direction": "AAA=", "limit": None}, {"direction": "?", "limit": 1.0}])
def test_what_is_no_familiarity_is_refused(content: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Familiarity.from_json(content)
