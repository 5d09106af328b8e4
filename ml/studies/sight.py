"""A trained network before pictures that it has not learned from, and what changes when the pictures do."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from rich.progress import track
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from torch import Tensor

from ml.comparison import Comparison, compare
from ml.dataset import STDERR, decode, split
from ml.embeddings import EmbeddingTable
from ml.errors import DataError
from ml.evidence import wilson
from ml.layouts import read_folder
from ml.outcomes import Outcome, outcomes
from ml.predictor import Predictor
from ml.splits import REPORT
from ml.studies.ablations import ABLATIONS, ON_CUT_OUTS, REGIONS, Ablation, swapped_region
from ml.studies.folders import evenly, name_of
from ml.studies.silhouettes import cut_out

CHUNK: Final = 500
"""Pictures changed at once; what is swapped is swapped among them."""
WORST: Final = 40
MOST_CONFUSIONS: Final = 5
COMPONENTS: Final = 50
LEAST_CUT_OUTS: Final = 0.5
"""Share of the pictures that must show a product on white: a few odd ones would say nothing of the others."""

Draw = Callable[[int], Ablation]
"""From a seed to a change."""


@dataclass(frozen=True)
class Sight:
    """`canvases` uint8 [N, H, W, 3] as the network takes them; `table` holds their names, labels and embeddings."""

    predictor: Predictor
    canvases: Tensor
    table: EmbeddingTable

    @classmethod
    def of(cls, folder: Path, read: int | None, most: int | None, predictor: Predictor) -> "Sight":
        """At most so many pictures of the report side, of at most so many `read`; DataError where there is none."""
        examples = evenly(split(evenly(read_folder(folder), read)).get(REPORT, []), most)
        if not examples:
            raise DataError(f"{folder}: no picture falls on the {REPORT} side.")
        canvases = decode([each.picture for each in examples], predictor.preprocessing, f"the {REPORT} side")
        table = EmbeddingTable(
            predictor.embed_canvases(canvases),
            [name_of(example, folder) for example in examples],
            [example.labels for example in examples],
            [REPORT] * len(examples),
            [example.domain for example in examples],
        )
        return cls(predictor, canvases, table)

    def take(self, rows: Sequence[int]) -> "Sight":
        return Sight(self.predictor, self.canvases[torch.tensor(rows, dtype=torch.long)], self.table.take(rows))

    def cut_outs(self) -> "Sight":
        """Those on which a product stands out from a white background."""
        _mask, is_found = cut_out(self.predictor.preprocessing.scale(self.canvases))
        return self.take(is_found.nonzero()[:, 0].tolist())

    def outcomes(self) -> dict[str, Outcome]:
        """What the network says, by field."""
        return outcomes(self.predictor, self.table)

    def after(self, change: Ablation) -> dict[str, Comparison]:
        """By field: how often the network is right before and after the pictures are changed."""
        scale = self.predictor.preprocessing.scale
        parts = [_as_canvases(change(scale(chunk))) for chunk in torch.split(self.canvases, CHUNK)]
        vectors = torch.cat([self.predictor.embed_canvases(part) for part in parts])
        changed = outcomes(self.predictor, replace(self.table, vectors=vectors))
        return {row.output: row for row in compare(REPORT, self.outcomes(), changed)}


def _as_canvases(pictures: Tensor) -> Tensor:
    """float32 [N, 3, H, W] in [0, 1] -> uint8 [N, H, W, 3]."""
    return (pictures * 255).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def figures(outcome: Outcome) -> dict[str, Any]:
    """How often one field is right, and which values are taken for which others most often."""
    wrong = Counter(pair for pair in zip(outcome.actual, outcome.predicted, strict=True) if pair[0] != pair[1])
    hits = int(outcome.hits.sum())
    return {
        "n": len(outcome),
        "accuracy": round(hits / len(outcome), 5),
        "interval": wilson(hits, len(outcome)),
        "confusions": [[*pair, count] for pair, count in wrong.most_common(MOST_CONFUSIONS)],
    }


def worst(outcome: Outcome) -> list[list[Any]]:
    """Where the network is wrong and surest of it: name, truth, answer, confidence."""
    rows = [row for row in np.argsort(-outcome.confidences, kind="stable").tolist() if not outcome.hits[row]]
    return [
        [outcome.names[row], outcome.actual[row], outcome.predicted[row], round(float(outcome.confidences[row]), 4)]
        for row in rows[:WORST]
    ]


def ablations(sight: Sight) -> dict[str, dict[str, Any]]:
    """Accuracy by ablation and field: before, after, and the loss that chance explains, on the same `n` pictures."""
    cut_outs = sight.cut_outs()
    has_cut_outs = len(cut_outs.table) >= LEAST_CUT_OUTS * len(sight.table)
    possible = {name: change for name, change in ABLATIONS.items() if has_cut_outs or name not in ON_CUT_OUTS}
    found = {}
    for name, change in track(possible.items(), "Taking away", console=STDERR):
        after = (cut_outs if name in ON_CUT_OUTS else sight).after(change)
        found[name] = {field: _accuracies(row) for field, row in after.items()}
    return found


def _accuracies(row: Comparison) -> dict[str, float]:
    return {"n": row.n, **{name: round(getattr(row, name), 5) for name in ("before", "after", "chance")}}


def losses(sight: Sight, draw: Draw, repeats: int) -> dict[str, float]:
    """Permutation importance: accuracy lost by field, the mean over so many drawings."""
    drawn = [sight.after(draw(seed)) for seed in range(repeats)]
    return {field: round(sum(each[field].loss for each in drawn) / repeats, 5) for field in drawn[0]}


def regions(sight: Sight, repeats: int) -> dict[str, list[list[float]]]:
    """By field, accuracy lost [4][3] when a region comes from another picture."""
    places = list(product(*map(range, REGIONS)))
    lost = [losses(sight, _region(*place), repeats) for place in track(places, "Swapping regions", console=STDERR)]
    return {field: np.reshape([each[field] for each in lost], REGIONS).tolist() for field in lost[0]}


def _region(row: int, column: int) -> Draw:
    return lambda seed: lambda pictures: swapped_region(pictures, row, column, seed)


def embedding_map(vectors: Tensor) -> list[list[float]]:
    """Embeddings [N, D] in two dimensions: principal components, then t-SNE; neighbours stay neighbours, no more."""
    components = PCA(min(COMPONENTS, *vectors.shape), random_state=0).fit_transform(vectors.numpy())
    near = min(30, (len(vectors) - 1) / 3)
    places: list[list[float]] = TSNE(perplexity=near, random_state=0).fit_transform(components).round(2).tolist()
    return places
