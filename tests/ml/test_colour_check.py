import json
from dataclasses import replace
from itertools import product as pairs

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from torch import Tensor

from ml.colour_check import (
    NEVER_CONTRADICTED,
    REFERENCE_FILE,
    RELATED,
    ColourReference,
    cells_of,
    histograms_of,
    lab,
    product_weights,
    shipped_reference,
    thinned,
)
from ml.preprocessing import Preprocessing
from tests.drawing import Kind
from tests.drawing import product as drawn_product

DRAWN = {
    "red": "Red",
    "blue": "Blue",
    "navy": "Navy Blue",
    "green": "Green",
    "yellow": "Yellow",
    "orange": "Orange",
    "#e86aa6": "Pink",
    "#6b2fa0": "Purple",
    "#5a3a22": "Brown",
    "maroon": "Maroon",
    "#d8c8a8": "Beige",
    "#f4f4f4": "White",
    "#8a8a8a": "Grey",
    "#222222": "Black",
}
GARMENTS: tuple[Kind, ...] = ("shirt", "trousers", "dress")
BACKGROUNDS = ("white", "#b08850", "#3050a0", "#207030", "#7a1f1f", "black")


def product(kind: Kind, colour: str, background: str | None = None) -> Image.Image:
    return drawn_product(kind, colour, (96, 128), background)


def canvas(picture: Image.Image) -> Tensor:
    return torch.from_numpy(Preprocessing().canvas(picture))


def contradicted(value: str, *pictures: Image.Image) -> list[bool]:
    return shipped_reference().contradicts([value] * len(pictures), torch.stack([canvas(each) for each in pictures]))


@pytest.mark.parametrize(("colour", "value"), DRAWN.items())
def test_the_right_name_is_not_contradicted_on_any_background(colour: str, value: str) -> None:
    pictures = [product(kind, colour, background=ground) for kind, ground in pairs(GARMENTS, BACKGROUNDS)]
    assert contradicted(value, *pictures) == [False] * len(pictures)


@pytest.mark.parametrize(
    ("colour", "wrong"),
    [
        ("red", "Blue"),
        ("red", "Black"),
        ("blue", "Red"),
        ("blue", "Yellow"),
        ("navy", "Yellow"),
        ("green", "Red"),
        ("yellow", "Blue"),
        ("#e86aa6", "Green"),
        ("#f4f4f4", "Black"),
        ("#f4f4f4", "Red"),
        ("#222222", "White"),
        ("#222222", "Red"),
        ("#8a8a8a", "Red"),
        ("#8a8a8a", "Yellow"),
    ],
)
def test_a_wrong_name_is_contradicted(colour: str, wrong: str) -> None:
    pictures = [product(kind, colour, background="white") for kind in GARMENTS]
    assert contradicted(wrong, *pictures) == [True] * len(pictures)


@pytest.mark.parametrize("background", ["#c9a227", "#b08850"])
def test_the_colour_of_the_floor_is_contradicted(background: str) -> None:
    pictures = [product(kind, "navy", background=background) for kind in GARMENTS]
    assert contradicted("Yellow", *pictures) == [True] * len(pictures)


def test_a_white_product_on_white_is_still_seen() -> None:
    blank = Image.new("RGB", (60, 80), "white")
    assert contradicted("White", blank) == [False]
    assert contradicted("Black", blank) == [True]


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (2, 3), (7, 5)])
def test_tiny_and_thin_pictures_are_judged_like_any_other(size: tuple[int, int]) -> None:
    picture = Image.new("RGB", size, "blue")
    assert (contradicted("Blue", picture), contradicted("Red", picture)) == ([False], [True])


@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 1), (48, 36), (32, 24), (160, 120), (224, 224)])
def test_canvases_of_any_size_are_judged(height: int, width: int) -> None:
    canvases = torch.tensor([0, 0, 255], dtype=torch.uint8).expand(1, height, width, 3)
    assert [shipped_reference().contradicts([value], canvases) for value in ("Blue", "Red")] == [[False], [True]]


@pytest.mark.parametrize("name", ["Fuchsia", "", "red", "Teal", *NEVER_CONTRADICTED])
def test_unknown_and_rare_names_and_multi_are_never_contradicted(name: str) -> None:
    assert contradicted(name, product("shirt", "red"), Image.new("RGB", (60, 80), "blue")) == [False, False]


def test_answers_come_in_the_order_of_the_pictures_whatever_is_unknown() -> None:
    picture = canvas(product("shirt", "red", background="white"))
    values = ["Blue", "Fuchsia", "Red", "Multi", "Green"]
    found = shipped_reference().contradicts(values, picture.expand(5, *picture.shape))
    assert found == [True, False, False, False, True]


def test_no_pictures_give_no_answers() -> None:
    assert shipped_reference().contradicts([], torch.empty((0, 128, 96, 3), dtype=torch.uint8)) == []


def test_a_picture_is_judged_alike_alone_and_among_many() -> None:
    canvases = torch.stack([canvas(product(kind, colour)) for kind, colour in pairs(GARMENTS, DRAWN)] * 2)
    reference = shipped_reference()
    together = histograms_of(reference, canvases)
    alone = torch.cat([reference.histograms(each[None]) for each in canvases])
    assert len(canvases) > 64
    assert torch.allclose(together, alone, atol=1e-6)


@given(pixels=st.binary(min_size=6 * 4 * 3, max_size=6 * 4 * 3))
def test_a_histogram_is_shares_of_one_for_any_pixels(pixels: bytes) -> None:
    canvases = torch.frombuffer(bytearray(pixels), dtype=torch.uint8).view(1, 6, 4, 3)
    (shares,) = shipped_reference().histograms(canvases)
    assert float(shares.min()) >= 0
    assert float(shares.sum()) == pytest.approx(1, abs=1e-4)


@given(pixels=st.binary(min_size=6 * 4 * 3, max_size=6 * 4 * 3))
def test_a_mirrored_picture_has_the_same_histogram(pixels: bytes) -> None:
    canvases = torch.frombuffer(bytearray(pixels), dtype=torch.uint8).view(1, 6, 4, 3)
    reference = shipped_reference()
    assert torch.allclose(reference.histograms(canvases), reference.histograms(canvases.flip(2)), atol=1e-5)


@given(pixels=st.binary(min_size=6 * 4 * 3, max_size=6 * 4 * 3))
def test_the_likeliest_name_and_its_relations_are_never_contradicted(pixels: bytes) -> None:
    canvases = torch.frombuffer(bytearray(pixels), dtype=torch.uint8).view(1, 6, 4, 3)
    reference = shipped_reference()
    likeliest = reference.names[int(reference.log_probabilities(reference.histograms(canvases)).argmax())]
    related = {likeliest}.union(*(group for group in RELATED if likeliest in group))
    assert not any(reference.contradicts([name], canvases) == [True] for name in related)


def test_names_of_one_shade_do_not_contradict_each_other() -> None:
    reference = shipped_reference()
    related = {
        (one, other)
        for row, one in enumerate(reference.names)
        for column, other in enumerate(reference.names)
        if reference.is_related[row, column]
    }
    assert related == {(one, other) for group in RELATED for one, other in pairs(group, group)} | {
        (name, name) for name in reference.names
    }


def test_lab_of_known_colours() -> None:
    colours = torch.tensor([[1.0, 1, 1], [0, 0, 0], [1, 0, 0], [0, 0, 1], [0.5, 0.5, 0.5]])
    expected = torch.tensor([[100, 0, 0], [0, 0, 0], [53.24, 80.09, 67.20], [32.30, 79.19, -107.86], [53.39, 0, 0]])
    assert torch.allclose(lab(colours), expected, atol=0.02)


def test_cells_count_red_first() -> None:
    pixels = torch.tensor([[0, 0, 0], [0, 0, 8], [0, 8, 0], [8, 0, 7], [255, 255, 255]], dtype=torch.uint8)
    assert cells_of(pixels).tolist() == [0, 1, 32, 1024, 32767]


def test_pictures_are_thinned_evenly_and_small_ones_not_at_all() -> None:
    sizes = {(128, 96): (64, 48), (160, 120): (80, 60), (224, 224): (56, 56), (32, 24): (32, 24), (1, 1): (1, 1)}
    found = {size: tuple(thinned(torch.zeros((1, *size, 3), dtype=torch.uint8)).shape[1:3]) for size in sizes}
    assert found == sizes


def test_a_white_background_does_not_count() -> None:
    pictures = torch.full((1, 20, 20, 3), 255, dtype=torch.uint8)
    pictures[:, 5:15, 5:15] = 30
    weights = product_weights(pictures).view(20, 20)
    assert (float(weights[:3].max()), float(weights[8:12, 8:12].min())) == (0, 1)


def test_a_reference_survives_its_file() -> None:
    reference = shipped_reference()
    again = ColourReference.from_json(json.loads(json.dumps(reference.to_json())))
    assert again.names == reference.names
    assert all(torch.equal(getattr(again, key), getattr(reference, key)) for key in ("palette", "weights", "bias"))
    assert json.loads(REFERENCE_FILE.read_text()) == reference.to_json()


def test_the_shipped_reference_names_colours_of_the_shipped_model_and_all_relations() -> None:
    reference = shipped_reference()
    card = json.loads((REFERENCE_FILE.parent / "artifacts" / "default" / "card.json").read_text())
    assert set(reference.names) <= set(card["classes"]["colour"])
    assert frozenset().union(*RELATED, NEVER_CONTRADICTED) <= set(reference.names)
    assert reference.weights.shape == (len(reference.names), len(reference.palette))


def test_a_reference_without_a_name_says_nothing_of_it() -> None:
    reference = shipped_reference()
    without = [row for row, name in enumerate(reference.names) if name != "Red"]
    smaller = replace(
        reference,
        names=tuple(reference.names[row] for row in without),
        weights=reference.weights[without],
        bias=reference.bias[without],
    )
    picture = canvas(product("shirt", "blue", background="white"))[None]
    assert (reference.contradicts(["Red"], picture), smaller.contradicts(["Red"], picture)) == ([True], [False])
