"""Quantiles of fractions: against SciPy's Beta distribution, and against draws from a mixture."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from skysift.galaxy_zoo import read_tree
from skysift.models.zoobot.labels import labels_of
from skysift.models.zoobot.uncertainty.passes import Passes
from skysift.models.zoobot.uncertainty.spread import quantiles

TREE = labels_of(read_tree("gz2"), "bar").tree  # two answers
LEVELS = (0.05, 0.5, 0.95)


def of(*by_pass: tuple[float, float], concentrated: bool = True) -> Passes:
    return Passes(TREE, np.array([by_pass]), concentrated)


@pytest.mark.parametrize("alpha", [(3.0, 9.0), (0.4, 1.1), (300.0, 20.0)])
def test_one_pass_of_concentrations_is_a_beta_distribution(alpha) -> None:
    found = quantiles(of(alpha, alpha), LEVELS)
    assert found.shape == (1, 2, 3)
    assert found[0, 0] == pytest.approx(stats.beta(*alpha).ppf(LEVELS), abs=1e-9)
    assert found[0, 1] == pytest.approx(stats.beta(*alpha[::-1]).ppf(LEVELS), abs=1e-9)


def test_a_mixture_is_as_wide_as_draws_from_it() -> None:
    passes = [(6.0, 14.0), (9.0, 11.0), (7.0, 8.0), (5.0, 15.0)]
    rng = np.random.default_rng(1)
    draws = np.concatenate([rng.beta(*one, 100_000) for one in passes])
    found = quantiles(of(*passes), LEVELS)[0, 0]
    assert found == pytest.approx(np.quantile(draws, LEVELS), abs=0.01)
    alone = quantiles(of(passes[0]), LEVELS)[0, 0]
    assert found[2] - found[0] > 1.2 * (alone[2] - alone[0])


def test_fractions_are_only_as_wide_as_passes_differ() -> None:
    alike = quantiles(of((0.3, 0.7), (0.3, 0.7), concentrated=False), LEVELS)
    assert alike[0, 0] == pytest.approx([0.3] * 3) and alike[0, 1] == pytest.approx([0.7] * 3)
    low, middle, high = quantiles(of((0.2, 0.8), (0.4, 0.6), concentrated=False), LEVELS)[0, 0]
    assert 0.1 < low < 0.2 < middle < 0.4 < high < 0.5


def test_what_is_not_known_has_no_quantiles() -> None:
    assert np.isnan(quantiles(of((np.nan, np.nan)), LEVELS)).all()
    ends = quantiles(of((0.0, 1.0), (1.0, 0.0), concentrated=False), LEVELS)
    assert ((ends >= 0) & (ends <= 1)).all()
