"""What a card says, in lines for people."""

from typing import Any

import pytest

from onboarding.evidence.model_facts import model_facts
from onboarding.models import ModelVersion

CARD = {
    "trunk": "mobilenet_v2",
    "preprocessing": {"height": 128, "width": 96, "mean": [0.5]},
    "classes": {"category": [["Apparel"]] * 3, "colour": ["Red", "Blue"]},
    "data": {"pictures": {"train": {"phone": 2, "studio": 5}, "report": {"studio": 1}}},
    "created": "2026-01-02T03:04:05+00:00",
    "libraries": {"python": "3.11", "torch": "2.1"},
}


def test_a_card_is_told_line_by_line() -> None:
    assert model_facts(ModelVersion(sha256="a" * 64, card=CARD)) == [
        ("Network", "mobilenet_v2"),
        ("Reads pictures of", "96 × 128 pixels"),
        ("Values it knows", "Category paths 3, Colour 2"),
        ("Pictures", "train: 2 phone, 5 studio; report: 1 studio"),
        ("Trained", "2026-01-02T03:04:05+00:00"),
        ("With", "python 3.11, torch 2.1"),
        ("SHA-256", "a" * 64),
    ]


@pytest.mark.parametrize(
    "card",
    [
        {},
        [],
        None,
        {"trunk": None, "preprocessing": [], "classes": 3, "data": {"pictures": {"train": 5}}, "libraries": 1},
    ],
)
def test_an_odd_card_leaves_the_identity(card: Any) -> None:
    assert model_facts(ModelVersion(sha256="b" * 64, card=card)) == [("SHA-256", "b" * 64)]
