"""Label noise: how often the same picture bears different values, and what no model can therefore reach.

Three looks at one kind of pictures, field by field. *Twins* have identical pixels under several ids: the value that
the majority of them bears is the best that any model can say. One may be a copy of the other's entry, labels and all,
so they agree more than two people would. Hence *look-alikes*: different pictures that neither trunk nor heads have
learned from (report and calibrate side), each the other's nearest embedding, the closest tenth of such pairs. And
*neighbours*, without a look at any picture: ids that follow each other in the catalogue.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, islice, pairwise
from pathlib import Path
from typing import Any, Final

import torch
from rich.box import SIMPLE
from rich.table import Table
from torch.nn.functional import normalize

from ml.artifact import EMBEDDINGS_FILE, display_name, load, read_extra
from ml.dataset import fingerprinted
from ml.embeddings import EmbeddingTable
from ml.evidence import wilson
from ml.fields import FIELDS
from ml.layouts import Example, read_folders
from ml.pack import from_bytes
from ml.splits import CALIBRATE, REPORT

CLOSEST_SHARE: Final = 0.1
MOST_DISAGREEMENTS: Final = 10

Labels = Mapping[str, str]
Pair = tuple[Labels, Labels]
Marked = Sequence[tuple[Example, str]]
"""Examples with the fingerprints of their pictures."""


def study(artifact_path: Path, folders: Sequence[Path]) -> dict[str, Any]:
    """Figures per kind of picture (`studio`, `phone`, `plain`); shares are in [0, 1].

    DataError for folders, ArtifactError for an artifact (its embeddings are needed) that cannot be used.
    """
    artifact = load(artifact_path)
    table = from_bytes(read_extra(artifact_path, EMBEDDINGS_FILE))
    marked = fingerprinted(read_folders(folders))
    domains = dict.fromkeys(example.domain for example, _ in marked)
    figures = {}
    for domain in domains:
        own = [(example, mark) for example, mark in marked if example.domain == domain]
        marks = {example.picture.name: mark for example, mark in own}
        pairs, cosine = look_alikes(table.of_domain(domain), marks)
        figures[domain] = {
            **twins(own),
            "look_alikes": {"cosine": cosine, "fields": agreement(pairs)},
            "neighbours": {"fields": agreement(neighbours(own))},
        }
    return {"model": display_name(artifact.card, artifact.sha256), "domains": figures}


def twins(marked: Marked) -> dict[str, Any]:
    """How many there are, and figures of each field that two pictures of a group bear."""
    by_mark: dict[str, list[Labels]] = {}
    for example, mark in marked:
        by_mark.setdefault(mark, []).append(example.labels)
    groups = [group for group in by_mark.values() if len(group) > 1]
    fields = {}
    for field in FIELDS:
        values = [[labels[field] for labels in group if field in labels] for group in groups]
        if several := [group for group in values if len(group) > 1]:
            fields[field] = _twin_figures(several)
    return {"pictures": len(marked), "groups": len(groups), "twins": sum(map(len, groups)), "fields": fields}


def _twin_figures(groups: Sequence[Sequence[str]]) -> dict[str, Any]:
    """One field; `ceiling` is the share of these pictures that have the value of their group's majority."""
    agreeing, pictures = sum(len(set(group)) == 1 for group in groups), sum(map(len, groups))
    majority = sum(max(Counter(group).values()) for group in groups)
    pairs = Counter(pair for group in groups for pair in combinations(sorted(group), 2))
    differing = sorted((pair for pair in pairs if pair[0] != pair[1]), key=lambda pair: (-pairs[pair], pair))
    return {
        "groups": len(groups),
        "agree": _share(agreeing, len(groups)),
        "agree_interval": wilson(agreeing, len(groups)),
        "pairs": pairs.total(),
        "pairs_agree": _share(pairs.total() - sum(pairs[pair] for pair in differing), pairs.total()),
        "pictures": pictures,
        "ceiling": _share(majority, pictures),
        "disagreements": [[*pair, pairs[pair]] for pair in differing[:MOST_DISAGREEMENTS]],
    }


def look_alikes(table: EmbeddingTable, marks: Mapping[str, str]) -> tuple[list[Pair], float | None]:
    """Labels of the closest pairs of different pictures, and the least cosine of their embeddings.

    `marks` are fingerprints by name: of twins one stands for all. A tenth of the pairs, not a fixed cosine: every
    trunk has its own.
    """
    rows = [row for row, side in enumerate(table.sides) if side in (REPORT, CALIBRATE)]
    different = table.take(list({marks.get(table.names[row], table.names[row]): row for row in rows}.values()))
    if len(different) < 2:
        return [], None
    vectors = normalize(different.vectors)
    cosines, nearest = (vectors @ vectors.T).fill_diagonal_(-1).max(1)
    mutual = (nearest[nearest] == torch.arange(len(nearest))) & (nearest > torch.arange(len(nearest)))
    closest = torch.where(mutual, cosines, -2).argsort(descending=True, stable=True)
    chosen = closest[: max(1, round(CLOSEST_SHARE * int(mutual.sum())))].tolist()
    pairs = [(different.labels[row], different.labels[int(nearest[row])]) for row in chosen]
    return pairs, round(float(cosines[chosen[-1]]), 3)


def neighbours(marked: Marked) -> list[Pair]:
    """Labels of pictures whose ids follow each other; none where ids are no numbers. Twins are no neighbours."""
    numbered = [(int(example.picture.stem), example, mark) for example, mark in marked if _is_numbered(example)]
    ordered = pairwise(sorted(numbered, key=lambda row: row[0]))
    return [(one.labels, other.labels) for (_, one, mark), (_, other, next_mark) in ordered if mark != next_mark]


def _is_numbered(example: Example) -> bool:
    return example.picture.stem.isdecimal()


def agreement(pairs: Iterable[Pair]) -> dict[str, dict[str, Any]]:
    """By field: how many pairs have it on both sides, and the share that agree."""
    same: dict[str, list[bool]] = {}
    for one, other in pairs:
        for field in one.keys() & other.keys():
            same.setdefault(field, []).append(one[field] == other[field])
    return {
        field: {
            "pairs": len(same[field]),
            "agree": _share(sum(same[field]), len(same[field])),
            "agree_interval": wilson(sum(same[field]), len(same[field])),
        }
        for field in FIELDS
        if field in same
    }


def noise_table(domain: str, figures: Mapping[str, Any]) -> Table:
    """A table for the terminal of one kind of pictures."""
    headers = ("field", "groups", "agree", "95 %", "ceiling", "look-alikes", "neighbours")
    title = f"{domain}: {figures['twins']} twins in {figures['groups']} groups"
    table = Table(*headers, title=title, box=SIMPLE, padding=(0, 1, 0, 0))
    for field, row in figures["fields"].items():
        others = [figures[kind]["fields"].get(field, {}).get("agree") for kind in ("look_alikes", "neighbours")]
        shares = ["-" if share is None else f"{share:.4f}" for share in (row["ceiling"], *others)]
        low, high = row["agree_interval"]
        table.add_row(field, str(row["groups"]), f"{row['agree']:.4f}", f"{low:.3f}-{high:.3f}", *shares)
    return table


def disagreements_table(domain: str, figures: Mapping[str, Any]) -> Table:
    """The values that twins bear most often in place of each other."""
    table = Table("field", "disagreements between twins", title=domain, box=SIMPLE, padding=(0, 1, 0, 0))
    for field, row in figures["fields"].items():
        table.add_row(field, disagreements_text(row["disagreements"]))
    return table


def disagreements_text(disagreements: Iterable[tuple[str, str, int]], most: int = 3) -> str:
    """Such as `Blue / Green 4, Blue / White 3`."""
    return ", ".join(f"{one} / {other} {n}" for one, other, n in islice(disagreements, most))


def _share(part: int, whole: int) -> float:
    return round(part / whole, 5)
