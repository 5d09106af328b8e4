"""A set of pictures: a version's figures beside those of the one before."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from onboarding.evidence.comparison import Pairs, Verdict
from onboarding.evidence.picture_sets import PictureSet, picture_sets
from onboarding.evidence.versions import predecessor_of
from onboarding.models import Evaluation, ModelVersion, RetrainRun
from tests.conftest import make_version
from tests.onboarding.evidence.documents import ODD_DOCUMENTS, field_document, figures_document

pytestmark = pytest.mark.django_db


def evaluation(
    version: ModelVersion, pictures: str = "studio", run: RetrainRun | None = None, figures: Any = None
) -> Evaluation:
    document = figures_document() if figures is None else figures
    return Evaluation.objects.create(model_version=version, pictures=pictures, run=run, figures=document)


def retrain_run(base: ModelVersion, candidate: ModelVersion | None, **fields: Any) -> RetrainRun:
    values = {"state": "promoted", "host": "here:1", "lease_until": timezone.now(), **fields}
    return RetrainRun.objects.create(base=base, candidate=candidate, **values)


@pytest.fixture
def versions(db: None) -> tuple[ModelVersion, ModelVersion]:
    """The one before, and the one that works now."""
    now = timezone.now()
    before = make_version("b" * 64, state="retired", activated_at=now - timedelta(days=9))
    return before, make_version("a" * 64, activated_at=now)


def sets_of(version: ModelVersion, run: str = "") -> dict[str, PictureSet]:
    found = picture_sets(version, predecessor_of(version), run=run)
    return {each.evaluation.pictures: each for each in found}


def test_each_measured_set_is_there_in_a_fixed_order(versions: tuple[ModelVersion, ModelVersion]) -> None:
    for pictures in ("held_out", "phone", "studio"):
        evaluation(versions[1], pictures)
    assert list(sets_of(versions[1])) == ["studio", "phone", "held_out"]


def test_the_version_before_is_compared_on_the_same_set_only(versions: tuple[ModelVersion, ModelVersion]) -> None:
    before, version = versions
    evaluation(before, "studio")
    for pictures in ("studio", "phone"):
        evaluation(version, pictures)
    found = sets_of(version)
    assert (found["studio"].before, found["phone"].before) == (before, None)
    (row,) = found["studio"].rows
    assert row.comparison is not None
    assert (row.comparison.verdict, row.comparison.pairs) == (Verdict.CHANCE, Pairs(0, 0))
    assert (found["studio"].has_pairs, found["phone"].comparisons) == (True, [])


def test_held_out_photos_are_compared_within_one_retraining_only(versions: tuple[ModelVersion, ModelVersion]) -> None:
    before, version = versions
    first, second = retrain_run(before, version), retrain_run(version, None, state="kept")
    for each, run in ((before, first), (version, first), (version, second)):
        evaluation(each, "held_out", run)
    assert sets_of(version)["held_out"].before == before
    assert sets_of(version, run=str(second.pk))["held_out"].before is None


def test_the_retraining_that_made_a_version_is_shown_unless_another_is_asked_for(
    versions: tuple[ModelVersion, ModelVersion],
) -> None:
    before, version = versions
    first, second = retrain_run(before, version), retrain_run(version, None, state="kept")
    own, later = evaluation(version, "held_out", first), evaluation(version, "held_out", second)
    shown = sets_of(version)["held_out"]
    assert (shown.evaluation, shown.others) == (own, [later])
    assert sets_of(version, run=str(second.pk))["held_out"].evaluation == later
    for odd in ("x", "0", "9" * 400, "\0"):
        assert sets_of(version, run=odd)["held_out"].evaluation == own


def test_a_version_that_no_retraining_made_shows_the_newest(versions: tuple[ModelVersion, ModelVersion]) -> None:
    runs = [retrain_run(versions[1], None, state="kept") for _number in range(2)]
    newest = [evaluation(versions[1], "held_out", run) for run in runs][-1]
    assert sets_of(versions[1])["held_out"].evaluation == newest


def test_pairs_come_from_the_report_of_the_retraining_that_made_the_version(
    versions: tuple[ModelVersion, ModelVersion],
) -> None:
    before, version = versions
    row = {"field": "sub_category", "n": 10, "before": 0.7, "after": 0.7, "only_before": 1, "only_after": 9}
    report = {"comparison": [{"pictures": "studio", **row}, {"pictures": "held_out", **row, "only_after": 1}]}
    run = retrain_run(before, version, report=report)
    unnamed = {"sub_category": field_document(errors=[])}
    for each in versions:
        evaluation(each, "studio", figures=unnamed)
        evaluation(each, "held_out", run, unnamed)
    pairs = {pictures: each.rows[0].comparison for pictures, each in sets_of(version).items()}
    assert {pictures: found.pairs for pictures, found in pairs.items() if found} == {
        "studio": Pairs(1, 9),
        "held_out": Pairs(1, 1),
    }


@pytest.mark.parametrize("report", [None, [], {"comparison": 3}, "text"])
def test_an_odd_report_counts_no_pairs(versions: tuple[ModelVersion, ModelVersion], report: Any) -> None:
    before, version = versions
    run = retrain_run(before, version)
    run.report = report
    evaluation(version)
    predecessor = predecessor_of(version)
    assert predecessor.run is not None
    predecessor.run.report = report
    (found,) = picture_sets(version, predecessor)
    assert found.rows[0].comparison is None


@pytest.mark.parametrize("document", ODD_DOCUMENTS.values(), ids=ODD_DOCUMENTS)
def test_odd_figures_break_no_chart(versions: tuple[ModelVersion, ModelVersion], document: Any) -> None:
    for version in versions:
        evaluation(version, figures=document)
    (found,) = sets_of(versions[1]).values()
    assert len(found.panels) <= 3
    for row in found.rows:
        assert len(row.reliability.dots) == len(row.bins)


def test_charts_show_both_versions_and_leave_out_what_was_not_measured(
    versions: tuple[ModelVersion, ModelVersion],
) -> None:
    documents: tuple[Mapping[str, Any], ...] = (
        figures_document(),
        {**figures_document(), "colour": {"n": 3, "accuracy": 0.5}},
    )
    for version, document in zip(versions, documents, strict=True):
        evaluation(version, figures=document)
    accuracy, macro_f1, calibration = sets_of(versions[1])["studio"].panels
    assert [(row.label, row.before is not None) for row in accuracy.rows] == [("Subcategory", True), ("Colour", False)]
    assert [row.label for row in macro_f1.rows] == [row.label for row in calibration.rows] == ["Subcategory"]


def test_few_pictures_are_said_to_be_few(versions: tuple[ModelVersion, ModelVersion]) -> None:
    evaluation(versions[1], "studio", figures={"colour": {"n": 99}})
    evaluation(versions[1], "phone", figures={"colour": {"n": 5}, "season": {"n": 100}})
    found = sets_of(versions[1])
    assert [(each.n, each.is_small) for each in found.values()] == [(99, True), (100, False)]


@pytest.mark.parametrize("count", [1, 3])
def test_figures_are_read_in_two_queries_however_many_retrainings_there_were(
    versions: tuple[ModelVersion, ModelVersion], count: int, django_assert_num_queries: Any
) -> None:
    for _number in range(count):
        run = retrain_run(versions[0], versions[1])
        for each in versions:
            evaluation(each, "held_out", run)
    predecessor = predecessor_of(versions[1])
    with django_assert_num_queries(2):
        (found,) = picture_sets(versions[1], predecessor)
        assert len(found.others) == count - 1
