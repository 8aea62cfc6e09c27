"""Calibration against scikit-learn, SciPy and the min-max formula of isotonic regression."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import expit
from scipy.special import logit as scipy_logit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from skysift.models._calibration import METHODS, apply, fit


@pytest.fixture
def scored(rng):
    """Scores that are too sure of themselves by a factor of 2.5 in the logit."""
    truth = rng.normal(-0.5, 1.5, 3000)
    label = rng.random(3000) < expit(truth)
    return label, expit(2.5 * truth).astype(np.float32), rng.integers(0, 3, 3000).astype(float)


def test_temperature_undoes_overconfidence(scored):
    label, p, _ = scored
    assert fit("temperature", label, p)["temperature"] == pytest.approx(2.5, rel=0.1)


def test_temperature_has_the_greatest_likelihood(scored):
    label, p, weight = scored
    z = scipy_logit(p.astype(float))

    def loss(temperature):
        shown = z / temperature
        return np.sum(weight * (np.logaddexp(0, shown) - label * shown))

    best = minimize_scalar(loss, bounds=(0.1, 10), method="bounded", options={"xatol": 1e-9}).x
    assert fit("temperature", label, p, weight)["temperature"] == pytest.approx(best, rel=1e-4)


def test_platt_is_logistic_regression_on_the_logit(scored):
    label, p, weight = scored
    z = scipy_logit(p.astype(float))[:, None]
    truth = LogisticRegression(C=1e12, tol=1e-10, max_iter=1000).fit(z, label, weight)
    facts = fit("platt", label, p, weight)
    assert facts["slope"] == pytest.approx(truth.coef_[0, 0], rel=1e-3)
    assert facts["intercept"] == pytest.approx(truth.intercept_[0], abs=1e-3)


def test_isotonic_is_scikit_learns_between_its_points_too(scored):
    label, p, weight = scored
    truth = IsotonicRegression(out_of_bounds="clip").fit(p, label, weight)
    asked = np.linspace(0, 1, 501)
    found = apply(fit("isotonic", label, p, weight), asked)
    np.testing.assert_allclose(found, truth.predict(asked), atol=1e-6)


def test_isotonic_is_the_min_max_of_means(rng):
    p = np.sort(rng.random(25))
    label = rng.random(25) < p
    means = [
        max(min(label[a : b + 1].mean() for b in range(i, 25)) for a in range(i + 1))
        for i in range(25)
    ]
    np.testing.assert_allclose(apply(fit("isotonic", label, p), p), means, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_a_calibration_survives_json_and_is_monotone(scored, method):
    facts = json.loads(json.dumps(fit(method, *scored)))
    curve = apply(facts, np.linspace(0, 1, 2001))
    assert curve.dtype == np.float32
    assert (np.diff(curve) >= 0).all()
    assert 0 <= curve[0] < curve[-1] <= 1


@pytest.mark.parametrize("method", METHODS)
def test_nan_and_shape_are_kept(scored, method):
    p = np.array([[0.2, np.nan, 1.0], [0.0, 0.7, np.nan]], dtype=np.float32)
    answer = apply(fit(method, *scored), p)
    np.testing.assert_array_equal(np.isnan(answer), np.isnan(p))


@pytest.mark.parametrize("method", METHODS)
def test_alerts_without_score_or_weight_do_not_count(scored, method):
    label, p, _ = scored
    weight = np.ones(len(p))
    weight[:500] = 0
    holes = p.copy()
    holes[500:900] = np.nan
    assert fit(method, label, holes, weight) == fit(method, label[900:], p[900:])


@pytest.mark.parametrize("method", METHODS)
def test_perfectly_parted_classes_give_finite_numbers(method):
    label = np.repeat([False, True], 20)
    answer = apply(fit(method, label, label.astype(float)), np.array([0.0, 0.5, 1.0]))
    assert np.isfinite(answer).all()
    assert answer[0] < 0.01 < 0.99 < answer[2]


def test_scores_that_rank_backwards_are_flattened_not_turned_round():
    label = np.repeat([False, True], 20)
    assert (np.diff(apply(fit("temperature", label, 1.0 - label), np.linspace(0, 1, 9))) >= 0).all()


def test_no_calibration_leaves_scores_alone():
    np.testing.assert_array_equal(apply(None, np.array([0.25, np.nan])), [0.25, np.nan])


@pytest.mark.parametrize("method", METHODS)
def test_one_class_is_refused(method):
    with pytest.raises(ValueError, match="both classes"):
        fit(method, np.ones(5, bool), np.linspace(0, 1, 5))


def test_an_unknown_method_is_named():
    with pytest.raises(ValueError, match="temperature, platt, isotonic"):
        fit("beta", np.array([True, False]), np.array([0.9, 0.1]))
    with pytest.raises(ValueError, match="'beta'"):
        apply({"method": "beta"}, np.zeros(3))
