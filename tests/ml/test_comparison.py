from dataclasses import replace

import pytest

from ml.comparison import HELD_OUT, Comparison, compare, reference_of, verdict
from ml.outcomes import Outcome
from tests.ml.test_evidence import outcome_of


def row(lost: int, gained: int, n: int = 1000, pictures: str = "studio", output: str = "colour") -> Comparison:
    before = n // 2
    return Comparison(pictures, output, n, before / n, (before - lost + gained) / n, lost, gained)


def colours(predicted: list[str]) -> dict[str, Outcome]:
    return {"colour": outcome_of(["Red"] * len(predicted), predicted)}


def test_pictures_that_only_one_model_gets_right_are_counted() -> None:
    before, after = colours(["Red", "Red", "Blue", "Blue"]), colours(["Red", "Blue", "Red", "Blue"])
    assert compare("studio", before, after) == [Comparison("studio", "colour", 4, 0.5, 0.5, 1, 1)]


def test_model_without_a_field_gets_nothing_right_there() -> None:
    known = colours(["Red", "Blue"])
    assert compare("phone", {}, known) == [Comparison("phone", "colour", 2, 0.0, 0.5, 0, 1)]
    assert compare("phone", known, {}) == [Comparison("phone", "colour", 2, 0.5, 0.0, 1, 0)]


def test_equal_models_are_not_worse() -> None:
    result = verdict([row(0, 0), row(5, 5), row(0, 0, 40, HELD_OUT)])
    assert (result.is_not_worse, result.reasons) == (True, [])


def test_better_candidate_is_not_worse() -> None:
    assert verdict([row(2, 9), row(0, 20, 60, HELD_OUT)]).is_not_worse


@pytest.mark.parametrize(("lost", "is_not_worse"), [(30, True), (31, False)])
def test_field_may_lose_three_tenths_of_a_point(lost: int, is_not_worse: bool) -> None:
    # so many pictures that chance explains less than that; a second field gains as much
    rows = [row(lost, 0, 10_000), row(0, lost, 10_000, output="season")]
    assert verdict(rows).is_not_worse == is_not_worse


def test_few_pictures_may_differ_by_chance() -> None:
    assert verdict([row(4, 1, 300), row(1, 4, 300, output="season")]).is_not_worse  # a point, but of 3 pictures


@pytest.mark.parametrize(("lost", "is_not_worse"), [(5, True), (6, False)])
def test_chance_agrees_with_the_exact_test(lost: int, is_not_worse: bool) -> None:
    """Of a fair coin: five of five happen to 1 in 16, six of six to 1 in 32."""
    spread = [row(0, 2, output=name) for name in ("season", "gender", "usage")]  # so that the mean loss stays small
    assert verdict([row(lost, 0, 400), *spread]).is_not_worse == is_not_worse


def test_loss_beyond_chance_is_told_in_one_sentence() -> None:
    result = verdict([row(60, 10), row(0, 0, output="season")])
    assert not result.is_not_worse
    assert result.reasons == [
        "Colour on the report set (studio): 0.500 -> 0.450, a loss of 5.0 points where 1.7 are allowed.",
        "All fields on the report set together: a mean loss of 2.5 points where 0.3 are allowed.",
    ]


def test_small_losses_everywhere_add_up() -> None:
    names = ("colour", "season", "gender", "usage")
    result = verdict([row(12, 5, output=name) for name in names])  # 0.7 points each, within chance each
    assert result.reasons == ["All fields on the report set together: a mean loss of 0.7 points where 0.3 are allowed."]


def test_candidate_that_forgets_held_out_labels_is_refused() -> None:
    held_out = [row(3, 1, 40, HELD_OUT), row(1, 1, 40, HELD_OUT, "season")]
    assert verdict([row(0, 0), *held_out]).reasons == [
        "All fields of the held-out labels together: 40 -> 38 right of 80."
    ]


def test_field_that_is_surely_worse_on_held_out_labels_is_refused() -> None:
    held_out = [row(12, 0, 40, HELD_OUT, "sub_category"), row(0, 20, 40, HELD_OUT)]
    assert verdict([row(0, 0), *held_out]).reasons == [
        "Sub category on the held-out labels: 0.500 -> 0.200, a loss of 30.0 points where 16.7 are allowed."
    ]


def test_without_a_report_set_there_is_no_verdict_in_favour() -> None:
    assert verdict([row(0, 20, 40, HELD_OUT)]).reasons == ["There is no report set to compare the models on."]


def test_without_held_out_labels_the_report_set_decides() -> None:
    assert verdict([row(1, 1)]).is_not_worse


def test_losses_of_several_retrainings_together_are_refused() -> None:
    step = replace(row(2, 0, 10_000), before=0.942, after=0.9418)  # two pictures: nothing, taken by itself
    assert verdict([step], {"studio": {"colour": 0.9515}}).is_not_worse
    assert verdict([step], {"studio": {"colour": 0.9535}}).reasons == [
        "Colour on the report set (studio): 0.954 when the network was trained, 0.942 after this and earlier "
        "retrainings, where 1.0 points are allowed."
    ]


@pytest.mark.parametrize(("n", "is_not_worse"), [(400, True), (4000, False)])
def test_few_pictures_may_drift_by_chance(n: int, is_not_worse: bool) -> None:
    step = replace(row(0, 0, n), before=0.88, after=0.88)
    assert verdict([step], {"studio": {"colour": 0.9}}).is_not_worse == is_not_worse


def test_reference_is_what_the_active_model_can_do_on_the_report_sets() -> None:
    one, other = row(1, 2), row(0, 3, 40, HELD_OUT)
    assert reference_of([one, other]) == {"studio": {"colour": one.before}}
