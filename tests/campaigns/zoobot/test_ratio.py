"""Labels needed: curves whose ratio is known, and those that never get there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skysift.campaigns.zoobot.simulation.ratio import crossing, label_ratio

LABELS = np.arange(20, 201, 20)


def rounds(ours, theirs, seeds=6, scatter=0.0) -> pd.DataFrame:
    """Make curves of two queries; a seed moves both alike."""
    rng = np.random.default_rng(1)
    rows = []
    for seed in range(seeds):
        shift = 1 + scatter * rng.normal()
        for name, curve in (("bald", ours), ("random", theirs)):
            errors = shift * np.asarray(curve(LABELS), float) * (1 + scatter * rng.normal())
            about = zip(LABELS, errors, strict=True)
            rows += [{"query": name, "seed": seed, "labels": n, "rmse": e} for n, e in about]
    return pd.DataFrame(rows)


def test_a_query_that_learns_twice_as_fast_needs_half():
    table = rounds(lambda n: 1 / (2 * n), lambda n: 1 / n)
    told = label_ratio(table, "bald", "random", "rmse")
    assert told["ratio"] == pytest.approx(0.5)
    assert (told["labels"], told["baseline_labels"]) == (100, 200)
    assert (told["low"], told["high"], told["seeds"]) == (0.5, 0.5, 6)
    assert told["wanted"] == pytest.approx(1 / 200)


def test_seeds_that_differ_widen_the_interval_around_it():
    told = label_ratio(
        rounds(lambda n: 1 / (2 * n), lambda n: 1 / n, scatter=0.1), "bald", "random", "rmse"
    )
    assert told["low"] < told["ratio"] < told["high"]
    assert told["low"] > 0.3 and told["high"] < 0.8


def test_a_query_that_does_not_get_there_has_no_ratio():
    told = label_ratio(rounds(lambda n: 2 / n, lambda n: 1 / n), "bald", "random", "rmse")
    assert told["ratio"] is None and told["labels"] is None and told["high"] is None


def test_a_baseline_that_is_done_early_gains_nothing_by_its_length():
    def level(n):
        return np.maximum(1 / n, 1 / 100)

    told = label_ratio(rounds(level, level), "bald", "random", "rmse")
    assert told["ratio"] == 1.0
    assert told["baseline_labels"] == 100


def test_a_seed_that_one_query_lacks_does_not_count():
    table = rounds(lambda n: 1 / (2 * n), lambda n: 1 / n)
    table = table[(table["query"] != "bald") | (table["seed"] != 3)]
    assert label_ratio(table, "bald", "random", "rmse")["seeds"] == 5
    with pytest.raises(ValueError, match="no seed was run to the end"):
        label_ratio(table[table["query"] == "random"], "bald", "random", "rmse")


def test_the_first_crossing_counts_and_what_is_there_at_once_needs_the_first_round():
    errors = np.array([0.4, 0.2, 0.3, 0.1])
    assert crossing(LABELS[:4].astype(float), errors, 0.2) == 40
    assert crossing(LABELS[:4].astype(float), errors, 0.9) == 20
