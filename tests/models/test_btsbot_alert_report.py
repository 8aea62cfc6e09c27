"""The alert report against scikit-learn and pandas, on a table with holes."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from skysift.models.btsbot.evaluation.alerts import MAG_EDGES, alert_report
from tests.models.scored_alerts import scored_table


@pytest.fixture
def scored(rng):
    return scored_table(rng, 200)


def test_metrics_are_scikit_learns_with_intervals_around_them(scored):
    report, known = alert_report(scored), scored.dropna(subset="score")
    label, score = known["label"], known["score"]
    truth = {
        "auc": sk.roc_auc_score(label, score),
        "average_precision": sk.average_precision_score(label, score),
        "brier": sk.brier_score_loss(label, score),
        "accuracy": sk.accuracy_score(label, score >= 0.5),
        "balanced_accuracy": sk.balanced_accuracy_score(label, score >= 0.5),
        "f1": sk.f1_score(label, score >= 0.5),
    }
    metrics = report["metrics"]
    assert {name: metrics[name]["value"] for name in truth} == pytest.approx(truth)
    assert all(metrics[name]["low"] < truth[name] < metrics[name]["high"] for name in truth)
    assert report["alerts"] + report["unscored"] == len(scored)
    assert report["unscored"] == scored["score"].isna().sum() > 0


def test_shares_by_class_and_source_set(scored):
    report = alert_report(scored)
    for column in ("class", "source_set"):
        called = scored.dropna(subset="score").groupby(column)["score"]
        truth = called.agg(lambda score: (score >= 0.5).mean())
        rows = report["called_positive"][column]
        assert {row["name"]: row["value"] for row in rows} == pytest.approx(truth.to_dict())
        assert all(row["low"] <= row["value"] <= row["high"] for row in rows)


def test_verdicts_by_magnitude_lose_no_alert(scored):
    scored.loc[scored.index[:3], "magpsf"] = [14.9, 21.0, 21.1]
    scored.loc[scored.index[:3], "score"] = 0.9
    rows = alert_report(scored)["by_magnitude"]
    total = sum(row[name] for row in rows for name in ("tp", "fp", "tn", "fn"))
    assert total == scored["score"].notna().sum()
    truth, _ = np.histogram(scored["magpsf"][scored["score"].notna()], MAG_EDGES)
    counts = [row["tp"] + row["fp"] + row["tn"] + row["fn"] for row in rows]
    assert counts == [*truth, 2]
    assert np.isnan(rows[-1]["low"])


def test_uncertainty_that_follows_the_errors_ranks_them(scored):
    facts = alert_report(scored)["uncertainty"]
    rate = [quarter["value"] for quarter in facts["quarters"]]
    assert rate[0] < rate[3]
    known = scored.dropna(subset="score")
    wrong = (known["score"] >= 0.5) != known["label"]
    assert facts["auc_of_errors"] == pytest.approx(sk.roc_auc_score(wrong, known["uncertainty"]))
    assert sum(quarter["errors"] for quarter in facts["quarters"]) == wrong.sum()
    assert sum(quarter["alerts"] for quarter in facts["quarters"]) == len(known)


def test_no_uncertainty_is_no_section(scored):
    assert alert_report(scored.assign(uncertainty=np.nan))["uncertainty"] is None


def test_no_score_at_all_is_an_error(scored):
    with pytest.raises(ValueError, match=r"none of the .* alerts has a score"):
        alert_report(scored.assign(score=np.nan))


@pytest.mark.parametrize("label", [True, False])
def test_one_class_is_an_error(scored, label):
    with pytest.raises(ValueError, match="both classes are needed"):
        alert_report(scored[scored["label"] == label])
