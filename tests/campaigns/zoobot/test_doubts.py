"""Doubt from passes: the truth is scipy's binomial and multinomial, and the paper's numbers."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import stats

from skysift.campaigns.zoobot.doubts import WAYS, doubt_of, next_answer, people
from skysift.campaigns.zoobot.settings import Settings
from skysift.models.zoobot.uncertainty.information import ways
from skysift.models.zoobot.uncertainty.passes import Passes

TREE = Settings(questions="bar").learned().tree


def passes_of(smooth, edge_on, bar) -> Passes:
    """Make passes (n, t) of three questions of one galaxy or more."""
    smooth, edge_on, bar = (np.atleast_2d(p).astype(float) for p in (smooth, edge_on, bar))
    parts = [smooth, 1 - smooth, 0 * smooth, edge_on, 1 - edge_on, bar, 1 - bar]
    return Passes(TREE, np.stack(parts, axis=-1), concentrated=False)


def test_the_papers_numbers():
    told = doubt_of(passes_of([0.5, 0.5], [0.5, 0.5], [0.1, 0.9]), ["bar"], 10)
    np.testing.assert_allclose(told.predictive, 1.969188, atol=1e-6)
    np.testing.assert_allclose(told.expected, 1.277907, atol=1e-6)
    np.testing.assert_allclose(told.reached, 0.25)
    np.testing.assert_allclose(told.spread, 2 * 0.4**2)


def test_three_answers_count_all_ways_in_which_votes_fall():
    told = doubt_of(passes_of([0.2, 0.7], [0.5, 0.5], [0.5, 0.5]), ["smooth-or-featured"], 6)
    outcomes = [k for k in product(range(7), repeat=3) if sum(k) == 6]
    p = [stats.multinomial.pmf(outcomes, 6, [s, 1 - s, 0]) for s in (0.2, 0.7)]
    assert told.predictive[0, 0] == pytest.approx(stats.entropy(np.mean(p, axis=0)))
    assert told.expected[0, 0] == pytest.approx(np.mean([stats.entropy(one) for one in p]))


def test_the_next_answer_comes_if_people_get_so_far():
    told = next_answer(passes_of([0.2, 0.6], [0.5, 0.25], [0.9, 0.4]), "bar")
    assert told.shape == (2, 1, 3)
    np.testing.assert_allclose(told[0, 0], [0.6, 0.36, 0.04])
    np.testing.assert_allclose(told[1, 0], [0.7, 0.12, 0.18])
    root = next_answer(passes_of([0.2, 0.6], [0.5, 0.5], [0.5, 0.5]), "smooth-or-featured")
    np.testing.assert_allclose(root[:, 0], [[0.2, 0.8, 0.0], [0.6, 0.4, 0.0]])


def test_a_galaxy_that_could_not_be_seen_has_no_doubt_and_its_neighbour_has():
    passes = passes_of([[0.5, 0.5]] * 2, [[0.5, 0.5]] * 2, [[np.nan, np.nan], [0.1, 0.9]])
    told = doubt_of(passes, ["smooth-or-featured", "bar"], 10)
    for values in (told.predictive, told.expected, told.spread, told.reached):
        np.testing.assert_array_equal(np.isnan(values), [[True, True], [False, False]])
    assert np.isnan(next_answer(passes, "bar")).all(axis=(0, 2)).tolist() == [True, False]


@pytest.mark.parametrize("answers", [2, 3, 4, 6])
def test_as_many_votes_as_fall_in_few_ways(answers):
    votes = people(40, answers)
    assert len(ways(votes, answers)) <= WAYS
    assert votes == 40 or len(ways(votes + 1, answers)) > WAYS
