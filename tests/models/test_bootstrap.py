"""The bootstrap against SciPy's, and against objects drawn by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest, bootstrap

from skysift.models._bootstrap import Bootstrap, interval


def test_an_interval_of_a_mean_is_scipys(rng):
    values = rng.exponential(size=300)
    drawn = Bootstrap(np.arange(300), draws=4000).totals(values[:, None])[:, 0] / 300
    truth = bootstrap((values,), np.mean, n_resamples=4000, method="percentile", rng=1)
    assert interval(drawn) == pytest.approx(tuple(truth.confidence_interval), rel=0.02)


def test_alerts_of_one_object_stand_or_fall_together(rng):
    """Forty copies of each alert must not make the interval narrower."""
    values = rng.random(50)
    one = Bootstrap(np.arange(50)).totals(values[:, None])[:, 0] / 50
    many = Bootstrap(np.repeat(np.arange(50), 40))
    copies = many.totals(np.repeat(values, 40)[:, None])[:, 0] / 2000
    np.testing.assert_allclose(copies, one)


def test_totals_and_weights_are_the_same_draws(rng):
    group, values = rng.integers(0, 20, 90), rng.random((90, 3))
    boot = Bootstrap(group, draws=150)
    by_weight = boot.each(lambda weight: float(weight @ values[:, 1]))
    np.testing.assert_allclose(boot.totals(values)[:, 1], by_weight)


def test_every_draw_draws_as_many_objects_as_there_are(rng):
    boot = Bootstrap(np.array(["a", "b", "b", "c"]), draws=50)
    first = np.array([1, 1, 0, 1])  # one alert an object
    assert set(boot.each(lambda weight: float(weight @ first))) == {3.0}


def test_the_seed_decides():
    group = np.arange(30)
    draw = [Bootstrap(group, seed=s).totals(group[:, None]).tolist() for s in (1, 1, 2)]
    assert draw[0] == draw[1] != draw[2]


def test_draws_that_do_not_define_a_quantity_are_left_out():
    values = np.array([[1.0, np.nan], [np.nan, np.nan], [3.0, np.nan]])
    low, high = interval(values, level=1.0)
    np.testing.assert_array_equal(low, [1, np.nan])
    np.testing.assert_array_equal(high, [3, np.nan])


def test_a_share_is_what_its_alerts_say(rng):
    group, whole = rng.integers(0, 30, 200), rng.random((200, 2)) < 0.7
    part = whole & (rng.random((200, 2)) < 0.4)
    boot = Bootstrap(group)
    value, low, high = boot.share(part, whole)
    np.testing.assert_allclose(value, part.sum(axis=0) / whole.sum(axis=0))
    drawn = boot.each(lambda weight: weight @ part / (weight @ whole))
    np.testing.assert_allclose((low, high), np.quantile(drawn, (0.025, 0.975), axis=0))


@pytest.mark.parametrize("hit", [True, False])
def test_a_share_of_all_or_none_is_as_sure_as_its_objects_are_many(hit):
    group = np.repeat(np.arange(45), 3)
    whole = np.ones((135, 1), bool)
    _, low, high = Bootstrap(group).share(whole & hit, whole)
    truth = binomtest(45 * hit, 45).proportion_ci(0.95, method="exact")
    assert (low[0], high[0]) == pytest.approx((truth.low, truth.high))


def test_a_share_of_nothing_is_unknown():
    nothing = np.zeros((3, 1), bool)
    assert np.isnan(Bootstrap(np.arange(3)).share(nothing, nothing)).all()


def test_no_object_is_no_error():
    assert Bootstrap(np.array([], dtype=object), draws=5).totals(np.zeros((0, 2))).sum() == 0
