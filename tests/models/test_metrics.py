"""Metrics against scikit-learn's, on scores with many ties."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from skysift.models._metrics import (
    Ranking,
    brier,
    calibration_curve,
    calibration_error,
    confusion,
    rates,
    verdict_columns,
)


@pytest.fixture
def scored(rng):
    label = rng.random(400) < 0.3
    score = np.round(np.clip(rng.normal(0.3 + 0.3 * label, 0.2), 0, 1), 2).astype(np.float32)
    return label, score, rng.integers(0, 4, 400)


def test_auc_and_average_precision(scored):
    label, score, weight = scored
    ranking = Ranking(label, score)
    assert ranking.auc() == pytest.approx(sk.roc_auc_score(label, score), abs=1e-12)
    assert ranking.average_precision() == pytest.approx(sk.average_precision_score(label, score))
    assert ranking.auc(weight) == pytest.approx(
        sk.roc_auc_score(label, score, sample_weight=weight), abs=1e-12
    )
    assert ranking.average_precision(weight) == pytest.approx(
        sk.average_precision_score(label, score, sample_weight=weight)
    )


def test_roc_curve(scored):
    label, score, _ = scored
    fpr, tpr, _ = sk.roc_curve(label, score, drop_intermediate=False)
    np.testing.assert_allclose(Ranking(label, score).roc(), (fpr, tpr))


def test_precision_recall_curve(scored):
    label, score, _ = scored
    precision, recall, threshold = sk.precision_recall_curve(label, score)
    ranking = Ranking(label, score)
    np.testing.assert_array_equal(ranking.threshold, threshold[::-1])
    np.testing.assert_allclose(
        ranking.precision_recall(), (recall[-2::-1], precision[-2::-1]), atol=1e-12
    )


def test_weights_are_repetitions(scored):
    label, score, weight = scored
    repeated = Ranking(np.repeat(label, weight), np.repeat(score, weight))
    assert Ranking(label, score).auc(weight) == pytest.approx(repeated.auc(), abs=1e-12)


@pytest.mark.parametrize("label", [np.ones(3, bool), np.zeros(3, bool), np.zeros(0, bool)])
def test_one_class_has_no_auc(label):
    assert np.isnan(Ranking(label, np.linspace(0, 1, len(label))).auc())


def test_no_positive_has_no_average_precision():
    assert np.isnan(Ranking(np.zeros(3, bool), np.zeros(3)).average_precision())
    assert np.isnan(Ranking(np.zeros(0, bool), np.zeros(0)).average_precision())


def test_brier(scored):
    label, score, _ = scored
    assert brier(label, score) == pytest.approx(sk.brier_score_loss(label, score), rel=1e-6)


def test_verdicts_and_their_shares(scored):
    label, score, _ = scored
    verdict = score >= 0.5
    tn, fp, fn, tp = sk.confusion_matrix(label, verdict).ravel()
    assert confusion(label, verdict) == {"tp": tp, "fp": fp, "tn": tn, "fn": fn}
    assert (verdict_columns(label, verdict).sum(axis=1) == 1).all()
    shares = rates(np.array([tp, fp, tn, fn]))
    assert shares == pytest.approx(
        {
            "accuracy": sk.accuracy_score(label, verdict),
            "tpr": sk.recall_score(label, verdict),
            "tnr": sk.recall_score(~label, ~verdict),
            "balanced_accuracy": sk.balanced_accuracy_score(label, verdict),
            "precision": sk.precision_score(label, verdict),
            "f1": sk.f1_score(label, verdict),
        }
    )


def test_shares_of_nothing_are_unknown():
    shares = rates(np.array([[0, 0, 5, 0], [1, 0, 0, 1]]))
    np.testing.assert_array_equal(shares["tpr"], [np.nan, 0.5])
    np.testing.assert_array_equal(shares["precision"], [np.nan, 1])
    np.testing.assert_array_equal(shares["tnr"], [1, np.nan])


def test_calibration_curve_is_the_definition_spelled_out(scored):
    label, score, _ = scored
    curve = calibration_curve(label, score, bins=4)
    total = 0.0
    for k in range(4):
        rows = (score >= k / 4) & ((score < (k + 1) / 4) | (k == 3))
        assert (curve["low"][k], curve["high"][k]) == (k / 4, (k + 1) / 4)
        assert curve["count"][k] == rows.sum()
        assert curve["positive"][k] == pytest.approx(label[rows].mean())
        assert curve["score"][k] == pytest.approx(score[rows].mean())
        total += rows.mean() * abs(label[rows].mean() - score[rows].mean())
    assert calibration_error(label, score, bins=4) == pytest.approx(total)


def test_an_empty_bin_has_no_mean():
    curve = calibration_curve(np.array([True, False]), np.array([0.9, 0.1]), bins=3)
    np.testing.assert_array_equal(curve["positive"], [0, np.nan, 1])
    np.testing.assert_array_equal(curve["count"], [1, 0, 1])


def test_a_perfect_score_is_perfectly_calibrated():
    label = np.array([True, False, True])
    assert calibration_error(label, label.astype(np.float32)) == 0
