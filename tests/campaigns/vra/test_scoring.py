"""Scores of alerts and of tables: the best first, the same as the science module's."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skysift.alerts.decode import decode
from skysift.alerts.payloads import iter_payloads
from skysift.campaigns.vra.scoring import score
from skysift.datasets import feature_table
from skysift.datasets.feature_table import COLUMNS
from skysift.science_modules import vra


def test_alerts_a_pool_and_a_table_give_the_same(night, listened, tmp_path):
    table = tmp_path / "features.parquet"
    feature_table([night / "packets"]).to_parquet(table, index=False)
    seen = []
    scored = score(night / "packets", None, seen.append)
    assert seen[-1] == len(scored) == 90
    pd.testing.assert_frame_equal(score(listened, None), scored)
    pd.testing.assert_frame_equal(score(table, None), scored)


def test_the_best_come_first_and_those_without_a_rank_last(night):
    scored = score(night / "packets", None)
    ranked = scored["rank"].dropna()
    assert ranked.is_monotonic_decreasing and 0 <= ranked.min() <= ranked.max() <= 10
    assert scored["rank"].isna().tolist() == (scored["status"] != "ok").tolist()
    assert scored["rank"][len(ranked) :].isna().all() and len(ranked) < len(scored)
    assert scored["candid"].is_unique and scored["rank"].dtype == np.float32


def test_the_science_module_says_the_same(night):
    (alerts,) = decode(list(iter_payloads(night / "packets")), COLUMNS).alerts
    served = alerts.batch.call(vra.score)
    scored = score(night / "packets", None).set_index("candid")
    scored = scored.loc[alerts.batch.column("candid")]
    np.testing.assert_array_equal(scored["status"], served["status"])
    ok = served["status"] == "ok"
    for name in ("rank", "real", "galactic", "transient"):
        np.testing.assert_array_equal(scored[name].to_numpy()[ok], served[name][ok])
    assert set(scored["version"]) == {served["version"]}


def test_a_table_without_a_feature_is_refused(night, tmp_path):
    table = tmp_path / "features.parquet"
    feature_table([night / "packets"]).drop(columns="age").to_parquet(table, index=False)
    with pytest.raises(ValueError, match="look at age; not in"):
        score(table, None)
