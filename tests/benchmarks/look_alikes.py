"""How well photos that come again, and photos of one item, are told from other photos of the same person.

    python -m tests.benchmarks.look_alikes --phone DIR --studio DIR --out tests/benchmarks/results/look_alikes.json

`--phone` holds `labels.csv` (id, person) and `images/`, `--studio` pictures as jpg. Copies are made smaller, compressed
anew and cropped. Nobody has labelled which phone photos show one item, so other angles are made: turned, cropped,
seen askew, in other light. What else the same person photographed, often the like on the same bed, is what they must
be told from; some of those pairs do show one item, so the false alarms are rather fewer than counted. The network has
learned from most of these photos, though never which of them show the same item.
"""

import argparse
import csv
import json
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image, ImageEnhance
from torch import Tensor
from torch.nn.functional import normalize

from catalog.perceptual_hash import looks_same, perceptual_hash
from ml.artifact import DEFAULT_PATH, EMBEDDINGS_FILE, load, read_extra
from ml.bench import machine
from ml.likeness import FITTED_ROWS, SAME_ITEM, SHRINKAGE, LikenessSpace
from ml.network import choose_device
from ml.pack import from_bytes
from ml.predictor import Predictor
from tests.drawing import reopened

SAMPLE: Final = 800
STUDIO_SHOP: Final = 300
"""Pictures of a made-up shop, among which a studio picture is looked for."""
FALSE_ALARMS: Final = (0.02, 0.05, 0.1)
SHRINKAGES: Final = (0.03, 0.1, 0.3, 1.0)
CHANGES: Final[Mapping[str, Callable[[Image.Image], Image.Image]]] = {
    "JPEG quality 60": lambda picture: reopened(picture, 60),
    "JPEG quality 30": lambda picture: reopened(picture, 30),
    "half as large": lambda picture: reopened(picture.reduce(2), 75),
    "2 % cropped": lambda picture: picture.crop(_inner(picture, 0.02)),
}


def _inner(picture: Image.Image, share: float) -> tuple[int, int, int, int]:
    x, y = round(share * picture.width), round(share * picture.height)
    return x, y, picture.width - x, picture.height - y


def reshot(picture: Image.Image, seed: int) -> Image.Image:
    """As from another angle in other light."""
    drawn = random.Random(seed)
    width, height = picture.size
    turned = picture.rotate(drawn.uniform(-10, 10), Image.Resampling.BICUBIC, fillcolor=picture.getpixel((3, 3)))
    share = drawn.uniform(0.78, 0.95)
    left, top = drawn.uniform(0, 1 - share) * width, drawn.uniform(0, 1 - share) * height
    right, bottom = left + share * width, top + share * height
    lean, slant = drawn.uniform(-0.05, 0.05) * width, drawn.uniform(-0.05, 0.05) * width
    corners = (left, top, left + lean, bottom, right, bottom, right + slant, top)
    seen = turned.transform(picture.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)
    lit = ImageEnhance.Brightness(seen).enhance(drawn.uniform(0.75, 1.25))
    tints = [drawn.uniform(0.92, 1.08) for _ in range(3)]
    bands = [_tinted(band, tint) for band, tint in zip(lit.split(), tints, strict=True)]
    return Image.merge("RGB", bands)


def _tinted(band: Image.Image, tint: float) -> Image.Image:
    return band.point([min(255, int(value * tint)) for value in range(256)])


def opened(file: Path) -> Image.Image:
    with Image.open(file) as picture:
        return picture.convert("RGB")


def measure_copies(pictures: Sequence[Image.Image], neighbours: Sequence[Sequence[int]], sample: Sequence[int]) -> Any:
    """Shares of the sample that are known again after each change, and that are taken for a copy of a neighbour."""
    hashes = [perceptual_hash(picture) for picture in pictures]
    known = {
        change: sum(looks_same(hashes[row], perceptual_hash(apply(pictures[row]))) for row in sample) / len(sample)
        for change, apply in CHANGES.items()
    }
    mistaken = sum(any(looks_same(hashes[row], hashes[other]) for other in neighbours[row]) for row in sample)
    return {
        "pictures": len(sample),
        "known_again": {change: round(share, 4) for change, share in known.items()},
        "others_taken_for_a_copy": round(mistaken / len(sample), 4),
    }


def spaces(products: Tensor) -> dict[str, Callable[[Tensor], Tensor]]:
    """Ways of comparing embeddings: each makes unit vectors of them."""
    found: dict[str, Callable[[Tensor], Tensor]] = {
        "as they are": normalize,
        "less their mean": lambda vectors: normalize(vectors - products.mean(0)),
    }
    for shrinkage in SHRINKAGES:
        found[f"whitened, shrinkage {shrinkage:g}"] = LikenessSpace(products, shrinkage).units
    return found


def measure_items(
    vectors: Tensor, angles: Tensor, sample: Sequence[int], neighbours: Sequence[Sequence[int]], products: Tensor
) -> dict[str, Any]:
    """By space the share of other angles that are found, at limits that so many photos exceed with a neighbour."""
    found = {}
    for name, units in spaces(products).items():
        photos, seen = units(vectors), units(angles)
        hits = (photos[list(sample)] * seen).sum(1).numpy()
        alarms = np.array([float((photos[row] @ photos[list(neighbours[row])].T).max()) for row in sample])
        limits = {share: float(np.quantile(alarms, 1 - share)) for share in FALSE_ALARMS}
        found[name] = {f"{share:.0%} false": round(float((hits > limit).mean()), 4) for share, limit in limits.items()}
        if name == f"whitened, shrinkage {SHRINKAGE:g}":
            found["at the limit in use"] = {
                "limit": SAME_ITEM,
                "other angles found": round(float((hits >= SAME_ITEM).mean()), 4),
                "photos with a false alarm": round(float((alarms >= SAME_ITEM).mean()), 4),
            }
    return found


def read_phone(folder: Path) -> tuple[list[Image.Image], list[list[int]]]:
    """The photos, and for each the places of the others by the same person."""
    with (folder / "labels.csv").open() as file:
        rows = [(row["person"], folder / "images" / f"{row['id']}.jpg") for row in csv.DictReader(file)]
    kept = [(person, photo) for person, photo in rows if photo.exists()]
    people: dict[str, list[int]] = {}
    for number, (person, _photo) in enumerate(kept):
        people.setdefault(person, []).append(number)
    neighbours = [[other for other in people[person] if other != number] for number, (person, _) in enumerate(kept)]
    return [opened(photo) for _person, photo in kept], neighbours


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--phone", type=Path, required=True)
    parser.add_argument("--studio", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    phone, neighbours = read_phone(options.phone)
    drawn = random.Random(1)
    sample = drawn.sample([number for number, others in enumerate(neighbours) if others], SAMPLE)
    studio = [opened(file) for file in drawn.sample(sorted(options.studio.glob("*.jpg")), 4 * SAMPLE)]
    shops = [drawn.sample(range(number + 1, len(studio)), STUDIO_SHOP) for number in range(SAMPLE)]
    predictor = Predictor(load(DEFAULT_PATH), choose_device(), "onnx")
    products = from_bytes(read_extra(DEFAULT_PATH, EMBEDDINGS_FILE)).vectors
    results = {
        "machine": machine.describe(),
        "model": predictor.name,
        "copies": {
            "phone": measure_copies(phone, neighbours, sample),
            "studio": measure_copies(studio, shops, range(SAMPLE)),
        },
        "items": measure_items(
            predictor.embed_pictures(phone),
            predictor.embed_pictures([reshot(phone[number], number) for number in sample]),
            sample,
            neighbours,
            products[:: max(1, len(products) // FITTED_ROWS)],
        ),
    }
    text = json.dumps(results, indent=1)
    print(text)
    if options.out:
        options.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
