"""Sheets of pictures: of a cell, of a value's errors, of all errors."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from onboarding.evidence.figures import Cell, FieldFigures, Miss, Output, read_figures
from onboarding.evidence.naming import ValueNames
from onboarding.evidence.sheets import Choice, Sheet
from onboarding.models import EvaluatedPhoto, Evaluation
from tests.conftest import Cast, jpeg, make_listing, make_version
from tests.onboarding.evidence.documents import figures_document

NAMES = ValueNames({"Topwear": "Tops"})
FIGURES: FieldFigures = read_figures(figures_document())[Output.SUB_CATEGORY]


@pytest.mark.parametrize(
    ("choice", "kept"),
    [
        (Choice(), [True, True, False]),
        (Choice(actual="Topwear"), [True, False, False]),
        (Choice(predicted="Topwear"), [False, True, False]),
        (Choice("Topwear", "Dress"), [True, False, False]),
        (Choice("Topwear", "Topwear"), [False, False, True]),
        (Choice("Dress", "Dress"), [False, False, False]),
    ],
)
def test_a_choice_keeps_its_cell_and_without_values_all_errors(choice: Choice, kept: list[bool]) -> None:
    rows = [Miss("a", "Topwear", "Dress", 0.5), Cell("Dress", "Topwear", 1), Cell("Topwear", "Topwear", 1)]
    assert [choice.keeps(row) for row in rows] == kept  # type: ignore[arg-type]


def test_a_choice_counts_what_it_opens() -> None:
    choices = [Choice(), Choice("Topwear", "Dress"), Choice("Topwear", "Topwear"), Choice(predicted="Topwear")]
    assert [choice.count(FIGURES) for choice in choices] == [3, 2, 6, 1]


def test_every_cell_off_the_diagonal_has_an_opposite() -> None:
    assert Choice("A", "B").opposite == Choice("B", "A")
    choices = (Choice("A", "B"), Choice("A", "A"), Choice("A"), Choice())
    assert [choice.has_opposite for choice in choices] == [True, False, False, False]


def test_only_values_that_the_figures_know_can_be_chosen() -> None:
    assert [Choice(*values).is_known_in(FIGURES) for values in (("Dress", "Topwear"), ("", ""), ("Shoes", ""))] == [
        True,
        True,
        False,
    ]


def shown(items: Sequence[Any]) -> list[tuple[str, str, str, float]]:
    return [(item.picture, item.actual, item.predicted, item.confidence) for item in items]


def report_sheet(choice: Choice) -> Sheet:
    return Sheet(Evaluation(pictures="studio"), FIGURES, choice, NAMES)


def test_a_report_sets_errors_come_by_name_the_surest_first() -> None:
    assert shown(report_sheet(Choice()).page()) == [
        ("Topwear-0.jpg", "Tops", "Dress", 0.99),
        ("Topwear-1.jpg", "Tops", "Dress", 0.98),
        ("Dress-2.jpg", "Dress", "Tops", 0.97),
    ]
    assert shown(report_sheet(Choice("Dress", "Topwear")).page()) == [("Dress-2.jpg", "Dress", "Tops", 0.97)]


def test_a_report_set_keeps_no_names_of_what_was_right() -> None:
    assert shown(report_sheet(Choice("Topwear", "Topwear")).page()) == []


def test_a_picture_at_hand_is_said_to_be(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "Topwear-1.jpg").write_bytes(jpeg())
    settings.EVALUATION_PICTURES = [str(tmp_path)]
    assert [item.at_hand for item in report_sheet(Choice()).page()] == [False, True, False]


def test_a_page_holds_its_part_and_odd_numbers_lead_to_an_end() -> None:
    sheet = report_sheet(Choice())
    assert [item.picture for item in sheet.page("2", size=2)] == ["Dress-2.jpg"]
    assert [sheet.page(number, size=2).number for number in (None, "", "x", "0", "-1", "9" * 30)] == [1, 1, 1, 2, 2, 2]


def held_out_sheet(cast: Cast, choice: Choice, count: int = 1) -> Sheet:
    """`count` photos of each: a top taken for a dress, a top recognised, and another field's error."""
    evaluation = Evaluation.objects.create(model_version=make_version(), pictures="held_out", figures={})
    for number in range(count):
        answers = (
            ("sub_category", "Dress", 0.6 + number / 10),
            ("sub_category", "Topwear", 0.9),
            ("colour", "Dress", 0.8),
        )
        for field, predicted, confidence in answers:
            EvaluatedPhoto.objects.create(
                evaluation=evaluation,
                photo=make_listing(cast.shop, title=f"Top {number}").photos.get(),
                field=field,
                actual="Topwear",
                predicted=predicted,
                confidence=confidence,
            )
    return Sheet(evaluation, FIGURES, choice, NAMES)


def test_sellers_photos_are_found_by_their_cell(cast: Cast) -> None:
    (item,) = held_out_sheet(cast, Choice("Topwear", "Dress")).page()
    assert item.photo is not None
    assert (item.actual, item.predicted, item.confidence) == ("Tops", "Dress", 0.6)
    assert str(item.photo.listing) == "Top 0"


def test_recognised_photos_of_sellers_can_be_opened_too(cast: Cast) -> None:
    sheet = held_out_sheet(cast, Choice("Topwear", "Topwear"))
    assert [(item.predicted, item.confidence) for item in sheet.page()] == [("Tops", 0.9)]


def test_all_errors_are_this_fields_and_the_surest_first(cast: Cast) -> None:
    assert [item.confidence for item in held_out_sheet(cast, Choice(), count=3).page()] == [0.8, 0.7, 0.6]


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_of_photos_costs_two_queries(cast: Cast, count: int, django_assert_num_queries: Any) -> None:
    sheet = held_out_sheet(cast, Choice(), count=count)
    with django_assert_num_queries(2):
        assert len([str(item.photo.listing) for item in sheet.page()]) == count
