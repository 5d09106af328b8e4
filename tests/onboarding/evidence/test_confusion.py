"""The confusion matrix: its values, their order, and what lies outside it."""

from collections.abc import Sequence

from onboarding.evidence.confusion import (
    ConfusedPair,
    confused_pairs,
    confused_values,
    confusion_matrix,
    seriated,
)
from onboarding.evidence.figures import Cell, FieldFigures, Output, read_figures
from tests.onboarding.evidence.documents import ODD_DOCUMENTS, TOPS, field_document


def figures_of(counts: Sequence[tuple[str, str, int]]) -> FieldFigures:
    return read_figures({"sub_category": field_document(counts)})[Output.SUB_CATEGORY]


def cells(*rows: tuple[str, str, int]) -> list[Cell]:
    return [Cell(*row) for row in rows]


def right(*values: str, n: int = 100) -> list[Cell]:
    return [Cell(value, value, n) for value in values]


MANY = [(f"V{n:02}", f"V{n:02}", 10) for n in range(30)] + [("V00", "V01", 5), ("V02", "V29", 3), ("V29", "V03", 1)]


def test_values_are_ranked_by_their_errors_in_both_directions() -> None:
    found = cells(("A", "B", 2), ("C", "B", 1), ("C", "D", 2), ("D", "D", 50), ("E", "E", 9))
    assert confused_values(found) == ["C", "B", "D", "A", "E"]


def test_values_that_are_confused_with_each_other_stand_together() -> None:
    found = cells(("Shoes", "Sandals", 9), ("Dress", "Top", 30), ("Bag", "Wallet", 8), ("Sandals", "Flip flops", 7))
    values = ["Bag", "Dress", "Flip flops", "Sandals", "Shoes", "Top", "Wallet"]
    order = seriated(values, [*found, *right(*values)])
    assert order == ["Dress", "Top", "Shoes", "Sandals", "Flip flops", "Bag", "Wallet"]


def test_clusters_are_joined_where_they_are_most_confused() -> None:
    found = cells(("A", "B", 40), ("C", "D", 40), ("B", "D", 10), ("A", "C", 2))
    order = seriated(["A", "B", "C", "D"], [*found, *right("A", "B", "C", "D")])
    assert order in (["A", "B", "D", "C"], ["C", "D", "B", "A"])


def test_one_error_in_thousands_joins_nothing() -> None:
    found = [*cells(("A", "C", 1), ("C", "D", 50)), *right("A", "C", "D", n=1000)]
    assert seriated(["A", "C", "D"], found) == ["C", "D", "A"]


def test_values_without_any_error_come_last_and_keep_their_order() -> None:
    found = [*cells(("Y", "Z", 1)), *right("A", "B", "Y", "Z", n=3)]
    assert seriated(["A", "B", "Y", "Z"], found) == ["Y", "Z", "A", "B"]


def test_the_order_does_not_depend_on_the_order_of_the_cells() -> None:
    found = [*cells(("A", "B", 4), ("B", "C", 4), ("D", "E", 4), ("E", "A", 2)), *right("A", "B", "C", "D", "E", n=9)]
    assert seriated(["A", "B", "C", "D", "E"], found) == seriated(["A", "B", "C", "D", "E"], found[::-1])


def test_a_small_matrix_holds_everything() -> None:
    matrix = confusion_matrix(figures_of(TOPS))
    assert sorted(matrix.values) == ["Dress", "Topwear"]
    assert [tuple(cell) for cell in matrix.cells] == list(TOPS)
    assert (matrix.totals, matrix.hidden_count) == ({"Topwear": 8, "Dress": 2}, 0)
    assert (matrix.taken_for_others, matrix.taken_from_others) == ({}, {})


def test_only_the_most_confused_values_are_shown_at_first() -> None:
    matrix = confusion_matrix(figures_of(MANY), limit=2)
    assert sorted(matrix.values) == ["V00", "V01"]
    assert [tuple(cell) for cell in matrix.cells] == [("V00", "V00", 10), ("V01", "V01", 10), ("V00", "V01", 5)]
    assert matrix.hidden_count == 28


def test_errors_that_lead_out_of_the_shown_values_are_counted() -> None:
    matrix = confusion_matrix(figures_of(MANY), limit=3)
    assert sorted(matrix.values) == ["V00", "V01", "V29"]
    assert (matrix.taken_for_others, matrix.taken_from_others) == ({"V29": 1}, {"V29": 3})


def test_every_picture_of_a_shown_value_is_in_its_row() -> None:
    for limit in (2, 5, None):
        matrix = confusion_matrix(figures_of(MANY), limit=limit)
        for value in matrix.values:
            row = sum(cell.n for cell in matrix.cells if cell.actual == value)
            assert row + matrix.taken_for_others.get(value, 0) == matrix.totals.get(value, 0)


def test_nobody_is_sent_to_another_page_for_a_single_value() -> None:
    assert confusion_matrix(figures_of(TOPS), limit=1).hidden_count == 0


def test_all_142_values_are_shown_when_they_are_asked_for() -> None:
    figures = read_figures(ODD_DOCUMENTS["142 values"])[Output.ARTICLE_TYPE]
    matrix = confusion_matrix(figures, limit=None)
    assert (len(matrix.values), len(set(matrix.values)), matrix.hidden_count) == (142, 142, 0)
    assert len(matrix.cells) == 142


def test_without_counts_there_is_an_empty_matrix() -> None:
    matrix = confusion_matrix(read_figures(ODD_DOCUMENTS["only the number"])[Output.COLOUR])
    assert (matrix.values, matrix.cells, matrix.hidden_count) == ([], [], 0)


def test_pairs_come_by_falling_count_with_their_share_of_the_actual_value() -> None:
    assert confused_pairs(figures_of(TOPS), str.upper) == [
        ConfusedPair(Cell("Topwear", "Dress", 2), "TOPWEAR", "DRESS", 0.25),
        ConfusedPair(Cell("Dress", "Topwear", 1), "DRESS", "TOPWEAR", 0.5),
    ]
