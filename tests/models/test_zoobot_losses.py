"""Losses of Zoobot: values worked out from the formulas, SciPy, and every backend that is there."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from scipy.special import digamma, gammaln
from scipy.stats import dirichlet_multinomial, multinomial

from skysift.models.zoobot import losses
from skysift.models.zoobot.gamma import log_rising
from skysift.models.zoobot.networks.answers import LEAST, MOST

A = np.array([0.02, 0.5, 1.0, 5.0, 50.0, 1000.0], np.float32)[:, None]
K = np.array([0.0, 1.0, 2.0, 10.0, 73.0, 500.0], np.float32)[None]


def values(tensor):
    return np.asarray(tensor, np.float64)


def unlikely(votes, alpha):
    votes, alpha = (np.array([row], np.float32) for row in (votes, alpha))
    return float(values(losses.dirichlet_multinomial(votes, alpha, (votes.shape[1],)))[0])


def test_differences_of_log_gamma_are_scipy_s():
    expected = gammaln(A.astype(float) + K) - gammaln(A.astype(float))
    found = values(log_rising(A, K))
    np.testing.assert_allclose(found, expected, rtol=2e-6, atol=2e-6)
    assert (found[:, 0] == 0).all()


def test_their_slope_is_a_difference_of_digamma():
    import tensorflow as tf

    a = tf.constant(np.broadcast_to(A, (6, 6)))
    with tf.GradientTape() as tape:
        tape.watch(a)
        total = tf.reduce_sum(log_rising(a, tf.constant(K)))
    expected = digamma(A.astype(float) + K) - digamma(A.astype(float))
    np.testing.assert_allclose(tape.gradient(total, a), expected, rtol=1e-4, atol=1e-5)


GOLDEN = [
    ([1, 2, 3], [2, 3, 5], 2.477938),
    ([6, 4], [1, 1], np.log(11)),
    ([6, 4], [50, 50], 1.613897),
]


@pytest.mark.parametrize(("votes", "alpha", "expected"), GOLDEN)
def test_the_dirichlet_multinomial_of_known_votes(votes, alpha, expected):
    assert unlikely(votes, alpha) == pytest.approx(expected, abs=2e-5)


def test_it_is_scipy_s_whatever_the_votes():
    rng = np.random.default_rng(1)
    for alpha in (rng.uniform(0.05, 2, 5), rng.uniform(1, 100, 5), rng.uniform(100, 900, 5)):
        votes = rng.multinomial(40, rng.dirichlet(np.ones(5)))
        expected = -dirichlet_multinomial.logpmf(votes, alpha, 40)
        assert unlikely(votes, alpha) == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_nobody_asked_costs_nothing_and_moves_nothing():
    import tensorflow as tf

    votes = np.array([[0, 0, 0, 6, 4], [0, 0, 0, 0, 0]], np.float32)
    logits = tf.constant(np.random.default_rng(2).normal(0, 3, (2, 5)), tf.float32)
    for name in ("dirichlet_multinomial", "multinomial", "mse", "crossentropy"):
        kind = "concentrations" if name == "dirichlet_multinomial" else "fractions"
        loss = losses.loss_of(name, kind, (3, 2))
        with tf.GradientTape() as tape:
            tape.watch(logits)
            each = loss(votes, logits)
        slope = tape.gradient(each, logits).numpy()
        assert float(each[1]) == 0.0
        assert (slope[1] == 0).all()
        assert (slope[0, :3] == 0).all()
        assert (slope[0, 3:] != 0).all()
        alone = losses.loss_of(name, kind, (2,))(votes[:1, 3:], logits[:1, 3:])
        assert float(each[0]) == pytest.approx(float(alone[0]), abs=1e-6)


def test_the_binomial_of_six_in_ten():
    votes, even = np.array([[6.0, 4.0]], np.float32), np.zeros((1, 2), np.float32)
    loss = losses.loss_of("binomial", "fractions", (2,))
    assert float(values(loss(votes, even))[0]) == pytest.approx(6.931472, abs=1e-5)
    whole = values(loss(votes, even))[0] - values(losses.log_coefficient(votes, (2,)))[0, 0]
    assert float(whole) == pytest.approx(1.584364, abs=1e-5)
    # Sure and wrong: no logarithm of nothing.
    sure = np.array([[-200.0, 200.0]], np.float32)
    assert float(values(loss(votes, sure))[0]) == pytest.approx(6 * 400.0, rel=1e-5)


def test_the_multinomial_is_scipy_s_question_by_question():
    votes = np.array([[3, 5, 2, 1, 6]], np.float32)
    logits = np.log(np.array([[0.2, 0.5, 0.3, 0.4, 0.6]], np.float32)) + 3.0
    loss = losses.loss_of("multinomial", "fractions", (3, 2))
    whole = values(loss(votes, logits)) - values(losses.log_coefficient(votes, (3, 2))).sum()
    expected = -multinomial.logpmf([3, 5, 2], 10, [0.2, 0.5, 0.3])
    expected -= multinomial.logpmf([1, 6], 7, [0.4, 0.6])
    assert float(whole[0]) == pytest.approx(expected, abs=1e-4)


def test_the_baselines_compare_fractions():
    votes = np.array([[6.0, 4.0, 0, 0, 0], [0, 0, 2, 1, 1]], np.float32)
    even = np.zeros((2, 5), np.float32)
    mse = losses.loss_of("mse", "fractions", (2, 3))(votes, even)
    expected = [0.1**2, (2 * (1 / 4 - 1 / 3) ** 2 + (1 / 2 - 1 / 3) ** 2) / 3]
    np.testing.assert_allclose(values(mse), expected, atol=1e-6)
    entropy = losses.loss_of("crossentropy", "fractions", (2, 3))(votes, even)
    np.testing.assert_allclose(values(entropy), [np.log(2), np.log(3)], atol=1e-6)


def test_logits_become_concentrations_within_their_limits():
    votes = np.array([[6.0, 4.0]], np.float32)
    for kind, middle, ends in (
        ("concentrations", np.sqrt(LEAST * MOST), (LEAST, MOST)),
        ("published", 51.0, (1.0, 101.0)),
    ):
        loss = losses.loss_of("beta_binomial", kind, (2,))
        for logit, alpha in zip((0.0, -50.0, 50.0), (middle, *ends), strict=True):
            told = float(values(loss(votes, np.full((1, 2), logit, np.float32)))[0])
            assert told == pytest.approx(unlikely([6, 4], [alpha, alpha]), rel=1e-4)


def test_losses_that_cannot_be_are_refused():
    for given, reason in (
        (("poisson", "fractions", (2,)), "loss must be one of binomial"),
        (("binomial", "concentrations", (2,)), "does not go with a network of concentrations"),
        (("dirichlet_multinomial", "fractions", (2,)), "does not go with a network of fractions"),
        (("binomial", "fractions", (2, 3)), r"questions with two answers. Got: \[2, 3\]"),
    ):
        with pytest.raises(ValueError, match=reason):
            losses.loss_of(*given)


@pytest.mark.skipif(find_spec("jax") is None, reason="JAX is not installed")
def test_on_jax_too():
    code = "from tests.models.test_zoobot_losses import on_this_backend; on_this_backend()"
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert ended.returncode == 0, ended.stderr.decode()


def on_this_backend():
    """Golden values, and the slope, on whatever backend runs: called in a process of its own."""
    import jax

    for votes, alpha, expected in GOLDEN:
        assert unlikely(votes, alpha) == pytest.approx(expected, abs=2e-5)
    slope = jax.grad(lambda a: log_rising(a, K).sum())(np.broadcast_to(A, (6, 6)))
    expected = digamma(A.astype(float) + K) - digamma(A.astype(float))
    np.testing.assert_allclose(slope, expected, rtol=1e-4, atol=1e-5)
