"""Selectors: the truth is a sort, scikit-learn's k-means objective, and counting."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from sklearn.cluster import KMeans

from skysift.active_learning.query import available_selectors
from skysift.active_learning.selection import batch_bald, k_means, per_object, stochastic_top, top
from skysift.active_learning.space import standardised

utilities = hnp.arrays(
    float, st.integers(0, 30), elements=st.sampled_from([np.nan, -1.0, 0.0, 0.5, np.inf])
)
anything = st.floats(allow_nan=True, allow_infinity=True)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def committee_of(rows: int) -> np.ndarray:
    """Return what four members say of rows with three answers; of every fifth they say nothing."""
    members = rng(3).dirichlet(np.ones(3), (4, rows))
    members[0, ::5] = np.nan
    return members


def choose(name: str, utility: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """Call any selector; rows are their own objects and lie on a line."""
    signals = {
        "per_object": {"objects": np.arange(len(utility))},
        "k_means": {"space": np.arange(len(utility), dtype=float)[:, None]},
        "batch_bald": {"committee": committee_of(len(utility))},
    }
    return available_selectors()[name](utility, **signals.get(name, {}), n=n, rng=rng(seed))


@pytest.mark.parametrize("name", available_selectors())
@settings(max_examples=25)
@given(utility=utilities, n=st.integers(0, 8))
def test_every_selector_gives_different_rows_and_as_many_as_it_can(name, utility, n):
    chosen = choose(name, utility, n)
    assert chosen.dtype == np.int64
    assert len(chosen) == min(n, len(utility)) == len(set(chosen.tolist()))
    assert set(chosen.tolist()) <= set(range(len(utility)))


@settings(max_examples=25)
@given(utility=utilities, n=st.integers(0, 8))
def test_top_takes_the_greatest_and_nan_last(utility, n):
    chosen = utility[top(utility, n=n, rng=rng())]
    expected = sorted(utility, key=lambda u: (np.isnan(u), -u))[:n]
    np.testing.assert_array_equal(chosen, expected)


def test_ties_are_broken_by_chance_and_not_by_arrival():
    drawn = Counter(
        row for seed in range(600) for row in top(np.zeros(10), n=3, rng=rng(seed)).tolist()
    )
    # 180 expected each; a binomial strays by 5 sd (56) once in a million
    assert all(abs(drawn[row] - 180) < 60 for row in range(10)), drawn


@pytest.mark.parametrize("name", available_selectors())
def test_the_same_seed_chooses_the_same(name):
    utility = np.zeros(40)
    one, same, other = (choose(name, utility, 5, seed) for seed in (1, 1, 2))
    assert one.tolist() == same.tolist() != other.tolist()


def test_per_object_keeps_the_best_row_of_each():
    utility = np.array([0.1, 0.9, 0.8, np.nan, 0.3, np.nan])
    objects = np.array(["a", "a", "b", "b", "c", "d"])
    assert per_object(utility, objects, n=3, rng=rng()).tolist() == [1, 2, 4]
    assert per_object(utility, objects, n=9, rng=rng()).tolist() == [1, 2, 4, 5]


def blobs(centres: int, each: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """Make clouds of points far apart; return them with the number of their cloud."""
    cloud = np.repeat(np.arange(centres), each)
    where = rng(3).normal(size=(centres, 2)) * 100
    return where[cloud] + rng(4).normal(size=(centres * each, 2)), cloud


def test_k_means_takes_one_row_from_each_cloud():
    space, cloud = blobs(6)
    chosen = k_means(rng(1).random(60), space, n=6, rng=rng(), candidates=60)
    assert sorted(cloud[chosen]) == list(range(6))


def test_k_means_rows_stand_near_the_centres_that_scikit_learn_finds():
    space, _ = blobs(5)
    chosen = k_means(np.zeros(50), space, n=5, rng=rng(), candidates=50)
    points = standardised(space)
    known = KMeans(5, n_init=20, random_state=0).fit(points)
    expected = {int(np.linalg.norm(points - c, axis=1).argmin()) for c in known.cluster_centers_}
    assert set(chosen.tolist()) == expected


def test_k_means_spreads_better_than_the_top():
    space = rng(5).normal(size=(200, 3))
    utility = -np.abs(space[:, 0])
    best = np.argsort(-utility)[:60]

    def cost(rows: np.ndarray) -> float:
        """Sum of squared distances of the candidates to the nearest chosen row."""
        points = standardised(space[best])
        to_chosen = points[:, None] - points[np.isin(best, rows)][None]
        return (np.linalg.norm(to_chosen, axis=2) ** 2).min(axis=1).sum()

    spread = k_means(utility, space, n=8, rng=rng(), candidates=60)
    assert cost(spread) < 0.8 * cost(top(utility, n=8, rng=rng()))


def test_k_means_looks_at_the_best_only_and_asks_the_best_first():
    utility = np.arange(100, dtype=float)
    chosen = k_means(utility, rng().normal(size=(100, 2)), n=5, rng=rng(), candidates=20)
    assert (chosen >= 80).all()
    assert (np.diff(chosen) < 0).all()


def test_k_means_fills_the_batch_where_rows_repeat():
    space = np.array([[0.0], [0.0], [0.0], [1.0], [1.0]])
    chosen = k_means(np.arange(5.0), space, n=4, rng=rng())
    assert len(set(chosen.tolist())) == 4
    assert {space[row, 0] for row in chosen[:2]} == {0.0, 1.0}


@settings(max_examples=25)
@given(
    features=hnp.arrays(float, st.tuples(st.integers(0, 9), st.integers(0, 4)), elements=anything)
)
def test_any_features_make_a_space(features):
    points = standardised(features)
    assert len(points) == len(features) and np.isfinite(points).all()
    chosen = k_means(np.zeros(len(features)), features, n=3, rng=rng())
    assert len(set(chosen.tolist())) == min(3, len(features))


def test_a_space_is_centred_and_scaled_and_gaps_stand_at_the_median():
    features = np.array([[1.0, 5.0, np.nan], [2.0, 5.0, np.nan], [6.0, 5.0, np.nan]])
    features = np.vstack([features, [[np.nan, 5.0, np.inf]]])
    points = standardised(features)
    filled = np.array([1.0, 2.0, 6.0, 2.0])
    np.testing.assert_allclose(points[:, 0], (filled - filled.mean()) / filled.std())
    assert points.shape == (4, 1)


@pytest.mark.parametrize("name", available_selectors())
def test_a_negative_number_is_refused(name):
    with pytest.raises(ValueError, match="0 or more"):
        choose(name, np.zeros(4), -1)


def told_by(committee: np.ndarray, rows: list[int]) -> float:
    """Return the information of rows' answers about the member, over all ways they may come out."""
    joint = np.ones((len(committee), 1))
    for row in rows:
        joint = (joint[:, :, None] * committee[:, row, None, :]).reshape(len(committee), -1)
    return float(stats.entropy(joint.mean(axis=0)) - stats.entropy(joint, axis=1).mean())


def test_batch_bald_takes_what_tells_most_together():
    committee = rng(4).dirichlet(np.full(2, 0.4), (5, 7))
    utility = np.array([told_by(committee, [row]) for row in range(7)])
    chosen = batch_bald(utility, committee, n=3, rng=rng(), draws=4000).tolist()
    assert chosen[0] == utility.argmax()
    for place in (1, 2):
        before = chosen[:place]
        told = {row: told_by(committee, [*before, row]) for row in range(7) if row not in before}
        assert told[chosen[place]] >= max(told.values()) - 0.01  # drawn, not enumerated


def test_batch_bald_does_not_ask_the_same_thing_twice():
    sure, other = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]] * 2
    committee = np.array([sure, sure, sure, other]).transpose(1, 0, 2)
    utility = np.array([0.7, 0.69, 0.69, 0.5])
    assert set(top(utility, n=2, rng=rng()).tolist()) < {0, 1, 2}
    chosen = batch_bald(utility, committee, n=4, rng=rng()).tolist()
    assert chosen[:2] == [0, 3]
    assert set(chosen[2:]) == {1, 2}  # the members are told apart: the rest comes by utility


def test_stochastic_top_draws_in_proportion():
    utility = np.array([3.0, 1.0, 0.0, np.nan])
    first = Counter(int(stochastic_top(utility, n=4, rng=rng(s))[0]) for s in range(2000))
    assert set(first) == {0, 1}
    assert abs(first[0] / 2000 - 0.75) < 0.05  # 5 sd
    orders = {tuple(stochastic_top(utility, n=4, rng=rng(s))[2:].tolist()) for s in range(50)}
    assert orders == {(2, 3)}


def test_a_great_power_is_top():
    utility = rng(8).random(20)
    chosen = stochastic_top(utility, n=5, rng=rng(), power=1e6)
    np.testing.assert_array_equal(chosen, top(utility, n=5, rng=rng()))


def test_a_power_below_zero_is_refused():
    with pytest.raises(ValueError, match="power must be 0 or more"):
        stochastic_top(np.ones(3), n=1, rng=rng(), power=-1.0)
    with pytest.raises(ValueError, match="candidates and draws must be 1 or more"):
        batch_bald(np.ones(3), committee_of(3), n=1, rng=rng(), draws=0)
