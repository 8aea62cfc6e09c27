"""Source metrics on sources made by hand, and against counts by loop."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skysift.models.btsbot.evaluation.policies import Policy, read_policies
from skysift.models.btsbot.evaluation.sources import PEAK_EDGES, replay, source_report
from tests.models.scored_alerts import FIRST_JD, scored_table

ONE = {"one": Policy(min_score=0.5)}


def alerts(*rows: tuple[str, bool, float, float], **columns: float) -> pd.DataFrame:
    """Make alerts of (object, label, magpsf, score), a day apart."""
    table = pd.DataFrame(rows, columns=["objectId", "label", "magpsf", "score"])
    table["jd"] = FIRST_JD + np.arange(len(table))
    fill = {"class": "c", "source_set": "s", "uncertainty": np.nan, "candid": 1}
    return table.assign(**{**fill, "save_jd": np.nan, "trigger_jd": np.nan, **columns})


def test_sources_are_left_out_by_the_published_rules():
    table = alerts(
        ("single", False, 18, 0.9),
        ("faint", True, 18.51, 0.9), ("faint", True, 19, 0.9),
        ("edge", True, 18.5, 0.9), ("edge", True, 19, 0.1),
        ("dim", False, 19, 0.9), ("dim", False, 19, 0.1),
        ("known", False, 17, 0.9), ("known", False, 17, 0.9),
        ("lone", True, 19, 0.9),
    )  # fmt: skip
    sources = replay(table, ONE, junk={"known"}).set_index("objectId")
    assert sources["left_out"].to_dict() == {
        "dim": "", "edge": "", "faint": "faint_positive", "known": "junk", "lone": "one_alert",
        "single": "one_alert",
    }  # fmt: skip
    report = source_report(sources.reset_index(), ONE)
    assert (report["sources"], report["positive"]) == (2, 1)
    assert report["left_out"] == {"one_alert": 2, "faint_positive": 1, "junk": 1}
    policy = report["policies"]["one"]
    assert [policy[k] for k in ("tp", "fp", "tn", "fn")] == [1, 1, 0, 0]


def test_completeness_and_purity_by_peak_magnitude(rng):
    scored, policies = scored_table(rng, 300), read_policies()
    sources = replay(scored, policies)
    report = source_report(sources, policies)
    kept = sources[sources["left_out"] == ""]
    for name in policies:
        for k, found in enumerate(report["policies"][name]["by_peak_magnitude"]):
            low, high = PEAK_EDGES[k], PEAK_EDGES[k + 1]
            tp = fp = fn = 0
            for row in kept.to_dict("records"):
                inside = low <= row["peak_mag"] < high or (k == 5 and row["peak_mag"] == 18.5)
                tp += inside and row["label"] and row[f"{name}.fired"]
                fp += inside and not row["label"] and row[f"{name}.fired"]
                fn += inside and row["label"] and not row[f"{name}.fired"]
            assert (found["tp"], found["fp"], found["fn"]) == (tp, fp, fn)
            assert found["completeness"]["value"] == pytest.approx(tp / (tp + fn))
            assert found["purity"]["value"] == pytest.approx(tp / (tp + fp))
            shares = found["completeness"], found["purity"]
            assert all(share["low"] <= share["value"] <= share["high"] for share in shares)


def test_a_bin_without_sources_has_no_share():
    table = alerts(("a", True, 17.1, 0.9), ("a", True, 17.2, 0.9))
    bins = source_report(replay(table, ONE), ONE)["policies"]["one"]["by_peak_magnitude"]
    assert bins[0]["completeness"]["value"] == 1
    assert np.isnan(list(bins[3]["completeness"].values())).all()


def test_delays_count_real_times_of_true_positives_only():
    late = FIRST_JD + 10
    table = alerts(
        ("a", True, 18, 0.1), ("a", True, 18, 0.9),
        ("b", False, 18, 0.9), ("b", False, 18, 0.9),
        ("c", True, 18, 0.9), ("c", True, 18, 0.9),
        save_jd=late, trigger_jd=1e10,
    )  # fmt: skip
    table.loc[table["objectId"] == "c", "save_jd"] = 2459215.4
    policy = source_report(replay(table, ONE), ONE)["policies"]["one"]
    assert policy["save_delay_days"] == {"sources": 1, "median": FIRST_JD + 1 - late}
    assert policy["trigger_delay_days"]["sources"] == 0
    assert np.isnan(policy["trigger_delay_days"]["median"])


def test_no_positive_source_with_two_alerts_is_an_error_that_counts():
    table = alerts(("a", True, 18, 0.9), ("b", False, 18, 0.9), ("b", False, 18, 0.9))
    with pytest.raises(ValueError, match=r"no positive source.*1 positive of 2.*'one_alert': 1"):
        source_report(replay(table, ONE), ONE)


def test_a_source_of_both_labels_is_refused():
    table = alerts(("a", True, 18, 0.9), ("a", False, 18, 0.9))
    with pytest.raises(ValueError, match="a has both"):
        replay(table, ONE)


def test_an_alert_without_a_score_is_no_verdict():
    table = alerts(("a", True, 18, np.nan), ("a", True, 18, np.nan))
    sources = replay(table, {**read_policies(), "any": Policy()})
    assert not sources.filter(like=".fired").to_numpy().any()
    assert (sources["alerts"].item(), sources["scored"].item()) == (2, 0)
