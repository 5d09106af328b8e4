"""Pictures of no product: fit what makes a model leave their fields empty, and measure whether it does."""

import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image
from rich.box import SIMPLE
from rich.table import Table
from torch import Tensor

from ml.artifact import EMBEDDINGS_FILE, load, read_extra
from ml.embeddings import EmbeddingTable
from ml.errors import DataError
from ml.familiarity import Familiarity, fit_familiarity
from ml.fields import CATEGORY_FIELDS, FIELDS
from ml.network import choose_device
from ml.nonproducts import KINDS, drawn
from ml.pack import from_bytes
from ml.predictor import FieldPrediction, Predictor
from ml.replay import choose
from ml.splits import CALIBRATE, REPORT

MIN_UNSEEN: Final = 100
"""A kind of picture has a say in the limit from so many pictures on."""
PRODUCTS: Final = 5000
"""Pictures of the train side that the direction is fitted on, rare values first."""
STRANGERS: Final = 100
"""Drawn pictures of each kind that it is fitted on."""
FITTED_SEED: Final = 2
MEASURED_SEED: Final = 1

FASHION_MNIST_FILE: Final = "t10k-images-idx3-ubyte.gz"
SHARES: Final = ("empty", "empty_by_confidence", "sure", "confidence")

Rows = Sequence[Mapping[str, FieldPrediction]]
Groups = dict[str, Tensor]


def familiarity_of(predictor: Predictor, table: EmbeddingTable) -> Familiarity | None:
    """Fitted on the train side of `table` (of the predictor's trunk); the calibrate side gives the limit.

    None where there are too few pictures on either.
    """
    products, unseen = _products(table)
    return fit_familiarity(products, unseen, _strangers(predictor)) if products and unseen else None


def _products(table: EmbeddingTable) -> tuple[Groups, Groups]:
    """Embeddings by domain: those to fit on, and those no training step has seen, where there are enough."""
    products = _by_domain(table.take(choose(table, PRODUCTS)))
    unseen = _by_domain(table.on_side(CALIBRATE))
    return products, {domain: vectors for domain, vectors in unseen.items() if len(vectors) >= MIN_UNSEEN}


def _by_domain(table: EmbeddingTable) -> Groups:
    return {domain: table.of_domain(domain).vectors for domain in sorted(set(table.domains))}


def _strangers(predictor: Predictor) -> Groups:
    return {kind: predictor.embed_pictures(list(drawn(kind, STRANGERS, FITTED_SEED))) for kind in KINDS}


def study(path: Path, fashion_mnist: Path | None, count: int) -> dict[str, Any]:
    """What the artifact says of `count` pictures of each kind, and of the real report side where it brings that along.

    Shares are in [0, 1]. `unfamiliar_unfitted`: had this drawn kind been left out of the fit, as photos and
    Fashion-MNIST always are.
    """
    artifact = load(path)
    predictor = Predictor(artifact, choose_device())
    table = from_bytes(read_extra(path, EMBEDDINGS_FILE)) if EMBEDDINGS_FILE in artifact.card.files else None
    embeddings = {kind: predictor.embed_pictures(list(drawn(kind, count, MEASURED_SEED))) for kind in KINDS}
    embeddings["photo crop"] = predictor.embed_pictures(list(_photo_crops(count)))
    if fashion_mnist:
        embeddings["Fashion-MNIST"] = predictor.embed_pictures(list(_garments(fashion_mnist, count)))
    unfitted = _unfitted(predictor, table, embeddings) if table and artifact.card.familiarity else {}
    for domain, vectors in _by_domain(table.on_side(REPORT)).items() if table else ():
        embeddings[f"{domain} {REPORT}"] = vectors
    bare = Predictor(replace(artifact, card=replace(artifact.card, familiarity=None)), choose_device())
    kinds = {kind: _figures(predictor, bare, vectors) for kind, vectors in embeddings.items()}
    for kind, share in unfitted.items():
        kinds[kind]["unfamiliar_unfitted"] = share
    return {"model": predictor.name, "has_familiarity": artifact.card.familiarity is not None, "kinds": kinds}


def _unfitted(predictor: Predictor, table: EmbeddingTable, embeddings: Groups) -> dict[str, float]:
    """The share of each drawn kind that a fit on all other kinds finds unfamiliar."""
    products, unseen = _products(table)
    if not (products and unseen):
        return {}
    strangers = _strangers(predictor)
    found = {}
    for kind in KINDS:
        others = {other: vectors for other, vectors in strangers.items() if other != kind}
        found[kind] = _share(~fit_familiarity(products, unseen, others).holds(embeddings[kind]))
    return found


def _figures(predictor: Predictor, bare: Predictor, embeddings: Tensor) -> dict[str, Any]:
    """Shares over all pictures, and per field; `empty_by_confidence` is what the thresholds alone leave empty."""
    rows, bare_rows = predictor.predict_embeddings(embeddings), bare.predict_embeddings(embeddings)
    fields = [field for field in FIELDS if field in rows[0]]
    return {
        "n": len(rows),
        "unfamiliar": _share(~predictor.is_familiar(embeddings)),
        "unfamiliar_unfitted": None,
        "categories_empty": _mean([all(row[field].abstain for field in CATEGORY_FIELDS) for row in rows]),
        "empty": {field: _mean([row[field].abstain for row in rows]) for field in fields},
        "empty_by_confidence": {field: _mean([row[field].abstain for row in bare_rows]) for field in fields},
        "sure": {field: _mean([row[field].band == "sure" for row in rows]) for field in fields},
        "confidence": {field: _mean([row[field].confidence for row in rows]) for field in fields},
    }


def _share(flags: Tensor) -> float:
    return round(float(flags.float().mean()), 5)


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 5)


def _photo_crops(count: int) -> Iterator[Image.Image]:
    """Pieces of the two photos that come with scikit-learn: a temple and a flower."""
    from sklearn.datasets import load_sample_image

    photos = [Image.fromarray(load_sample_image(name)) for name in ("china.jpg", "flower.jpg")]
    for number in range(count):
        random = np.random.default_rng((MEASURED_SEED, number))
        photo, size = photos[number % 2], int(random.integers(120, 400))
        left, top = int(random.integers(photo.width - size)), int(random.integers(photo.height - size))
        yield photo.crop((left, top, left + size, top + size))


def _garments(folder: Path, count: int) -> Iterator[Image.Image]:
    """Fashion-MNIST, grey on black, 28 to 224 pixels wide; DataError where the folder has none."""
    try:
        content = gzip.decompress((folder / FASHION_MNIST_FILE).read_bytes())
        pixels = np.frombuffer(content, np.uint8, offset=16).reshape(-1, 28, 28)
    except (OSError, EOFError, ValueError) as error:
        raise DataError(f"{folder}: no readable {FASHION_MNIST_FILE}.") from error
    for picture in pixels[:count]:
        yield Image.fromarray(picture).convert("RGB").resize((224, 224), Image.Resampling.BICUBIC)


def tables(report: Mapping[str, Any]) -> Iterator[Table]:
    """Per kind of picture: what is unfamiliar and empty on the whole, then the shares of each field."""
    whole = ("n", "unfamiliar", "unfamiliar_unfitted", "categories_empty")
    yield _table(report["model"], whole, {kind: [row[key] for key in whole] for kind, row in report["kinds"].items()})
    for share in SHARES:
        columns = {kind: list(row[share].values()) for kind, row in report["kinds"].items()}
        yield _table(share, list(next(iter(report["kinds"].values()))[share]), columns)


def _table(title: str, headers: Sequence[str], rows: Mapping[str, Sequence[float | None]]) -> Table:
    table = Table("kind", *headers, title=title, box=SIMPLE, padding=(0, 1, 0, 0))
    for kind, values in rows.items():
        table.add_row(kind, *("-" if value is None else f"{value:.4g}" for value in values))
    return table
