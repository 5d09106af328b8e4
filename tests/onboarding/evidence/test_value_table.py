"""Value by value, sorted as asked."""

import pytest

from onboarding.evidence.figures import FieldFigures, Output, read_figures
from onboarding.evidence.naming import ValueNames
from onboarding.evidence.value_table import value_table
from tests.onboarding.evidence.documents import field_document

NAMES = ValueNames({"Blue": "azure"})
COUNTS = [("Red", "Red", 8), ("Red", "Blue", 2), ("Blue", "Blue", 3), ("Green", "Red", 1)]


def figures() -> FieldFigures:
    return read_figures({"colour": field_document(COUNTS)})[Output.COLOUR]


def order(sort: str) -> list[str]:
    return [row.name for row in value_table(figures(), NAMES, sort=sort).rows]


def test_the_most_frequent_values_come_first_unless_asked_otherwise() -> None:
    assert order("") == order("-n") == ["Red", "azure", "Green"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("value", ["azure", "Green", "Red"]),
        ("-value", ["Red", "Green", "azure"]),
        ("n", ["Green", "azure", "Red"]),
        ("recall", ["Green", "Red", "azure"]),
        ("-recall", ["azure", "Red", "Green"]),
        ("f1", ["Green", "azure", "Red"]),
        ("right", ["Green", "azure", "Red"]),
    ],
)
def test_every_column_sorts_both_ways(sort: str, expected: list[str]) -> None:
    assert order(sort) == expected


def test_what_was_never_predicted_has_no_precision_and_comes_last_both_ways() -> None:
    assert order("precision") == ["azure", "Red", "Green"]
    assert order("-precision") == ["Red", "azure", "Green"]


@pytest.mark.parametrize("sort", ["x", "-", "--n", "document", "n ", "\0", "9" * 99])
def test_an_odd_order_means_the_usual_one(sort: str) -> None:
    table = value_table(figures(), NAMES, sort=sort)
    assert (table.sort, [row.name for row in table.rows]) == ("-n", ["Red", "azure", "Green"])


def test_headings_tell_how_the_table_is_sorted_and_turn_it_around() -> None:
    columns = {column.label: column for column in value_table(figures(), NAMES, sort="recall").columns}
    assert (columns["Recall"].direction, columns["Recall"].sort) == ("ascending", "-recall")
    assert (columns["Pictures"].direction, columns["Pictures"].sort) == ("", "-n")
    assert (columns["F1"].direction, columns["F1"].sort) == ("", "f1")
    usual = {column.label: column for column in value_table(figures(), NAMES).columns}
    assert (usual["Pictures"].direction, usual["Pictures"].sort) == ("descending", "n")


def test_a_limit_hides_the_rest_and_counts_it() -> None:
    table = value_table(figures(), NAMES, limit=2)
    assert ([row.name for row in table.rows], table.hidden_count, table.count) == (["Red", "azure"], 1, 3)
