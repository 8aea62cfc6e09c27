"""Metrics against their definitions, spelled out as loops."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.models.btsbot.evaluation import calibration_error, confusion, evaluate, roc_auc


@pytest.fixture
def scored(rng):
    label = rng.random(80) < 0.3
    score = np.round(np.clip(rng.normal(0.3 + 0.3 * label, 0.2), 0, 1), 1)  # many ties
    return label, score


def test_auc_is_the_share_of_pairs_in_the_right_order(scored):
    label, score = scored
    pairs = [(a > b) + (a == b) / 2 for a in score[label] for b in score[~label]]
    assert roc_auc(label, score) == pytest.approx(np.mean(pairs), abs=1e-12)


def test_auc_of_one_class_is_refused():
    with pytest.raises(ValueError, match="both classes"):
        roc_auc(np.ones(3, bool), np.zeros(3))


def test_calibration_error_weighs_each_bin_by_its_alerts(scored):
    label, score = scored
    total = 0.0
    for k in range(4):
        low, high = k / 4, (k + 1) / 4
        rows = (score >= low) & ((score < high) | (k == 3))
        if rows.any():
            total += rows.mean() * abs(label[rows].mean() - score[rows].mean())
    assert calibration_error(label, score, bins=4) == pytest.approx(total)


def test_a_perfect_score_is_perfectly_calibrated():
    label = np.array([True, False, True])
    assert calibration_error(label, label.astype(np.float32)) == 0


def test_confusion_counts_add_up(scored):
    label, score = scored
    counts = confusion(label, score >= 0.5)
    assert sum(counts.values()) == 80
    assert counts["tp"] + counts["fn"] == label.sum()
    assert counts["tp"] == sum(a and b >= 0.5 for a, b in zip(label, score, strict=True))


def test_the_summary_counts_objects_not_alerts(scored):
    label, score = scored
    kind = np.where(np.arange(80) % 2, "agn", "cv")
    summary = evaluate(label, score, np.arange(80) // 4, kind)
    assert (summary["alerts"], summary["objects"]) == (80, 20)
    assert summary["auc"] == roc_auc(label, score)
    assert summary["called_positive"]["cv"] == np.mean(score[::2] >= 0.5)
