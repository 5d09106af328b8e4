import math

import numpy as np
import pytest
from scipy import stats

from ml.studies.statistics import anova_p, difference, estimate, eta_squared, holm

A, B = [0.90, 0.91, 0.92], [0.93, 0.95, 0.94]


def test_interval_of_a_mean_is_students() -> None:
    found = estimate([1.0, 2.0, 3.0])
    assert (found.mean, found.sd, found.n) == (2.0, 1.0, 3)
    assert found.high - found.mean == pytest.approx(4.302653 / math.sqrt(3), abs=1e-5)
    assert found.mean - found.low == pytest.approx(found.high - found.mean)


def test_one_value_has_no_width() -> None:
    found = estimate([0.5])
    assert (found.low, found.mean, found.high, found.sd) == (0.5, 0.5, 0.5, 0.0)


def test_difference_changes_its_sign_with_the_sides() -> None:
    there, back = difference(A, B), difference(B, A)
    assert there.is_beyond_chance
    assert back.is_beyond_chance
    assert there.mean == pytest.approx(-0.03)
    assert (back.mean, back.low, back.high) == pytest.approx((-there.mean, -there.high, -there.low))
    assert there.effect
    assert back.effect
    assert there.effect.size == pytest.approx(-3.0)
    assert (back.effect.low, back.effect.high) == pytest.approx((-there.effect.high, -there.effect.low))


def test_interval_of_cohens_d_holds_the_noncentral_t() -> None:
    found = difference(B, A).effect
    assert found
    scale = math.sqrt(2 / 3)
    seen = found.size / scale
    assert stats.nct.cdf(seen, 4, found.low / scale) == pytest.approx(0.975)
    assert stats.nct.cdf(seen, 4, found.high / scale) == pytest.approx(0.025)


def test_difference_without_repeats_is_never_beyond_chance() -> None:
    found = difference([0.9], [0.5])
    assert (found.mean, found.is_beyond_chance, found.effect) == (pytest.approx(0.4), False, None)


def test_difference_without_spread_has_no_effect_size() -> None:
    found = difference([0.9, 0.9], [0.5, 0.5])
    assert (found.low, found.high, found.effect) == (found.mean, found.mean, None)


def test_eta_squared_is_the_share_of_variance_between_the_groups() -> None:
    groups = [A, B, [0.80, 0.82, 0.81]]
    found = eta_squared(groups)
    assert found
    everything = np.concatenate(groups)
    between = sum(3 * (np.mean(group) - everything.mean()) ** 2 for group in groups)
    assert found.size == pytest.approx(between / ((everything - everything.mean()) ** 2).sum())
    assert 0 < found.low < found.size < found.high < 1


def test_eta_squared_of_chance_reaches_down_to_zero() -> None:
    found = eta_squared([[1.0, 2.0, 3.0], [1.1, 2.2, 2.9]])
    assert found
    assert found.low == 0.0


def test_intervals_of_eta_squared_hold_what_is_true() -> None:
    """Four groups of three whose means differ by as much as their spread: 95 of 100 intervals cover the truth."""
    generator = np.random.default_rng(1)
    means = np.array([-1.0, -0.5, 0.5, 1.0])
    truth = means.var() / (means.var() + 1.0)
    found = [eta_squared([list(generator.normal(mean, 1.0, 3)) for mean in means]) for _ in range(200)]
    covered = sum(effect is not None and effect.low <= truth <= effect.high for effect in found)
    assert covered >= 180


@pytest.mark.parametrize("groups", [[[0.5], [0.6]], [[0.5, 0.5], [0.5, 0.5]], [[0.5, 0.6]]])
def test_eta_squared_needs_groups_repeats_and_spread(groups: list[list[float]]) -> None:
    assert eta_squared(groups) is None
    assert anova_p(groups) is None


def test_several_tests_find_by_chance_no_more_often_than_one() -> None:
    """Six tests of groups that are alike: in 95 of 100 rounds none of the corrected ones finds a difference."""
    generator = np.random.default_rng(2)
    found, uncorrected = 0, 0
    for _ in range(200):
        ps = [anova_p(generator.normal(0.9, 0.01, (4, 3)).tolist()) or 1.0 for _test in range(6)]
        found += min(holm(ps)) < 0.05
        uncorrected += min(ps) < 0.05
    assert found <= 20 < uncorrected


def test_holm_keeps_the_order_and_corrects_the_smallest_most() -> None:
    assert holm([0.02, 0.01, 0.5]) == pytest.approx([0.04, 0.03, 0.5])
    assert holm([0.03, 0.02]) == pytest.approx([0.04, 0.04])
    assert holm([]) == []
