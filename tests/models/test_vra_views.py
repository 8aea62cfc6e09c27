"""How features are seen: ranks against SciPy, cuts, and what stands in for what is missing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import percentileofscore

from skysift.models.vra.views import FARTHEST, Views


def test_ranks_are_the_share_of_the_background_below(rng: np.random.Generator) -> None:
    background = rng.exponential(size=(2000, 1))
    shown = rng.exponential(size=(50, 1))
    ranks = Views.of(background).look(shown)["ranks"][:, 0]
    expected = [percentileofscore(background[:, 0], x) / 100 for x in shown[:, 0]]
    np.testing.assert_allclose(ranks, expected, atol=0.01)  # quantiles are a hundredth apart


def test_equal_values_share_the_middle_of_their_ranks() -> None:
    background = np.array([0.0] * 60 + [1.0] * 40)[:, None]
    ranks = Views.of(background).look(np.array([[0.0], [1.0]]))["ranks"][:, 0]
    np.testing.assert_allclose(ranks, [0.3, 0.8], atol=0.02)


def test_ranks_do_not_care_about_the_scale(rng: np.random.Generator) -> None:
    values = rng.normal(size=(300, 1))
    one = Views.of(values).look(values)["ranks"]
    other = Views.of(np.exp(5 * values)).look(np.exp(5 * values))["ranks"]
    np.testing.assert_allclose(one, other, atol=0.01)


def test_what_is_missing_stands_at_the_median_and_is_flagged() -> None:
    background = np.array([[1.0, 5.0], [2.0, 5.0], [9.0, 5.0], [np.nan, 5.0]])
    seen = Views.of(background).look(np.array([[np.nan, np.nan], [2.0, 5.0]]))
    np.testing.assert_allclose(seen["values"], [[2.0, 5.0, 1.0], [2.0, 5.0, 0.0]])
    assert seen["ranks"][0, 0] == pytest.approx(0.5, abs=0.01)


def test_nothing_lies_beyond_the_background_and_a_sentinel_is_cut(
    rng: np.random.Generator,
) -> None:
    background = rng.normal(size=(500, 1))
    seen = Views.of(background).look(np.array([[-999.0], [1e9], [np.inf]]))
    assert seen["values"][0, 0] == background.min()
    assert seen["values"][1, 0] == background.max()
    assert seen["values"][2, 0] == pytest.approx(np.median(background), abs=0.05)
    with_sentinel = np.vstack([background, [[-999.0]]])
    scaled = Views.of(with_sentinel).look(with_sentinel)["scaled"]
    assert np.abs(scaled).max() <= FARTHEST


def test_columns_without_a_number_are_not_looked_at() -> None:
    background = np.array([[np.nan, 1.0], [np.nan, 2.0]])
    assert Views.of(background).look(background)["values"].shape == (2, 1)


def test_nobody_shown_is_nobody_seen() -> None:
    views = Views.of(np.array([[1.0, np.nan], [2.0, 3.0]]))
    assert {view.shape for view in views.look(np.empty((0, 2))).values()} == {(0, 3)}
