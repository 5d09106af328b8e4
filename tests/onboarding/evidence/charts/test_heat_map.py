"""The heat map: a row for what is, a column for what it was taken for."""

import pytest

from onboarding.evidence.charts.heat_map import CELL, CELL_OF_MANY, HeatMap, heat_map, shade_of, short_count, shortened
from onboarding.evidence.confusion import confusion_matrix
from onboarding.evidence.figures import Output, read_figures
from tests.onboarding.evidence.documents import ODD_DOCUMENTS, TOPS, Counts, field_document


def map_of(counts: Counts = TOPS, *, limit: int | None = None) -> HeatMap:
    figures = read_figures({"sub_category": field_document(counts)})[Output.SUB_CATEGORY]
    return heat_map(confusion_matrix(figures, limit=limit), str.upper)


def test_rows_are_what_a_picture_is_and_columns_what_it_was_taken_for() -> None:
    drawn = map_of()
    places = {label.name: label.at - CELL / 2 for label in drawn.labels}
    found = {tuple(each.cell): (each.x, each.y) for each in drawn.cells}
    assert found["Topwear", "Dress", 2] == (places["DRESS"], places["TOPWEAR"])
    assert found["Dress", "Topwear", 1] == (places["TOPWEAR"], places["DRESS"])


def test_cells_are_shaded_by_their_share_of_the_row_and_the_diagonal_is_not() -> None:
    shades = {each.cell[:2]: each.shade for each in map_of().cells}
    assert shades == {
        ("Topwear", "Dress"): 6,
        ("Dress", "Topwear"): 7,
        ("Topwear", "Topwear"): 0,
        ("Dress", "Dress"): 0,
    }


def test_cells_say_in_words_what_they_are() -> None:
    titles = [each.title for each in map_of().cells]
    assert titles[0] == "TOPWEAR, taken for DRESS: 2"
    assert titles[2] == "TOPWEAR, recognised: 6"


def test_numbers_stand_in_the_middle_of_their_cells() -> None:
    for each in map_of().cells:
        assert (each.middle_x - each.x, each.middle_y - each.y) == (CELL / 2, CELL / 2)


def test_what_is_not_shown_has_a_column_and_a_row_of_its_own() -> None:
    counts = [("A", "B", 5), ("A", "C", 1), ("C", "B", 2), ("D", "D", 4), ("E", "E", 4)]
    drawn = map_of(counts, limit=2)
    assert (drawn.inner, drawn.size) == (2 * CELL, 3 * CELL)
    (out,) = drawn.to_others
    assert (out.x, out.text, out.title) == (drawn.inner, "1", "A, taken for other values: 1")
    (into,) = drawn.from_others
    assert (into.y, into.text, into.title) == (drawn.inner, "2", "other values, taken for B: 2")


def test_a_matrix_that_shows_everything_has_no_such_column() -> None:
    drawn = map_of()
    assert drawn.size == drawn.inner == 2 * CELL
    assert drawn.lines == [0, CELL, 2 * CELL]


def test_many_values_have_smaller_cells() -> None:
    figures = read_figures(ODD_DOCUMENTS["142 values"])[Output.ARTICLE_TYPE]
    drawn = heat_map(confusion_matrix(figures, limit=None), str)
    assert (drawn.cell_size, drawn.inner, drawn.is_dense) == (CELL_OF_MANY, 142 * CELL_OF_MANY, True)


def test_names_have_the_room_that_they_need_within_limits() -> None:
    assert map_of([("Red", "Red", 1)]).names_length == 92
    assert map_of([("A value with a name beyond all measure", "B", 1)]).names_length == 140


def test_an_empty_matrix_is_an_empty_map() -> None:
    figures = read_figures(ODD_DOCUMENTS["only the number"])[Output.COLOUR]
    drawn = heat_map(confusion_matrix(figures), str)
    assert (drawn.size, list(drawn.cells), list(drawn.labels)) == (0, [], [])


@pytest.mark.parametrize(
    ("share", "shade"),
    [(0.0, 1), (0.0099, 1), (0.01, 2), (0.02, 3), (0.05, 4), (0.1, 5), (0.2, 6), (0.399, 6), (0.4, 7), (1.0, 7)],
)
def test_shades_have_fixed_steps(share: float, shade: int) -> None:
    assert shade_of(share) == shade


def test_the_legend_names_where_each_shade_begins() -> None:
    assert [(step.shade, step.low) for step in map_of().scale] == [
        (1, 0.0),
        (2, 0.01),
        (3, 0.02),
        (4, 0.05),
        (5, 0.1),
        (6, 0.2),
        (7, 0.4),
    ]


def test_long_names_and_large_numbers_are_cut_to_what_fits() -> None:
    assert shortened("Loungewear and nightwear") == "Loungewear and n…"
    assert shortened("Sports equipment") == "Sports equipment"
    assert [short_count(n) for n in (7, 9_999, 10_000, 123_456)] == ["7", "9999", "10k", "123k"]
