"""Scores that could tell pictures of no product from products, side by side.

    R=tests/benchmarks/results
    python -m tests.benchmarks.strangers --out $R/strangers.json

Each score is fitted on the embeddings that come with the artifact and, where it wants strangers, on the drawn kinds of
`CHOSEN_ON`; all other kinds are new to it. Its limit leaves 1 % of the calibrate side beyond it, of the domain that has
most there. Reported: false alarms on the report side, area under the ROC curve against studio shots, and share caught.
"""

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import torch
import torch.nn.functional as F
from sklearn.metrics import roc_auc_score
from torch import Tensor

from ml.artifact import DEFAULT_PATH, EMBEDDINGS_FILE, load, read_extra
from ml.embeddings import EmbeddingTable
from ml.familiarity import fit_familiarity
from ml.inference import classify
from ml.network import Network, choose_device
from ml.nonproducts import KINDS, drawn
from ml.pack import from_bytes
from ml.predictor import Predictor
from ml.splits import CALIBRATE, REPORT, TRAIN

CHOSEN_ON: Final = ("uniform noise", "gaussian noise", "gradient", "checks", "page")
FALSE_ALARMS: Final = 0.01
PER_KIND: Final = 100
FITTED_SEED, MEASURED_SEED = 2, 1

Score = Callable[[Tensor], Tensor]
"""Embeddings float32 [N, D] -> float32 [N], the higher the stranger."""


def groups(table: EmbeddingTable) -> dict[str, Tensor]:
    return {domain: table.of_domain(domain).vectors for domain in sorted(set(table.domains))}


def scores(network: Network, table: EmbeddingTable, strangers: Mapping[str, Tensor]) -> dict[str, Score]:
    seen = table.on_side(TRAIN)
    residual = _residual(seen.vectors)
    fisher = fit_familiarity(groups(seen), groups(table.on_side(CALIBRATE)), strangers).components
    return {
        "largest probability": lambda vectors: -_category(network, vectors).softmax(1).amax(1),
        "energy": lambda vectors: -_category(network, vectors).logsumexp(1),
        "largest logits, all heads": lambda vectors: (
            -torch.stack([logits.amax(1) for logits in classify(network, vectors).values()]).sum(0)
        ),
        "cosine to the nearest row": _nearest_row(seen.vectors),
        **_class_means(seen),
        "residual beyond 256 components": residual,
        "energy and residual": _together(
            [lambda vectors: -_category(network, vectors).logsumexp(1), residual], table.on_side(CALIBRATE).vectors
        ),
        "Fisher, strangers drawn": fisher,
    }


def _category(network: Network, vectors: Tensor) -> Tensor:
    return classify(network, vectors)["category"]


def _nearest_row(seen: Tensor) -> Score:
    rows = F.normalize(seen, dim=1)
    return lambda vectors: (
        -torch.cat([(F.normalize(part, dim=1) @ rows.T).amax(1) for part in torch.split(vectors, 512)])
    )


def _class_means(seen: EmbeddingTable) -> dict[str, Score]:
    """By subcategory: cosine to the nearest mean, and Mahalanobis distance to it with a shared covariance."""
    values = sorted({labels["sub_category"] for labels in seen.labels})
    numbers = torch.tensor([values.index(labels["sub_category"]) for labels in seen.labels])
    means = torch.stack([seen.vectors[numbers == number].mean(0) for number in range(len(values))])
    rest = seen.vectors - means[numbers]
    covariance = rest.T @ rest / len(rest)
    covariance.diagonal().add_(0.1 * covariance.diagonal().mean())
    whitening = torch.linalg.cholesky(torch.linalg.inv(covariance))
    return {
        "cosine to the nearest class": lambda vectors: (
            -(F.normalize(vectors, dim=1) @ F.normalize(means, dim=1).T).amax(1)
        ),
        "Mahalanobis": lambda vectors: torch.cdist(vectors @ whitening, means @ whitening).amin(1),
    }


def _residual(seen: Tensor, count: int = 256) -> Score:
    """The share of the centred embedding's length that the first principal components leave."""
    mean = seen.mean(0)
    components = torch.linalg.eigh((seen - mean).T @ (seen - mean)).eigenvectors[:, -count:]
    return lambda vectors: 1 - ((vectors - mean) @ components).norm(dim=1) / (vectors - mean).norm(dim=1)


def _together(parts: list[Score], unseen: Tensor) -> Score:
    """Their sum, each measured in distances from its median to its ninetieth percentile."""
    scales = [(score(unseen).median(), score(unseen).quantile(0.9)) for score in parts]
    return lambda vectors: torch.stack(
        [(score(vectors) - median) / (high - median) for score, (median, high) in zip(parts, scales, strict=True)]
    ).sum(0)


def compare(path: Path) -> dict[str, Any]:
    artifact = load(path)
    predictor = Predictor(artifact, choose_device())
    table = from_bytes(read_extra(path, EMBEDDINGS_FILE))
    fitted = {kind: predictor.embed_pictures(list(drawn(kind, PER_KIND, FITTED_SEED))) for kind in CHOSEN_ON}
    kinds = {kind: predictor.embed_pictures(list(drawn(kind, PER_KIND, MEASURED_SEED))) for kind in KINDS}
    found = scores(artifact.network, table, fitted)
    return {"model": predictor.name, "scores": {name: figures(score, table, kinds) for name, score in found.items()}}


def figures(score: Score, table: EmbeddingTable, kinds: Mapping[str, Tensor]) -> dict[str, Any]:
    unseen, report = groups(table.on_side(CALIBRATE)), groups(table.on_side(REPORT))
    limit = max(score(vectors).quantile(1 - FALSE_ALARMS) for vectors in unseen.values())
    caught = {kind: float((score(vectors) > limit).float().mean()) for kind, vectors in kinds.items()}
    new = [kind for kind in kinds if kind not in CHOSEN_ON]
    studio = score(report["studio"])
    areas = [
        roc_auc_score([0] * len(studio) + [1] * len(kinds[kind]), torch.cat([studio, score(kinds[kind])]).tolist())
        for kind in new
    ]
    return {
        "false_alarms": {
            domain: round(float((score(vectors) > limit).float().mean()), 4) for domain, vectors in report.items()
        },
        "area_on_new_kinds": round(float(sum(areas)) / len(new), 3),
        "caught_of_chosen_kinds": round(sum(caught[kind] for kind in CHOSEN_ON) / len(CHOSEN_ON), 3),
        "caught_of_new_kinds": round(sum(caught[kind] for kind in new) / len(new), 3),
        "caught": {kind: round(share, 2) for kind, share in caught.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--artifact", type=Path, default=DEFAULT_PATH)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.json")
    options = parser.parse_args()
    report = compare(options.artifact)
    options.out.write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
