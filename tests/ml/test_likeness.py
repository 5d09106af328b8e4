"""A space in which photos of one item lie near each other."""

from pathlib import Path

import torch

from ml.artifact import EMBEDDINGS_FILE, read_extra
from ml.likeness import SAME_ITEM, LikenessSpace
from ml.pack import from_bytes


def products(count: int = 600) -> torch.Tensor:
    """Vectors that differ much in two directions (kinds of goods) and little in the others (items)."""
    generator = torch.Generator().manual_seed(1)
    spread = torch.ones(16)
    spread[:2] = 10.0
    return torch.randn(count, 16, generator=generator) * spread + 3.0


def test_units_have_length_one_and_are_compared_by_their_product() -> None:
    vectors = products()
    units = LikenessSpace(vectors).units(vectors[:5])
    assert units.dtype == torch.float32
    assert torch.allclose(units.norm(dim=1), torch.ones(5), atol=1e-5)


def test_the_same_kind_of_goods_is_not_yet_the_same_item() -> None:
    vectors = products()
    photo, of_the_same_kind = vectors[:1], vectors[1:2].clone()
    of_the_same_kind[:, :2] = photo[:, :2]
    plain = torch.nn.functional.cosine_similarity(photo, of_the_same_kind).item()
    assert plain > 0.9
    assert LikenessSpace(vectors).same_items(photo, of_the_same_kind) == [[]]


def test_photos_of_the_item_come_first_the_likest_before_the_others() -> None:
    vectors = products()
    space = LikenessSpace(vectors)
    noise = torch.randn(2, 16, generator=torch.Generator().manual_seed(2)) * torch.tensor([[0.3], [0.03]])
    shots = vectors[:1] + noise
    others = torch.cat([vectors[10:12], shots])
    (found,) = space.same_items(vectors[:1], others)
    assert found[:2] == [3, 2]
    cosines = space.units(vectors[:1]) @ space.units(others).T
    assert [row for row in range(4) if cosines[0, row] >= SAME_ITEM] == sorted(found)


def test_few_products_and_many_dimensions_are_no_error() -> None:
    vectors = products(4)
    assert torch.isfinite(LikenessSpace(vectors).units(vectors)).all()


def test_a_space_is_fitted_to_what_travels_with_an_artifact(tiny_artifact: Path) -> None:
    vectors = from_bytes(read_extra(tiny_artifact, EMBEDDINGS_FILE)).vectors
    space = LikenessSpace.of_artifact(tiny_artifact)
    assert all(row in found for row, found in enumerate(space.same_items(vectors, vectors)))
