"""Queries: names become functions, signals come where they are named, objects stay apart."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from skysift.active_learning.pool import Pool
from skysift.active_learning.query import (
    Query,
    QueryError,
    available_selectors,
    available_strategies,
)
from skysift.active_learning.signals import SIGNALS, MissingSignalError, Signals
from tests.active_learning.toy import clouds, fit


class Fixed:
    """A model whose answers are known: the first feature is the probability of yes."""

    version = "fixed-1"
    classes = ("no", "yes")

    def predict(self, features):
        return np.stack([1 - features[:, 0], features[:, 0]], axis=1)


class Committee(Fixed):
    def committee(self, features):
        sure = self.predict(features)
        return np.stack([sure, sure[:, ::-1]])


def pool_of(probability, objects):
    features = np.array(probability, dtype=float)[:, None]
    return Pool(np.arange(len(features)), np.array(objects), features)


def signals_of(pool, model=None, rows=None, refit=None):
    rows = np.arange(len(pool)) if rows is None else np.array(rows)
    return Signals(pool, rows, rng=np.random.default_rng(0), model=model, refit=refit)


def choose(query, signals, n, seed=0):
    return query.choose(signals, n, rng=np.random.default_rng(seed)).tolist()


@pytest.mark.parametrize("selector", available_selectors())
@pytest.mark.parametrize("strategy", available_strategies())
def test_every_strategy_goes_with_every_selector(strategy, selector):
    pool, truth = clouds(objects=30)
    answers = np.array([truth[name] for name in pool.objects], dtype=object)

    def refit(row, answer):
        rows = np.append(np.arange(20), row)
        return fit(pool.features[rows], np.append(answers[:20], answer), np.random.default_rng(0))

    model = fit(pool.features[:20], answers[:20], np.random.default_rng(0))
    left = np.arange(20, len(pool))
    query = Query(strategy, selector)
    chosen = choose(query, signals_of(pool, model, left, refit), 7)
    assert len(set(pool.objects[left[chosen]])) == 7
    assert chosen == choose(query, signals_of(pool, model, left, refit), 7)


def test_the_least_certain_rows_are_chosen():
    pool = pool_of([0.9, 0.48, 0.1, 0.6, 0.51], list("abcde"))
    assert choose(Query("margin"), signals_of(pool, Fixed()), 3) == [4, 1, 3]


def test_places_are_among_the_rows_in_question():
    pool = pool_of([0.5, 0.9, 0.5, 0.7], list("abcd"))
    assert choose(Query("entropy"), signals_of(pool, Fixed(), rows=[1, 3]), 1) == [1]


def test_an_object_is_represented_by_its_most_useful_row():
    pool = pool_of([0.9, 0.5, 0.6, 0.52, 0.95], ["a", "a", "b", "a", "c"])
    for selector in available_selectors():
        chosen = choose(Query("margin", selector), signals_of(pool, Committee()), 5)
        assert sorted(chosen) == [1, 2, 4], selector


def test_a_row_that_cannot_be_judged_is_asked_about_last():
    pool = pool_of([np.nan, 0.99, np.nan, 0.98], list("abcd"))
    assert choose(Query("entropy"), signals_of(pool, Fixed()), 4)[:2] == [3, 1]


def test_settings_reach_the_function_that_names_them():
    rng = np.random.default_rng(1)
    pool = Pool(np.arange(60), np.arange(60), rng.random((60, 1)))
    near = set(np.argsort(np.abs(pool.features[:, 0] - 0.5))[:6].tolist())
    query = Query("margin", "k_means", {"candidates": 6})
    assert set(choose(query, signals_of(pool, Fixed()), 4)) <= near
    assert Query.named("density:k_means", neighbours=3, candidates=9).name == (
        "density:k_means neighbours=3 candidates=9"
    )
    assert Query.named("random") == Query("random", "top")


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: Query("margn"), r"no strategy is called 'margn'; did you mean 'margin'\? There"),
        (lambda: Query("margin", "tp"), r"no selector.*did you mean 'top'.*k_means, per_object"),
        (lambda: Query("margin", "top", {"candidates": 3}), "margin:top .*no setting 'candidates'"),
        (lambda: Query("density", "top", {"rng": 3}), "no setting 'rng'.*There are: neighbours"),
        (lambda: Query("_entropy"), "no strategy"),
    ],
)
def test_names_that_nothing_goes_by_are_refused_with_what_there_is(make, problem):
    with pytest.raises(QueryError, match=problem):
        make()


def test_what_pool_or_model_lack_is_named_with_who_needs_it():
    images = Pool(np.arange(3), np.arange(3), np.zeros((3, 8, 8)))
    with pytest.raises(MissingSignalError, match="margin needs 'probability': nothing is learned"):
        choose(Query("margin"), signals_of(images), 1)
    with pytest.raises(MissingSignalError, match=r"k_means needs 'space'.*no table"):
        choose(Query("random", "k_means"), signals_of(images), 1)
    pool = pool_of([0.5, 0.6], list("ab"))
    with pytest.raises(MissingSignalError, match=r"vote_entropy needs 'committee'.*no method"):
        choose(Query("vote_entropy"), signals_of(pool, Fixed()), 1)
    with pytest.raises(MissingSignalError, match=r"expected_error needs 'lookahead'.*refit"):
        choose(Query("expected_error"), signals_of(pool, Fixed()), 1)
    assert choose(Query("mean_divergence"), signals_of(pool, Committee()), 1) == [1]


def test_a_signal_is_computed_once():
    calls = []

    class Counting(Fixed):
        def predict(self, features):
            calls.append(len(features))
            return super().predict(features)

    signals = signals_of(pool_of([0.1, 0.5, 0.7], list("abc")), Counting())
    for strategy in ("margin", "entropy", "least_confident"):
        choose(Query(strategy), signals, 1)
    assert calls == [3]


def test_only_rows_of_small_margin_are_tried_out_one_fit_an_answer():
    tried = []

    def refit(row, answer):
        tried.append((row, answer))
        return Fixed()

    probability = np.linspace(0.5, 1, 30)
    pool = pool_of(probability, np.arange(30))
    choose(Query("expected_error"), signals_of(pool, Fixed(), refit=refit), 1)
    assert tried == [(row, answer) for row in range(20) for answer in ("no", "yes")]


def test_models_are_tried_out_on_rows_from_everywhere_not_on_the_first_to_come():
    """300 rows in the order of their probability; a tried model says again what it is shown."""
    pool = pool_of(np.linspace(0.0, 1.0, 300), np.arange(300))
    signals = signals_of(pool, Fixed(), refit=lambda row, answer: Fixed())
    lookahead = signals.get("lookahead", "a test")
    shown = lookahead[150, 0, :, 1]
    assert len(set(shown)) == len(shown) == 100
    assert shown.min() < 0.1
    assert shown.max() > 0.9
    assert abs(np.median(shown) - 0.5) < 0.15


def test_nothing_to_choose_from_is_no_error():
    assert choose(Query("margin"), signals_of(pool_of([], []), Fixed()), 3) == []


def test_positional_parameters_are_signals():
    for function in available_strategies().values():
        parameters = inspect.signature(function).parameters.values()
        named = {p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD}
        assert named and named <= set(SIGNALS), function
