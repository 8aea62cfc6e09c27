"""AuRaK and the rank: facts that hold for any learner, and the published baseline."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from skysift.models.vra import atlas
from skysift.models.vra.evaluation import aurak, best_aurak, evaluate, recall_at_rank
from skysift.models.vra.ranking import rank


def naive_aurak(wanted: np.ndarray, score: np.ndarray) -> float:
    """As published: recall of the first k alerts, by the trapezoid rule over [0, 1]."""
    recall = np.cumsum(wanted[np.argsort(-score, kind="stable")]) / wanted.sum()
    return float(np.trapezoid(recall, np.linspace(0, 1, len(score))))


def test_without_ties_it_is_the_published_sum(rng: np.random.Generator) -> None:
    wanted, score = rng.random(200) < 0.2, rng.random(200)
    assert aurak(wanted, score) == pytest.approx(naive_aurak(wanted, score))


def test_a_useless_rank_has_a_half_and_a_reversed_one_the_rest(rng: np.random.Generator) -> None:
    wanted, score = rng.random(5000) < 0.1, rng.random(5000)
    assert aurak(wanted, np.zeros(5000)) == pytest.approx(0.5, abs=1e-3)
    assert aurak(wanted, score) + aurak(wanted, -score) == pytest.approx(1.0, abs=1e-3)


def test_the_best_there_is_is_one_less_half_the_share_of_the_wanted() -> None:
    wanted = np.arange(1000) < 54
    assert best_aurak(wanted) == pytest.approx(1 - 0.054 / 2, abs=1e-3)  # published: 0.974
    assert aurak(wanted, -np.arange(1000.0)) == pytest.approx(best_aurak(wanted))


def test_equal_ranks_count_as_the_mean_over_all_orders(rng: np.random.Generator) -> None:
    wanted, score = rng.random(60) < 0.3, rng.integers(0, 4, 60).astype(float)
    orders = [naive_aurak(wanted, score + 1e-6 * rng.random(60)) for _ in range(4000)]
    assert aurak(wanted, score) == pytest.approx(np.mean(orders), abs=2e-3)
    recall = recall_at_rank(wanted, score)
    assert recall[-1] == 1.0 and (np.diff(recall) >= -1e-12).all()


def test_nothing_wanted_or_nothing_to_rank_is_null() -> None:
    assert np.isnan(aurak(np.zeros(4, dtype=bool), np.arange(4.0)))
    assert np.isnan(aurak(np.ones(1, dtype=bool), np.ones(1)))


def test_the_order_by_real_bogus_score_has_the_published_aurak(shared_data: Path) -> None:
    folder = shared_data / "vra"
    table = atlas.read_features(folder / "X_val_day1_duck1000rows.csv")
    types = atlas.read_types(folder / "y_val_day1_duck1000rows.csv", table.index)
    wanted = types == atlas.WANTED
    assert aurak(wanted, table["rb_pix"].to_numpy()) == pytest.approx(0.895, abs=5e-4)
    assert best_aurak(wanted) == pytest.approx(0.974, abs=1e-3)


def test_areas_leave_unknown_labels_out(rng: np.random.Generator) -> None:
    label = np.array([1, 0, np.nan, 1, 0, np.nan])
    p = rng.random(6)
    figures = evaluate(label == 1, p, {"gal": (label, p), "real": (np.ones(6), p)})
    known = np.isfinite(label)
    assert figures["gal_auc"] == pytest.approx(roc_auc_score(label[known], p[known]))
    assert np.isnan(figures["real_auc"])


def test_the_rank_falls_with_galactic_and_rises_with_real(rng: np.random.Generator) -> None:
    real, galactic = rng.random((2, 500))
    values = rank(real, galactic)
    assert ((values >= 0) & (values <= 10)).all()
    assert (rank(real + 0.01 * (1 - real), galactic) > values).all()
    assert (rank(real, galactic + 0.01 * (1 - galactic)) < values).all()
    assert np.isnan(rank(np.array([np.nan, 1.0]), np.array([0.0, np.nan]))).all()


def test_a_bogus_alert_ranks_below_a_galactic_one() -> None:
    bogus, galactic = rank(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    assert bogus < galactic
