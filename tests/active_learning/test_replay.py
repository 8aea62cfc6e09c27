"""Replays: pairing, error bars, limits; figures against numpy, and a case known from theory."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from skysift.active_learning.pool import Pool
from skysift.active_learning.query import Query
from skysift.active_learning.replay import replay, summarise
from tests.active_learning.toy import clouds, evaluate, fit

POOL, TRUTH = clouds()
ANSWERS = np.array([TRUTH[name] for name in POOL.objects], dtype=object)
JUDGED, JUDGED_TRUTH = clouds(objects=200, seed=6)
JUDGED_ANSWERS = np.array([JUDGED_TRUTH[name] for name in JUDGED.objects], dtype=object)


def judge(model):
    return evaluate(model, JUDGED.features, JUDGED_ANSWERS)


def run(*queries, answers=ANSWERS, fit=fit, **numbers):
    facts = {"initial": 10, "batch": 5, "labels": 22, "seeds": range(3), **numbers}
    return replay(POOL, answers, list(queries), fit=fit, evaluate=judge, **facts)


def noting():
    """Return a fit that keeps what it was given, and the list it keeps it in."""
    given = []

    def keep(features, answers, rng, groups):
        given.append((features, answers, rng.random()))
        return fit(features, answers, np.random.default_rng(0))

    return keep, given


def test_there_is_a_row_for_each_query_seed_and_round():
    table = run(Query("random"), Query("margin"))
    assert len(table) == 2 * 3 * 4
    assert table["labels"].tolist() == [10, 15, 20, 22] * 6
    assert table["round"].tolist() == [0, 1, 2, 3] * 6
    assert table["query"].unique().tolist() == ["random:top", "margin:top"]
    assert table["auc"].between(0.5, 1).all()


def test_with_one_seed_all_begin_with_the_same_rows_and_the_same_chance():
    keep, given = noting()
    run(Query("margin"), Query("density"), fit=keep, seeds=[3])
    first, other = given[0], given[4]
    np.testing.assert_array_equal(first[0], other[0])
    assert first[2] == other[2]
    assert not np.array_equal(given[1][0], given[5][0])  # from then on each goes its way
    assert given[1][2] == given[5][2]


def test_each_round_tells_which_rows_it_asked_about():
    told = []
    table = run(Query("margin"), seeds=[1], chosen=lambda *round: told.append(round))
    assert [facts["round"] for facts, _ in told] == table["round"].tolist()
    assert [len(rows) for _, rows in told] == [10, 5, 5, 2]
    assert len(set(np.concatenate([rows for _, rows in told]))) == 22


def test_seeds_differ_and_a_seed_repeats_itself():
    table = run(Query("margin"), seeds=[1, 2])
    auc = table.set_index(["seed", "round"])["auc"]
    assert (auc[1] != auc[2]).any()
    pd.testing.assert_frame_equal(run(Query("margin"), seeds=[1, 2]), table)


@pytest.mark.parametrize("ask_again", [False, True])
def test_an_object_is_not_asked_about_again_unless_wanted(ask_again):
    keep, given = noting()
    run(Query("margin"), fit=keep, seeds=[0], labels=60, ask_again=ask_again)
    features, answers, _ = given[-1]
    rows = [int(np.flatnonzero((POOL.features == row).all(axis=1))[0]) for row in features]
    assert answers.tolist() == ANSWERS[rows].tolist()
    assert len(set(rows)) == 60
    assert (len(set(POOL.objects[rows])) < 60) == ask_again


@pytest.mark.parametrize("nothing", [None, np.nan])
def test_rows_without_an_answer_are_never_asked_about(nothing):
    known = np.arange(len(POOL)) < 36
    answers = np.where(known, ANSWERS, nothing)
    keep, given = noting()
    table = run(Query("margin"), answers=answers, fit=keep, labels=100, seeds=[0])
    assert table["labels"].max() == 18  # objects with an answer: what there is
    assert set(given[-1][1]) == {"left", "right"}


class Threshold:
    """The middle between the last row on the left and the first on the right."""

    version = "1"
    classes = ("left", "right")

    def __init__(self, features, answers, rng, groups):
        left, right = (features[answers == name, 0] for name in self.classes)
        self.place = (left.max(initial=0.0) + right.min(initial=1.0)) / 2

    def predict(self, features):
        right = 1 / (1 + np.exp(-20 * (features[:, 0] - self.place)))
        return np.stack([1 - right, right], axis=1)


def test_on_a_line_asking_near_the_boundary_beats_asking_anywhere():
    """Where truth is a threshold, each such label halves the doubt (Dasgupta 2004)."""
    x = np.random.default_rng(0).random((1000, 1))
    answers = np.where(x[:, 0] > 0.3, "right", "left").astype(object)
    table = replay(
        Pool(np.arange(1000), np.arange(1000), x),
        answers,
        [Query("random"), Query("margin")],
        fit=Threshold,
        evaluate=lambda model: {"off": abs(model.place - 0.3)},
        initial=2,
        batch=1,
        labels=12,
        seeds=range(10),
    )
    summary = summarise(table, baseline="random:top").set_index(["query", "labels"])
    margin = summary.loc[("margin:top", 12)]
    assert margin["mean"] < 2 / 1000  # the rows lie 1/1000 apart
    assert margin["difference"] < -3 * margin["sem"] < 0
    assert summary.loc[("margin:top", 2), "difference"] == 0  # the first rows are the same


def test_a_summary_is_mean_sd_and_paired_difference():
    rng = np.random.default_rng(0)
    luck = np.repeat(rng.normal(size=8), 2)  # what a seed does to both
    table = pd.DataFrame(
        {
            "query": ["a", "b"] * 8,
            "seed": np.repeat(range(8), 2),
            "round": 0,
            "labels": 30,
            "auc": luck + np.tile([0.0, 0.1], 8) + 0.01 * rng.normal(size=16),
        }
    )
    a, b = (table["auc"][table["query"] == name].to_numpy() for name in "ab")
    summary = summarise(table, baseline="a").set_index("query")
    assert summary.loc["b", "mean"] == pytest.approx(b.mean())
    assert summary.loc["b", "sd"] == pytest.approx(b.std(ddof=1))
    assert summary.loc["b", "seeds"] == 8
    assert summary.loc["b", "difference"] == pytest.approx((b - a).mean())
    assert summary.loc["b", "sem"] == pytest.approx(stats.sem(b - a))
    assert summary.loc["b", "sem"] < 0.1 * summary.loc["b", "sd"]
    assert "difference" not in summarise(table)
    with pytest.raises(ValueError, match=r"one of the queries replayed\. Got: 'c'"):
        summarise(table, baseline="c")


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"answers": ANSWERS[:5]}, "truth must have 240 rows, as the pool. Got: 5"),
        ({"initial": 0}, "at least 1"),
        ({"batch": 0}, "at least 1"),
        ({"labels": 9}, "labels at least initial. Got: 10, 5, 9"),
    ],
)
def test_what_cannot_be_is_refused(facts, problem):
    with pytest.raises(ValueError, match=problem):
        run(Query("random"), **facts)
