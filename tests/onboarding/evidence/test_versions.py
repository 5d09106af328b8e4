"""Versions and retrainings as they are listed."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from onboarding.evidence.comparison import Pairs
from onboarding.evidence.figures import Measure
from onboarding.evidence.versions import predecessor_of, run_row, version_rows
from onboarding.models import Evaluation, ModelVersion, RetrainRun
from tests.conftest import make_version
from tests.onboarding.evidence.documents import field_document
from tests.onboarding.evidence.test_picture_sets import evaluation, retrain_run

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def version(letter: str, *, days_ago: int | None = None, state: str = "retired") -> ModelVersion:
    activated_at = None if days_ago is None else NOW - timedelta(days=days_ago)
    return make_version(letter * 64, state=state, activated_at=activated_at)


def test_a_retrained_version_is_compared_with_what_it_was_retrained_from() -> None:
    base, _later = version("a", days_ago=9), version("b", days_ago=5)
    candidate = version("c", days_ago=1, state="active")
    retrain_run(base, None, state="failed")
    run = retrain_run(base, candidate)
    assert (predecessor_of(candidate).version, predecessor_of(candidate).run) == (base, run)


def test_any_other_version_is_compared_with_the_one_active_before_it() -> None:
    versions = [version("a", days_ago=9), version("b", days_ago=5), version("c", days_ago=1, state="active")]
    assert [predecessor_of(each).version for each in versions] == [None, versions[0], versions[1]]


def test_a_version_that_was_never_active_is_compared_with_the_latest_that_was() -> None:
    version("a", days_ago=9)
    latest, candidate = version("b", days_ago=5, state="active"), version("c", state="candidate")
    assert predecessor_of(candidate).version == latest


def test_headlines_are_accuracies_with_intervals_in_a_fixed_order() -> None:
    shown, bare = version("a"), version("b")
    figures = {"sub_category": field_document(), "colour": {"n": 4, "accuracy": 0.25}}
    Evaluation.objects.create(model_version=shown, pictures="studio", figures=figures)
    Evaluation.objects.create(model_version=shown, pictures="phone", figures={"sub_category": {"accuracy": 1}})
    first, second = version_rows([shown, bare])
    assert first.headlines == [Measure(0.7, 0.5, 0.9), Measure(1.0), None, Measure(0.25), None]
    assert second.headlines == [None] * 5


def test_of_several_retrainings_held_out_photos_the_newest_speak() -> None:
    shown = version("a")
    for accuracy in (0.5, 0.75):
        run = retrain_run(shown, None, state="kept")
        evaluation(shown, "held_out", run, {"colour": {"n": 4, "accuracy": accuracy}})
    (row,) = version_rows([shown])
    assert row.headlines == [None, None, None, None, Measure(0.75)]


@pytest.mark.parametrize(
    "figures",
    [[], {"colour": 3}, {"colour": {"accuracy": "x"}}, {"colour": {"accuracy": None, "accuracy_interval": 1}}],
)
def test_odd_figures_make_no_headline(figures: Any) -> None:
    shown = version("a")
    Evaluation.objects.create(model_version=shown, pictures="studio", figures=figures)
    assert version_rows([shown])[0].headlines == [None] * 5


@pytest.mark.parametrize("count", [1, 3])
def test_headlines_of_any_number_of_versions_are_one_query(count: int, django_assert_num_queries: Any) -> None:
    versions = [version(letter) for letter in "abc"[:count]]
    for each in versions:
        evaluation(each)
    with django_assert_num_queries(1):
        assert [row.headlines[0] for row in version_rows(versions)] == [Measure(0.7, 0.5, 0.9)] * count


def run_with(report: Any, **fields: Any) -> RetrainRun:
    run = retrain_run(version("a"), None, **fields)
    run.report = report
    return run


def test_a_run_is_listed_with_its_reasons_its_facts_and_its_comparison() -> None:
    comparison = {"pictures": "studio", "field": "colour", "n": 3, "before": 0, "after": 1, "only_before": 0}
    report = {
        "snapshot": {"photos": 40, "held_out": 6, "labels": {"colour": 12, "sleeve": 3}, "data": ["x"], "bulk": False},
        "reasons": ["Colour is worse.", 7],
        "comparison": [{**comparison, "only_after": 3}],
    }
    row = run_row(run_with(report, state="kept"))
    assert row.reasons == ["Colour is worse.", "7"]
    facts = [("photos", "40"), ("held out", "6"), ("bulk", "no"), ("Colour", "12"), ("sleeve", "3")]
    assert row.facts == facts
    assert [each.pairs for each in row.comparison] == [Pairs(0, 3)]


@pytest.mark.parametrize(
    "report", [{}, [], None, {"snapshot": 3, "reasons": "no", "comparison": {}}, {"snapshot": {"labels": []}}]
)
def test_an_odd_report_is_an_empty_one(report: Any) -> None:
    row = run_row(run_with(report))
    assert (row.reasons, row.facts, row.comparison) == ([], [], [])


@pytest.mark.parametrize(
    ("state", "minutes", "expected"),
    [("running", 1, False), ("running", -1, True), ("promoted", -1, False), ("failed", -1, False)],
)
def test_only_a_running_run_whose_lease_has_passed_is_stalled(state: str, minutes: int, expected: bool) -> None:
    run = run_with({}, state=state, lease_until=NOW + timedelta(minutes=minutes))
    assert run_row(run, now=NOW).is_stalled is expected
