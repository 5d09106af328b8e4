"""What a retraining learns from, and what comes of it: plain records between the labels here and the network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Embedding:
    """What a trunk sees in a photo: D features, float16, little endian; `fingerprint` is of the decoded pixels."""

    trunk_hash: str
    fingerprint: str
    vector: bytes


@dataclass(frozen=True)
class Lesson:
    """One labelled photo: labels by output of the network, and what the active model's trunk saw in it.

    `side`: `train`, `calibrate` or `report` (held out).
    """

    photo_id: int
    labels: Mapping[str, str]
    embedding: Embedding
    side: str


@dataclass(frozen=True)
class Answer:
    """What a model says of one held-out photo for one output; confidence is 0 to 1."""

    photo_id: int
    output: str
    actual: str
    predicted: str
    confidence: float


@dataclass(frozen=True)
class HeldOut:
    """How one model did on the held-out photos: figures by output, and every single answer."""

    figures: dict[str, Any]
    answers: Sequence[Answer]


@dataclass(frozen=True)
class Learned:
    """A candidate, measured beside the model that it started from.

    `objections` are sentences that speak against promoting it; none means that it is not worse.
    """

    comparison: Sequence[dict[str, Any]]
    objections: Sequence[str]
    before: HeldOut
    after: HeldOut
