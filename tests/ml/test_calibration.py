import math
from pathlib import Path

import pytest
import torch

from ml.calibration import (
    ALWAYS_ABSTAIN,
    Thresholds,
    calibrate,
    even_weights,
    field_thresholds,
    lower_band,
    lowest_threshold,
)
from ml.hierarchy import Hierarchy
from ml.layouts import Example
from ml.vocabulary import Vocabulary
from tests.ml.drawings import JEANS, SHIRT

FALLING = torch.linspace(0.99, 0.01, 99)


def uniform(count: int) -> torch.Tensor:
    return torch.full((count,), 1 / count)


def test_no_threshold_is_needed_when_all_are_right() -> None:
    assert lowest_threshold(FALLING, torch.ones(99).bool(), uniform(99), 0.97) == 0.0


def test_threshold_is_the_lowest_that_keeps_the_precision_by_one_standard_error() -> None:
    hits = torch.arange(99) < 50  # the 50 most confident are right, those after them wrong
    error_of_51, error_of_52 = (math.sqrt(0.94 * 0.06 / count) for count in (51, 52))
    assert 50 / 51 - error_of_51 > 0.94 > 50 / 52 - error_of_52
    assert lowest_threshold(FALLING, hits, uniform(99), 0.94) == float(FALLING[50])


def test_the_fewer_pictures_the_larger_the_error() -> None:
    hits = torch.arange(99) != 20
    heavy = torch.where(torch.arange(99) < 3, 1.0, 0.001)  # as uncertain as three pictures
    assert lowest_threshold(FALLING, hits, uniform(99), 0.97) == 0.0
    assert lowest_threshold(FALLING, hits, heavy / heavy.sum(), 0.97) == ALWAYS_ABSTAIN


def test_unreachable_precision_means_always_abstain() -> None:
    assert lowest_threshold(FALLING, torch.zeros(99).bool(), uniform(99), 0.5) == ALWAYS_ABSTAIN


def test_handful_of_lucky_pictures_sets_no_threshold() -> None:
    hits = torch.arange(99) < 5
    assert lowest_threshold(FALLING, hits, uniform(99), 0.97) == ALWAYS_ABSTAIN


def test_domains_weigh_the_same() -> None:
    assert even_weights(["studio", "studio", "studio", "phone"]).tolist() == [
        float(torch.tensor(1 / 6)),
        float(torch.tensor(1 / 6)),
        float(torch.tensor(1 / 6)),
        0.5,
    ]


def test_a_few_pictures_of_a_kind_do_not_outweigh_the_rest() -> None:
    weights = even_weights(["studio"] * 400 + ["phone"] * 5)
    assert float(weights[:400].sum()) == pytest.approx(1 / 1.05)
    assert float(weights[400:].sum()) == pytest.approx(0.05 / 1.05)


def test_sure_is_never_laxer_than_not_abstaining() -> None:
    hits = torch.arange(99) < 90
    thresholds = field_thresholds("sub_category", FALLING, hits, uniform(99))
    assert thresholds.sure_from >= thresholds.abstain_below > 0


def test_bands_follow_the_thresholds() -> None:
    thresholds = Thresholds(abstain_below=0.5, sure_from=0.9)
    assert [thresholds.band(value) for value in (0.49, 0.5, 0.89, 0.9)] == [
        "unsure",
        "check",
        "check",
        "sure",
    ]


def test_overconfident_model_gets_a_temperature_above_one() -> None:
    names = ("master_category", "sub_category", "article_type")
    examples = [
        Example(Path("x"), {**dict(zip(names, path, strict=True)), "colour": colour}, "studio")
        for path, colour in [(SHIRT, "Red"), (JEANS, "Blue")] * 50
    ]
    vocabulary = Vocabulary.observed(examples)
    targets = vocabulary.encode(examples)
    noise = torch.randn(100, 2, generator=torch.Generator().manual_seed(0)) * 8
    colours = torch.nn.functional.one_hot(targets.plain["colour"], 2) * 4.0
    logits = {
        "category": targets.category * 4.0 + noise,
        "colour": colours,
        "season": torch.zeros(100, 0),
        "gender": torch.zeros(100, 0),
        "usage": torch.zeros(100, 0),
    }
    calibration = calibrate(logits, examples, vocabulary)
    assert calibration.temperatures["article_type"] > 1.0
    assert calibration.temperatures["colour"] < 1.0
    assert calibration.thresholds["colour"].abstain_below == 0.0
    assert calibration.temperatures["season"] == 1.0


def test_every_picture_counts_the_same_to_a_temperature() -> None:
    examples = [Example(Path("x"), {"colour": "Red"}, "studio")] * 90
    examples += [Example(Path("x"), {"colour": "Blue"}, "phone")] * 10
    plain = {"colour": ("Blue", "Red"), "season": (), "gender": (), "usage": ()}
    logits = {"category": torch.zeros(100, 1), "colour": torch.tensor([[0.0, 4.0]] * 100)}
    calibration = calibrate(logits, examples, Vocabulary(Hierarchy((SHIRT,)), plain))
    assert calibration.temperatures["colour"] == pytest.approx(4 / math.log(9), rel=0.02)  # so that it says 0.9


def test_a_band_falls_by_one_and_not_below_unsure() -> None:
    assert [lower_band(band) for band in ("sure", "check", "unsure")] == ["check", "unsure", "unsure"]
