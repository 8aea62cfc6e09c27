"""Strategies: the truth is scipy's entropy and divergence, the papers' definitions, naive twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from skysift.active_learning import strategies
from skysift.active_learning.query import available_strategies

OF_PREDICTION = ["least_confident", "margin", "entropy"]
OF_COMMITTEE = ["vote_entropy", "mean_divergence"]


def shares(*shape: int, seed: int = 0) -> np.ndarray:
    """Draw probabilities; every fifth is sure of itself."""
    drawn = np.random.default_rng(seed).dirichlet(np.full(shape[-1], 0.5), shape[:-1])
    drawn[..., ::5, :] = np.eye(shape[-1])[0]
    return drawn


probabilities = hnp.arrays(
    float,
    st.tuples(st.integers(0, 12), st.integers(2, 5)),
    elements=st.floats(0, 1).map(lambda x: round(x, 3)),
).map(lambda a: (a + 1e-4) / (a + 1e-4).sum(axis=1, keepdims=True))


def test_entropy_is_scipys():
    p = shares(40, 4)
    np.testing.assert_allclose(strategies.entropy(p), stats.entropy(p, axis=1), atol=1e-12)


def test_vote_entropy_is_the_entropy_of_counted_votes():
    committee = shares(7, 30, 3, seed=1)
    counted = [np.bincount(committee[:, i].argmax(axis=1), minlength=3) for i in range(30)]
    expected = [stats.entropy(votes) for votes in counted]
    np.testing.assert_allclose(strategies.vote_entropy(committee), expected, atol=1e-12)


def test_a_tie_divides_a_members_vote():
    committee = np.array([[[0.5, 0.5, 0.0]], [[0.0, 0.2, 0.8]]])
    assert strategies.vote_entropy(committee)[0] == pytest.approx(stats.entropy([1, 1, 2]))


def test_mean_divergence_is_the_mean_of_scipys_divergences():
    committee = shares(5, 30, 3, seed=2)
    consensus = committee.mean(axis=0)
    expected = stats.entropy(committee, consensus[None], axis=2).mean(axis=0)
    np.testing.assert_allclose(strategies.mean_divergence(committee), expected, atol=1e-12)


def test_a_unanimous_but_unsure_committee_has_votes_but_no_divergence():
    committee = np.full((4, 1, 2), 0.5)
    assert strategies.mean_divergence(committee)[0] == pytest.approx(0, abs=1e-12)


def test_margin_is_the_lead_over_the_next():
    p = np.array([[0.1, 0.6, 0.3], [0.5, 0.0, 0.5]])
    np.testing.assert_allclose(strategies.margin(p), [0.7, 1.0])


@settings(max_examples=30)
@given(p=probabilities)
def test_for_two_classes_all_three_agree_on_the_order(p):
    two = np.stack([p[:, 0], 1 - p[:, 0]], axis=1)
    wanted = -np.abs(two[:, 0] - 0.5)
    for name in OF_PREDICTION:
        utility = available_strategies()[name](two)
        rising = utility[np.argsort(wanted)]
        assert (np.diff(rising) >= -1e-9).all(), name


@settings(max_examples=30)
@given(p=probabilities, data=st.data())
def test_neither_the_order_of_rows_nor_of_classes_matters(p, data):
    rows = data.draw(st.permutations(range(len(p))))
    classes = data.draw(st.permutations(range(p.shape[1])))
    for name in OF_PREDICTION:
        utility = available_strategies()[name](p)
        assert utility.shape == (len(p),)
        again = available_strategies()[name](p[rows][:, classes])
        np.testing.assert_allclose(again, utility[list(rows)], atol=1e-12)


@pytest.mark.parametrize("name", OF_PREDICTION)
def test_a_row_without_a_prediction_has_no_utility_and_harms_no_other(name):
    function = available_strategies()[name]
    p = shares(6, 3)
    broken = p.copy()
    broken[2, 1] = np.nan
    expected = function(p)
    expected[2] = np.nan
    np.testing.assert_array_equal(function(broken), expected)


@pytest.mark.parametrize("name", OF_COMMITTEE)
def test_a_member_that_cannot_judge_a_row_is_left_out_there(name):
    function = available_strategies()[name]
    committee = shares(4, 6, 3)
    broken = committee.copy()
    broken[3, 2, 1] = np.nan
    broken[:, 4] = np.nan
    expected = function(committee)
    expected[2] = function(committee[:3])[2]
    expected[4] = np.nan
    np.testing.assert_allclose(function(broken), expected)


@pytest.mark.parametrize("loss", strategies.LOSSES)
def test_expected_error_is_the_sum_over_answers(loss):
    p, ahead = shares(4, 2, seed=3), shares(4, 2, 6, 2, seed=4)
    error = {
        "log": lambda row: stats.entropy(row),
        "zero_one": lambda row: 1 - max(row),
    }[loss]
    naive = [
        -sum(p[i, j] * np.mean([error(ahead[i, j, r]) for r in range(6)]) for j in range(2))
        for i in range(4)
    ]
    np.testing.assert_allclose(strategies.expected_error(p, ahead, loss=loss), naive, atol=1e-12)


def test_density_prefers_the_crowd_to_the_outlier():
    rng = np.random.default_rng(0)
    crowd = rng.normal(size=(50, 3))
    utility = strategies.density(np.vstack([crowd, [[9.0, 9.0, 9.0]]]), neighbours=5)
    assert utility.argmin() == 50


def test_density_is_the_mean_distance_to_the_nearest():
    points = np.random.default_rng(1).normal(size=(20, 3))
    scaled = (points - points.mean(axis=0)) / points.std(axis=0)
    distance = np.linalg.norm(scaled[:, None] - scaled[None], axis=2)
    naive = -np.sort(distance, axis=1)[:, 1:5].mean(axis=1)
    np.testing.assert_allclose(strategies.density(points, neighbours=4), naive)


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_density_of_few_rows(rows):
    assert np.isfinite(strategies.density(np.full((rows, 2), np.nan))).all()


def test_random_is_seeded():
    items = np.arange(50)
    one, same, other = (
        strategies.random(items, rng=np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert (one == same).all() and (one != other).any()


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda: strategies.entropy(np.array([[0.5, 0.9]])), "add up to 1"),
        (lambda: strategies.entropy(np.array([[-0.5, 1.5]])), ">= 0"),
        (lambda: strategies.margin(np.ones((3, 1))), "two or more classes"),
        (lambda: strategies.margin(np.array([0.5, 0.5])), "two or more classes"),
        (lambda: strategies.vote_entropy(shares(3, 2)), "m, n, k"),
        (lambda: strategies.density(np.zeros((3, 1)), neighbours=0), "at least 1"),
        (lambda: strategies.expected_error(shares(3, 2), shares(3, 2, 4, 2), loss="x"), "one of"),
        (lambda: strategies.expected_error(shares(3, 2), shares(3, 3, 4, 2)), "belong|must be"),
    ],
)
def test_what_makes_no_sense_is_refused(call, problem):
    with pytest.raises(ValueError, match=problem):
        call()


def test_on_one_question_of_a_committees_answers_bald_is_the_mean_divergence():
    committee = shares(6, 25, 4, seed=9)
    together = stats.entropy(committee.mean(axis=0), axis=1)[:, None]
    each = stats.entropy(committee, axis=2).mean(axis=0)[:, None]
    expected = strategies.mean_divergence(committee)
    np.testing.assert_allclose(strategies.bald(together, each), expected, atol=1e-12)


def test_votes_of_the_paper_are_worth_what_it_says():
    k, n, draws = np.arange(41), 40, np.array([0.4, 0.6])
    p = stats.binom.pmf(k, n, draws[:, None])
    predictive = np.array([[stats.entropy(p.mean(axis=0))]])
    expected = np.array([[stats.entropy(p, axis=1).mean()]])
    assert strategies.predictive_entropy(predictive)[0] == pytest.approx(3.002149, abs=1e-6)
    assert strategies.bald(predictive, expected)[0] == pytest.approx(0.452751, abs=1e-6)


def test_a_question_counts_as_far_as_people_get():
    predictive, expected = np.array([[2.0, 3.0], [2.0, 3.0]]), np.array([[1.5, 1.0], [1.5, 1.0]])
    reached = np.array([[1.0, 0.0], [1.0, 0.5]])
    np.testing.assert_allclose(strategies.bald(predictive, expected), 2.5)
    np.testing.assert_allclose(strategies.tree_bald(predictive, expected, reached), [0.5, 1.5])


def test_rounding_makes_no_negative_information():
    assert strategies.bald(np.array([[1.0]]), np.array([[1.0 + 1e-15]]))[0] == 0.0


@pytest.mark.parametrize("name", ["variance", "predictive_entropy"])
def test_questions_add_up_and_what_is_not_known_stays_so(name):
    utility = available_strategies()[name](np.array([[0.1, 0.2], [np.nan, 0.2]]))
    np.testing.assert_allclose(utility, [0.3, np.nan])
    with pytest.raises(ValueError, match=r"must be \(n, questions\)"):
        available_strategies()[name](np.zeros(3))
