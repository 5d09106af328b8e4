"""Which side a picture is on: train, tune, calibrate or report.

A stable hash of the picture's group decides, so that no picture ever changes sides, whatever is added
beside it. The group is the person for phone photos (who photographs the same bed) and the decoded pixels
for all others (identical twins under several ids stay together).
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from ml.layouts import Example

TRAIN: Final = "train"
TUNE: Final = "tune"
CALIBRATE: Final = "calibrate"
REPORT: Final = "report"
ALL: Final = "all"

SHARES: Final = ((TRAIN, 0.75), (TUNE, 0.05), (CALIBRATE, 0.05), (REPORT, 0.15))
SALT: Final = "lapel-189"
"""One of 200 tried, chosen by counts alone: the few phone photographers fall near their shares with it."""
DESCRIPTION: Final = (
    "75 % train, 5 % tune, 5 % calibrate, 15 % report by SHA-256 of 'lapel-189' and the group: "
    "the person of a phone photo, the decoded pixels of any other picture"
)


def side_of(group: str) -> str:
    """The side of a group: `train`, `tune`, `calibrate` or `report`."""
    digest = hashlib.sha256(f"{SALT}:{group}".encode()).digest()
    position = int.from_bytes(digest[:8], "big") / 2**64
    upper = 0.0
    for side, share in SHARES:
        upper += share
        if position < upper:
            return side
    return REPORT


def group_of(example: Example, fingerprint: str) -> str:
    """What must stay together with this example: its person, else its twins."""
    return f"person:{example.person}" if example.person else f"picture:{fingerprint}"


def sides(examples: Sequence[Example], fingerprints: Sequence[str]) -> list[str]:
    """The side of every example, in order."""
    return [side_of(group_of(example, mark)) for example, mark in zip(examples, fingerprints, strict=True)]
