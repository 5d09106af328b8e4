from pathlib import Path

import numpy as np
import pytest
import torch

from ml.dataset import split
from ml.errors import DataError
from ml.fields import FIELDS
from ml.layouts import read_folder
from ml.outcomes import Outcome
from ml.predictor import Predictor
from ml.studies.ablations import ABLATIONS, ON_CUT_OUTS, REGIONS
from ml.studies.sight import Sight, ablations, embedding_map, figures, losses, regions, worst
from tests.ml.drawings import write_published


@pytest.fixture(scope="module")
def sight(drawn_data: list[Path], tiny_artifact: Path) -> Sight:
    return Sight.of(drawn_data[0], None, 12, Predictor.load(tiny_artifact))


@pytest.fixture
def outcome() -> Outcome:
    return Outcome(
        names=["a", "b", "c", "d"],
        actual=["Blue", "Blue", "Red", "Blue"],
        predicted=["Navy Blue", "Navy Blue", "Blue", "Blue"],
        confidences=np.array([0.6, 0.9, 0.7, 0.99]),
        in_top_3=np.ones(4, dtype=np.bool_),
        is_kept=np.ones(4, dtype=np.bool_),
    )


def test_only_pictures_that_were_not_learned_from_are_looked_at(sight: Sight, drawn_data: list[Path]) -> None:
    assert 0 < len(sight.table) == len(sight.canvases) <= 12
    assert set(sight.table.sides) == {"report"}
    assert all((drawn_data[0] / name).is_file() for name in sight.table.names)


def test_folder_without_such_pictures_is_an_error(drawn_data: list[Path], tiny_artifact: Path, tmp_path: Path) -> None:
    learned = split(read_folder(drawn_data[0]))["train"][0]
    folder = write_published(tmp_path / "learned", 1, first=int(learned.picture.stem))
    with pytest.raises(DataError, match="no picture falls on the report side"):
        Sight.of(folder, None, None, Predictor.load(tiny_artifact))


def test_pictures_left_as_they_are_change_nothing(sight: Sight) -> None:
    after = sight.after(lambda pictures: pictures)
    assert set(after) == set(sight.outcomes()) <= set(FIELDS)
    assert all((row.lost, row.gained, row.before) == (0, 0, row.after) for row in after.values())


def test_pictures_painted_over_are_not_recognised(sight: Sight) -> None:
    row = sight.after(lambda pictures: torch.full_like(pictures, 0.5))["sub_category"]
    assert row.before - row.after > 0.2


def test_products_on_white_are_cut_out(sight: Sight) -> None:
    canvases = sight.canvases.clone()
    canvases[0] = 90
    assert len(Sight(sight.predictor, canvases, sight.table).cut_outs().table) == len(sight.cut_outs().table) - 1


def test_every_ablation_is_measured_in_every_field(sight: Sight) -> None:
    found = ablations(sight)
    assert set(found) == set(ABLATIONS)
    assert all(set(row) == {"n", "before", "after", "chance"} for row in found["grey"].values())
    assert found["grey"]["sub_category"]["n"] == len(sight.table)


def test_few_cut_outs_make_no_silhouettes(sight: Sight) -> None:
    canvases = sight.canvases.clone()
    canvases[2:] = 90
    assert set(ablations(Sight(sight.predictor, canvases, sight.table))) == set(ABLATIONS) - ON_CUT_OUTS


def test_losses_are_means_over_drawings(sight: Sight) -> None:
    spoiled = losses(sight, lambda seed: lambda pictures: pictures if seed else torch.full_like(pictures, 0.5), 2)
    whole = losses(sight, lambda seed: lambda pictures: torch.full_like(pictures, 0.5), 1)
    assert spoiled["sub_category"] == pytest.approx(whole["sub_category"] / 2, abs=1e-4)


def test_every_region_has_its_loss(sight: Sight) -> None:
    assert {np.shape(found) for found in regions(sight, 1).values()} == {REGIONS}


def test_figures_name_the_most_frequent_confusion(outcome: Outcome) -> None:
    assert figures(outcome) == {
        "n": 4,
        "accuracy": 0.25,
        "interval": pytest.approx([0.0456, 0.6994], abs=1e-3),
        "confusions": [["Blue", "Navy Blue", 2], ["Red", "Blue", 1]],
    }


def test_worst_errors_are_the_surest(outcome: Outcome) -> None:
    assert worst(outcome) == [
        ["b", "Blue", "Navy Blue", 0.9],
        ["c", "Red", "Blue", 0.7],
        ["a", "Blue", "Navy Blue", 0.6],
    ]


def test_map_keeps_clusters_apart() -> None:
    noise = torch.randn(40, 8, generator=torch.Generator().manual_seed(1)) * 0.1
    noise[:20, 0] += 5
    places = np.array(embedding_map(noise))
    assert places.shape == (40, 2)
    first, second = places[:20], places[20:]
    assert np.linalg.norm(first.mean(0) - second.mean(0)) > max(first.std(), second.std())
    assert embedding_map(noise) == places.tolist()
