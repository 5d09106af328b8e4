"""Better, worse or chance: the tests behind the words."""

from typing import Any

import pytest

from onboarding.evidence.comparison import (
    Comparison,
    Pairs,
    Verdict,
    chance_of_split,
    compare,
    comparison_rows,
    counted_pairs,
    pairs_by_misses,
)
from onboarding.evidence.figures import FieldFigures, Output, read_figures
from tests.onboarding.evidence.documents import field_document


def colour(**fields: Any) -> FieldFigures:
    return read_figures({"colour": field_document(**fields)})[Output.COLOUR]


def with_errors(*names: str, n: int = 20) -> FieldFigures:
    """`n` red pictures, of which the named ones were taken for blue."""
    counts = [("Red", "Blue", len(names)), ("Red", "Red", n - len(names))]
    errors = [[name, "Red", "Blue", 0.5] for name in names]
    return colour(counts=[row for row in counts if row[2]], errors=errors)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [(0, 0, 1.0), (1, 1, 1.0), (0, 1, 1.0), (0, 5, 0.0625), (5, 0, 0.0625), (0, 6, 0.03125), (1, 9, 0.021484375)],
)
def test_the_chance_of_a_split_is_that_of_tossing_coins(one: int, other: int, expected: float) -> None:
    assert chance_of_split(one, other) == expected


def test_thousands_of_pairs_are_counted_exactly_too() -> None:
    assert chance_of_split(4_900, 5_100) == pytest.approx(0.0466, abs=1e-4)
    assert chance_of_split(100, 9_900) < 1e-300


@pytest.mark.parametrize(
    ("pairs", "verdict"),
    [
        (Pairs(only_before=0, only_after=6), Verdict.BETTER),
        (Pairs(only_before=6, only_after=0), Verdict.WORSE),
        (Pairs(only_before=0, only_after=5), Verdict.CHANCE),
        (Pairs(only_before=0, only_after=0), Verdict.CHANCE),
    ],
)
def test_five_of_five_may_be_chance_and_six_of_six_are_not(pairs: Pairs, verdict: Verdict) -> None:
    assert pairs.verdict == verdict


def test_named_errors_of_both_versions_are_paired() -> None:
    before, after = with_errors("a", "b", "c", "d", "e", "f", "g"), with_errors("a", "z")
    assert pairs_by_misses(before, after) == Pairs(only_before=1, only_after=6)
    comparison = compare(before, after)
    assert comparison == Comparison(0.65, 0.9, Verdict.CHANCE, Pairs(1, 6))
    assert comparison.difference == pytest.approx(0.25)


def test_a_version_without_errors_is_paired_as_well() -> None:
    assert pairs_by_misses(with_errors("a", "b"), with_errors()) == Pairs(only_before=0, only_after=2)


def test_other_pictures_are_never_paired() -> None:
    assert pairs_by_misses(with_errors("a"), with_errors("a", n=21)) is None
    others = colour(counts=[("Blue", "Red", 1), ("Blue", "Blue", 19)], errors=[["a", "Blue", "Red", 0.5]])
    assert pairs_by_misses(with_errors("a"), others) is None


@pytest.mark.parametrize("errors", [[], [["a.jpg", "Topwear", "Dress", 0.9]], [["a.jpg", "Topwear", "Dress", 0.9]] * 3])
def test_lists_that_leave_errors_out_or_name_them_twice_are_never_paired(errors: list[Any]) -> None:
    assert pairs_by_misses(colour(errors=errors), colour()) is None


def test_where_errors_have_no_names_the_pairs_that_a_retraining_counted_speak() -> None:
    counted = Pairs(only_before=1, only_after=9)
    unnamed = colour(errors=[])
    assert compare(unnamed, unnamed, counted) == Comparison(0.7, 0.7, Verdict.BETTER, counted)
    assert compare(with_errors("a"), with_errors("b"), counted) == Comparison(0.95, 0.95, Verdict.CHANCE, Pairs(1, 1))


@pytest.mark.parametrize(
    ("accuracy", "interval", "verdict"),
    [
        (0.95, [0.91, 0.99], Verdict.BETTER),
        (0.3, [0.2, 0.4], Verdict.WORSE),
        (0.8, [0.6, 0.95], Verdict.UNKNOWN),
        (0.95, None, Verdict.UNKNOWN),
    ],
)
def test_without_pairs_only_intervals_that_do_not_touch_tell_a_difference(
    accuracy: float, interval: list[float] | None, verdict: Verdict
) -> None:
    after = colour(errors=[], accuracy=accuracy, accuracy_interval=interval)
    assert compare(colour(errors=[]), after) == Comparison(0.7, accuracy, verdict)


def test_what_was_not_measured_before_is_not_compared() -> None:
    assert compare(None, colour()) is None
    assert compare(colour(accuracy=None), colour()) is None
    assert compare(colour(), colour(accuracy="x")) is None


ROW = {"pictures": "studio", "field": "colour", "n": 50, "before": 0.5, "after": 0.6, "only_before": 2, "only_after": 7}


def test_a_retrainings_report_is_read_line_by_line() -> None:
    (row,) = comparison_rows({"comparison": [ROW]})
    assert (row.field_label, row.pictures_label, row.n) == ("Colour", "Report set: studio shots", 50)
    assert (row.before, row.after, row.pairs) == (0.5, 0.6, Pairs(2, 7))
    assert row.difference == pytest.approx(0.1)


def test_lines_of_a_report_that_cannot_be_read_are_left_out() -> None:
    odd = [None, {}, {**ROW, "n": "50"}, {**ROW, "after": None}, {**ROW, "only_after": float("nan")}, ROW]
    assert [row.n for row in comparison_rows({"comparison": odd})] == [50]
    for report in (None, [], {}, {"comparison": None}, {"comparison": {"studio": ROW}}):
        assert comparison_rows(report) == []


def test_a_field_that_nobody_knows_keeps_its_key() -> None:
    (row,) = comparison_rows({"comparison": [{**ROW, "field": "sleeve", "pictures": "drawings"}]})
    assert (row.field_label, row.pictures_label) == ("sleeve", "drawings")


def test_pairs_of_a_report_are_found_by_set_and_field() -> None:
    report: dict[str, Any] = {
        "comparison": [ROW, {**ROW, "field": "season", "only_after": 1}, {**ROW, "pictures": "phone"}]
    }
    assert counted_pairs(report, "studio") == {"colour": Pairs(2, 7), "season": Pairs(2, 1)}
    assert counted_pairs(report, "held_out") == {}
