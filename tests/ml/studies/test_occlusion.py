from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from ml.fields import FIELDS
from ml.predictor import Predictor
from ml.studies.occlusion import COVER, PLACES, covered, occlusion, overlay
from tests.ml.drawings import SHIRT, draw


@pytest.fixture
def canvases(predictor: Predictor) -> Tensor:
    pictures = [draw(SHIRT, "Red", seed=seed) for seed in (1, 2)]
    return torch.stack([torch.from_numpy(predictor.preprocessing.canvas(picture)) for picture in pictures])


def test_box_covers_its_place_and_nothing_else() -> None:
    canvases = torch.zeros(2, 80, 60, 3, dtype=torch.uint8)
    changed = covered(canvases, 2, 1)  # its middle: 25 px down, 15 px across
    rows, columns = (changed[0, :, :, 0] == COVER).nonzero().unbind(1)
    assert [int(each) for each in (rows.min(), rows.max(), columns.min(), columns.max())] == [13, 36, 6, 23]
    assert len(rows) == 24 * 18
    assert torch.equal(changed[0], changed[1])
    assert not canvases.any()


def test_box_at_the_edge_is_cut_off() -> None:
    changed = covered(torch.zeros(1, 80, 60, 3, dtype=torch.uint8), 0, 5)
    assert changed[0, 0, -1].tolist() == [COVER] * 3


def test_covering_takes_confidence_from_the_chosen_value(predictor: Predictor, canvases: Tensor) -> None:
    lost = occlusion(predictor, canvases)
    assert set(lost) == set(FIELDS)
    assert all(losses.shape == (2, *PLACES) for losses in lost.values())
    before = predictor.predict_canvases(canvases[:1])[0]["colour"]
    scores = predictor.scores(covered(canvases[:1], 3, 2))["colour"]
    after = scores.probabilities[0, [path[-1] for path in scores.paths].index(before.value)]
    assert float(lost["colour"][0, 3, 2]) == pytest.approx(before.confidence - float(after), abs=1e-5)


def test_overlay_is_red_where_most_is_lost(tmp_path: Path) -> None:
    losses = torch.zeros(PLACES)
    losses[0, 0], losses[7, 5] = 0.5, -0.5
    pixels = np.asarray(overlay(torch.zeros(80, 60, 3, dtype=torch.uint8), losses))
    assert pixels[2, 2, 0] > 100
    assert pixels[-3:, -3:].max() == 0


def test_overlay_of_nothing_lost_is_the_picture() -> None:
    canvas = torch.full((80, 60, 3), 7, dtype=torch.uint8)
    assert np.array_equal(np.asarray(overlay(canvas, -torch.ones(PLACES))), canvas.numpy())
