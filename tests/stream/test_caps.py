"""Rate caps, counted by hand."""

from __future__ import annotations

import numpy as np

from skysift.stream.caps import RateCaps, night_of

NIGHT = np.zeros(4, dtype=np.int64)


def test_alerts_above_the_cap_are_kept_out_in_order(tmp_path):
    caps = RateCaps(tmp_path, {"a": 2})
    assert caps.excess(0, [["a"], ["b"], ["a", "b"], ["a"]], NIGHT)["a"].tolist() == [3]


def test_each_night_has_its_own_count(tmp_path):
    caps = RateCaps(tmp_path, {"a": 1})
    over = caps.excess(0, [["a"]] * 4, np.array([1, 1, 2, 2]))
    assert over["a"].tolist() == [1, 3]


def test_counts_go_on_after_a_restart(tmp_path):
    RateCaps(tmp_path, {"a": 2}).excess(0, [["a"]], NIGHT[:1])
    over = RateCaps(tmp_path, {"a": 2}).excess(1, [["a"]] * 3, NIGHT[:3])
    assert over["a"].tolist() == [1, 2]


def test_a_replayed_batch_is_judged_as_the_first_time(tmp_path):
    first = RateCaps(tmp_path, {"a": 2}).excess(0, [["a"]] * 3, NIGHT[:3])
    again = RateCaps(tmp_path, {"a": 2}).excess(0, [["a"]] * 3, NIGHT[:3])
    assert first["a"].tolist() == again["a"].tolist() == [2]


def test_topics_without_a_cap_never_fill(tmp_path):
    assert RateCaps(tmp_path, {}).excess(0, [["a"]] * 4, NIGHT) == {}


def test_a_ztf_night_is_one_utc_date_and_an_lsst_night_runs_from_noon_to_noon():
    evening, morning = 2460000.5 + 0.1, 2460000.5 + 0.55  # 02:24 and 13:12 UTC
    assert len(set(night_of(np.array([evening, morning]), "ztf"))) == 1
    dusk, dawn = 2460000.5 + 0.98, 2460001.5 + 0.4  # 23:31 and 09:36 UTC
    assert len(set(night_of(np.array([dusk, dawn]), "lsst"))) == 1
    assert night_of(np.array([np.nan]), "ztf").tolist() == [-1]
