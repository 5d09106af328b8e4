"""The confusion matrix: which values it shows, in which order, and what is in its cells.

Values that are confused with each other stand together: single-linkage clustering on the share of two values' pictures
that is confused between them, down to one in 200; two clusters are joined so that the more confused ends touch. The
clusters with the most errors come first.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from onboarding.evidence.figures import Cell, FieldFigures

SHOWN_AT_FIRST = 20
WEAKEST_LINK = 0.005

Links = Mapping[frozenset[str], float]


@dataclass(frozen=True)
class ConfusionMatrix:
    """`values` in order; `cells` among them; errors that lead out of them or into them, by value."""

    values: Sequence[str]
    cells: Sequence[Cell]
    totals: Mapping[str, int]
    taken_for_others: Mapping[str, int]
    taken_from_others: Mapping[str, int]
    hidden_count: int


def confusion_matrix(figures: FieldFigures, *, limit: int | None = SHOWN_AT_FIRST) -> ConfusionMatrix:
    """The `limit` most confused values (None: all). One value more than the limit is shown rather than hidden."""
    ranked = confused_values(figures.cells)
    chosen = ranked if limit is None or len(ranked) <= limit + 1 else ranked[:limit]
    shown = set(chosen)
    return ConfusionMatrix(
        values=seriated(chosen, figures.cells),
        cells=[cell for cell in figures.cells if cell.actual in shown and cell.predicted in shown],
        totals=_sums((cell.actual, cell.n) for cell in figures.cells),
        taken_for_others=_sums(
            (cell.actual, cell.n) for cell in figures.cells if cell.actual in shown and cell.predicted not in shown
        ),
        taken_from_others=_sums(
            (cell.predicted, cell.n) for cell in figures.cells if cell.predicted in shown and cell.actual not in shown
        ),
        hidden_count=len(ranked) - len(chosen),
    )


def confused_values(cells: Collection[Cell]) -> list[str]:
    """All values, those with the most errors (taken for others, or others taken for them) first."""
    errors, pictures = _errors(cells), _sums((cell.actual, cell.n) for cell in cells)
    return sorted(errors, key=lambda value: (-errors[value], -pictures.get(value, 0), value))


def _errors(cells: Collection[Cell]) -> Counter[str]:
    """By value, as actual or as predicted; 0 for those that are always right."""
    errors: Counter[str] = Counter()
    for cell in cells:
        for value in (cell.actual, cell.predicted):
            errors[value] += 0 if cell.is_right else cell.n
    return errors


def seriated(values: Sequence[str], cells: Collection[Cell]) -> list[str]:
    """The values, reordered so that confused ones are neighbours; clusters by their errors, the most first."""
    links = _links(values, cells)
    rows = {value: [value] for value in values}
    for pair in sorted(links, key=lambda pair: (-links[pair], sorted(pair))):
        one, other = (rows[value] for value in sorted(pair))
        if one is not other:
            joined = _joined(one, other, links)
            rows.update(dict.fromkeys(joined, joined))
    errors = _errors(cells)
    clusters = {row[0]: row for row in rows.values()}.values()
    heaviest_first = sorted(clusters, key=lambda row: -sum(errors[value] for value in row))
    return [value for row in heaviest_first for value in _heavy_end_first(row, errors)]


def _heavy_end_first(row: list[str], errors: Mapping[str, int]) -> list[str]:
    half = len(row) // 2
    return row[::-1] if sum(errors[v] for v in row[-half:]) > sum(errors[v] for v in row[:half]) else row


def _links(values: Collection[str], cells: Iterable[Cell]) -> dict[frozenset[str], float]:
    """For each pair that is confused often enough, the share of both values' pictures that is."""
    wanted = set(values)
    among = [cell for cell in cells if cell.actual in wanted and cell.predicted in wanted]
    pictures = _sums((cell.actual, cell.n) for cell in among)
    confused: Counter[frozenset[str]] = Counter()
    for cell in among:
        if not cell.is_right:
            confused[frozenset(cell[:2])] += cell.n
    shares = {pair: n / sum(pictures.get(value, 0) for value in pair) for pair, n in confused.items()}
    return {pair: share for pair, share in shares.items() if share >= WEAKEST_LINK}


def _joined(one: list[str], other: list[str], links: Links) -> list[str]:
    candidates = [(head, tail) for head in (one, one[::-1]) for tail in (other, other[::-1])]
    head, tail = max(candidates, key=lambda pair: links.get(frozenset((pair[0][-1], pair[1][0])), 0.0))
    return head + tail


@dataclass(frozen=True)
class ConfusedPair:
    """`share`: of all pictures that really are the actual value."""

    cell: Cell
    actual_name: str
    predicted_name: str
    share: float


def confused_pairs(figures: FieldFigures, name_of: Callable[[str], str]) -> list[ConfusedPair]:
    """The cells off the diagonal, the most frequent first."""
    totals = _sums((cell.actual, cell.n) for cell in figures.cells)
    wrong = sorted((cell for cell in figures.cells if not cell.is_right), key=lambda cell: (-cell.n, cell[:2]))
    return [
        ConfusedPair(cell, name_of(cell.actual), name_of(cell.predicted), cell.n / totals[cell.actual])
        for cell in wrong
    ]


def _sums(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for value, n in rows:
        sums[value] += n
    return dict(sums)
