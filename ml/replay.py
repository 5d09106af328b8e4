"""Which pictures travel with the model: the frozen sides whole, and a sample of the train side that spares the rare."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from typing import Final

from ml.artifact import compact_weights
from ml.embeddings import EmbeddingTable
from ml.fields import CATEGORY_FIELDS
from ml.network import Network
from ml.pack import to_bytes
from ml.splits import CALIBRATE, REPORT, TRAIN

ARTIFACT_BYTES: Final = 25_000_000
"""What an artifact may weigh, so that it can live in a repository."""
OTHER_BYTES: Final = 1_500_000
"""Set aside for card and evidence."""
ROW_BYTES: Final = 64
"""What a row takes beside its vector: codes and name."""


def packed(network: Network, table: EmbeddingTable) -> bytes:
    """The embeddings that travel with the network, as many as fit beside its weights."""
    weights = sum(value.nbytes for value in compact_weights(network).values())
    room = ARTIFACT_BYTES - OTHER_BYTES - weights
    return to_bytes(compact(table, room // (network.feature_count + ROW_BYTES)))


def compact(table: EmbeddingTable, max_rows: int, min_replay: int = 1000) -> EmbeddingTable:
    """The report and calibrate sides, and as many train rows as fit into `max_rows`, at least `min_replay`.

    The same rows whatever the table's order.
    """
    frozen = [row for row, side in enumerate(table.sides) if side in (REPORT, CALIBRATE)]
    return table.take(sorted(frozen + choose(table, max(min_replay, max_rows - len(frozen)))))


def choose(table: EmbeddingTable, count: int) -> list[int]:
    """Up to `count` train rows, the domains in turn, and within a domain one of each cell in turn.

    So the largest cells give way first. A cell is a category path in one colour; its rows come in the order of
    their names' hashes.
    """
    cells: dict[str, dict[tuple[str, ...], list[int]]] = defaultdict(lambda: defaultdict(list))
    train = [row for row, side in enumerate(table.sides) if side == TRAIN]
    for row in sorted(train, key=lambda row: _mark(table, row)):
        cells[table.domains[row]][_cell(table, row)].append(row)
    domains = [list(_in_turn([rows for _, rows in sorted(cells[domain].items())])) for domain in sorted(cells)]
    return list(islice(_in_turn(domains), count))


def _in_turn(lists: Sequence[Sequence[int]]) -> Iterator[int]:
    """The first of each list, then the second of each, until all are through."""
    return (row for turn in zip_longest(*lists) for row in turn if row is not None)


def _cell(table: EmbeddingTable, row: int) -> tuple[str, ...]:
    labels = table.labels[row]
    return tuple(labels.get(field, "") for field in (*CATEGORY_FIELDS, "colour"))


def _mark(table: EmbeddingTable, row: int) -> str:
    return hashlib.sha256(f"{table.domains[row]}/{table.names[row]}".encode()).hexdigest()
