"""What a picture looks like in 512 bits, which hardly change when it is made smaller or compressed anew."""

from functools import lru_cache
from typing import Final

from PIL import Image

SIDE: Final = 16
CLEAR_STEP: Final = 3
"""Grey levels. What differs by less is noise: plain grounds would be all alike, or none."""
SAME_SHARE: Final = 0.8
"""`tests.benchmarks.look_alikes` has how many copies reach it, and that no other photo of the same person does."""
LEAST_STEPS: Final = 8


def perceptual_hash(picture: Image.Image) -> str:
    """128 hexadecimal digits: where each of 16 × 16 points is clearly darker, then clearly lighter, than the next."""
    small = picture.convert("L").resize((SIDE + 1, SIDE), Image.Resampling.BOX)
    rows = [small.crop((0, y, SIDE + 1, y + 1)).tobytes() for y in range(SIDE)]
    steps = [row[x + 1] - row[x] for row in rows for x in range(SIDE)]
    bits = "".join("1" if step > CLEAR_STEP else "0" for step in steps)
    bits += "".join("1" if step < -CLEAR_STEP else "0" for step in steps)
    return f"{int(bits, 2):0{SIDE * SIDE // 2}x}"


def looks_same(one: str, other: str) -> bool:
    """Whether two hashes are of the same photo; pictures that are too plain to tell are not, nor is an empty hash."""
    if not one or not other:
        return False
    left, right = _number(one), _number(other)
    either = (left | right).bit_count()
    return either >= LEAST_STEPS and (left & right).bit_count() >= SAME_SHARE * either


@lru_cache(maxsize=10_000)
def _number(digits: str) -> int:
    return int(digits, 16)
