"""Tiny networks, really trained: they tell a few drawn products and colours apart, within seconds on one core."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from PIL import Image

from tests.drawing import Kind, product
from tests.once import made_once

PATHS: Final[Mapping[Kind, tuple[str, str, str]]] = {
    "shirt": ("Apparel", "Topwear", "Tshirts"),
    "trousers": ("Apparel", "Bottomwear", "Trousers"),
    "shoe": ("Footwear", "Shoes", "Casual Shoes"),
    "bag": ("Accessories", "Bags", "Handbags"),
}
"""What the network calls each drawing: paths of the real vocabulary."""
COLOURS: Final = {"red": "Red", "blue": "Blue", "green": "Green"}
SEASONS: Final = ("Summer", "Winter")

SIZE_PIXELS: Final = (48, 64)
BASE_DIR: Final = Path(__file__).parents[1]

TRAIN, CALIBRATE, REPORT = "train", "calibrate", "report"


@dataclass(frozen=True)
class Drawn:
    kind: Kind
    colour: str
    picture: Image.Image


def drawn(seeds: Sequence[int]) -> list[Drawn]:
    """Every product in every colour, once for each seed."""
    return [
        Drawn(kind, colour, product(kind, colour, SIZE_PIXELS, seed=seed))
        for seed in seeds
        for kind in PATHS
        for colour in COLOURS
    ]


@cache
def tiny_artifact() -> Path:
    """A folder with a trained artifact; made once for all processes that test this code, who leave it as it is."""
    return made_once(f"tiny-{_identity_of_the_code()}", lambda folder: build_artifact(folder / "artifact")) / "artifact"


def _identity_of_the_code() -> str:
    """Changes with whatever could change the artifact."""
    files = [*sorted((BASE_DIR / "ml").rglob("*.py")), Path(__file__), BASE_DIR / "tests" / "drawing.py"]
    code = [*(file.read_bytes() for file in files), version("torch").encode(), version("torchvision").encode()]
    return hashlib.sha256(b"".join(code)).hexdigest()[:24]


def build_artifact(path: Path, *, name: str = "lapel-tiny", seed: int = 1, steps: int = 60) -> Path:
    """Trains a network and saves it. It is sure of kind and colour from 0.9 on; of the season it knows nothing."""
    import torch

    from ml.artifact import Card, round_weights, save
    from ml.layouts import STUDIO, Example
    from ml.network import Network
    from ml.preprocessing import Preprocessing
    from ml.train import TrainingConfig, total_loss
    from ml.vocabulary import Vocabulary

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    config = TrainingConfig(trunk="shufflenet_v2_x0_5", preprocessing=Preprocessing(48, 36))
    lessons = drawn(range(100, 105))
    examples = [
        Example(Path("drawn"), {**_labels(each), "season": SEASONS[number % 2]}, STUDIO)
        for number, each in enumerate(lessons)
    ]
    vocabulary = Vocabulary.observed(examples)
    canvases = torch.stack([torch.from_numpy(config.preprocessing.canvas(each.picture)) for each in lessons])
    inputs = config.preprocessing.normalise(config.preprocessing.scale(canvases))
    targets = vocabulary.encode(examples)
    network = Network(config.trunk, vocabulary.sizes)
    optimizer = torch.optim.AdamW(network.parameters(), 3e-3)
    for _ in range(steps):
        rows = torch.randperm(len(lessons))[:24]
        loss = total_loss(network(inputs[rows]), targets.take(rows), config)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    round_weights(network)
    texts: dict[str, Any] = {key: {} for key in ("metrics", "data", "training", "libraries")}
    card = Card(
        name=name,
        trunk=config.trunk,
        preprocessing=config.preprocessing,
        vocabulary=vocabulary,
        calibration=_calibration(),
        history=[],
        created="2024-01-01T00:00:00+00:00",
        **texts,
    )
    save(path, network, card)
    save(path, network, card, _extras(path, {TRAIN: lessons, CALIBRATE: drawn([106]), REPORT: drawn([107, 108])}))
    return path


def _extras(path: Path, by_side: Mapping[str, Sequence[Drawn]]) -> dict[str, bytes]:
    """Embeddings and evidence of drawn pictures, as `python -m ml pack` makes them of real ones."""
    from ml import evidence, pack
    from ml.artifact import EMBEDDINGS_FILE, EVIDENCE_FILE
    from ml.embeddings import EmbeddingTable
    from ml.layouts import STUDIO
    from ml.predictor import Predictor

    predictor = Predictor.load(path, "cpu")
    rows = [(side, each) for side, pictures in by_side.items() for each in pictures]
    table = EmbeddingTable(
        vectors=predictor.embed_pictures([each.picture for _side, each in rows]),
        names=[f"{number}.jpg" for number, _row in enumerate(rows)],
        labels=[_labels(each) for _side, each in rows],
        sides=[side for side, _each in rows],
        domains=[STUDIO] * len(rows),
    )
    measured = evidence.evidence(predictor, table.on_side(REPORT))
    return {EMBEDDINGS_FILE: pack.to_bytes(table), EVIDENCE_FILE: evidence.as_bytes(measured)}


def renamed_artifact(source: Path, path: Path, name: str) -> Path:
    """Another version: the same network under another name, which makes it another artifact."""
    from ml.artifact import load, read_extra, save

    artifact = load(source)
    extras = {file: read_extra(source, file) for file in artifact.card.files}
    save(path, artifact.network, replace(artifact.card, name=name), extras)
    return path


def published_folder(folder: Path, pictures: Sequence[Drawn], path: tuple[str, ...] | None = None) -> Path:
    """Drawn pictures in the layout of the published data set."""
    (folder / "images").mkdir(parents=True)
    lines = ["id,masterCategory,subCategory,articleType,baseColour,season,gender,usage"]
    for number, each in enumerate(pictures):
        each.picture.save(folder / "images" / f"{number}.png")
        lines.append(f"{number},{','.join(path or PATHS[each.kind])},{COLOURS[each.colour]},,,")
    (folder / "styles.csv").write_text("\n".join(lines) + "\n")
    return folder


def _labels(each: Drawn) -> dict[str, str]:
    master, sub, article = PATHS[each.kind]
    return {
        "master_category": master,
        "sub_category": sub,
        "article_type": article,
        "colour": COLOURS[each.colour],
    }


def _calibration() -> Any:
    from ml.calibration import ALWAYS_ABSTAIN, Calibration, Thresholds
    from ml.fields import FIELDS

    thresholds = dict.fromkeys(FIELDS, Thresholds(abstain_below=0.5, sure_from=0.9))
    thresholds["season"] = Thresholds(abstain_below=ALWAYS_ABSTAIN, sure_from=ALWAYS_ABSTAIN)
    return Calibration(dict.fromkeys(FIELDS, 1.0), thresholds)
