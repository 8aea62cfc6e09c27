"""History features against a loop that follows the definitions, and against the published table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skysift.models.btsbot.inputs import history_features

NAMES = ["age", "days_since_peak", "days_to_peak", "peakmag_so_far", "maxmag_so_far"]

# Few distinct values, so that ties in time and magnitude, and points after the alert, are common.
POINT = st.tuples(
    st.sampled_from([2459000.0, 2459001.5, 2459010.25, 2459030.0]),
    st.sampled_from([17.0, 18.0, 18.5, np.nan]),
)
ALERT = st.tuples(st.lists(POINT, min_size=1, max_size=6), st.sampled_from([2458990.0, 2459005.0]))


def naive(points: list[tuple[float, float]], jdstarthist: float) -> list[float]:
    now = points[-1][0]
    seen = sorted((jd, mag) for jd, mag in points if jd <= now and not np.isnan(mag))
    if not seen:
        return [np.nan] * 5
    peak_jd, peak = min(seen, key=lambda point: (point[1], point[0]))
    first = min(jdstarthist, seen[0][0])
    since, to = now - peak_jd, peak_jd - first
    return [since + to, since, to, peak, max(mag for _, mag in seen)]


@given(st.lists(ALERT, max_size=5))
def test_ragged_histories_give_what_the_loop_gives(alerts):
    points = [point for history, _ in alerts for point in history]
    jd, mag = np.array(points).reshape(-1, 2).T
    offsets = np.concatenate([[0], np.cumsum([len(history) for history, _ in alerts])]).astype(int)
    features = history_features(offsets, jd, mag, np.array([start for _, start in alerts]))
    expected = np.array([naive(*alert) for alert in alerts]).reshape(-1, 5)
    np.testing.assert_array_equal(np.column_stack([features[name] for name in NAMES]), expected)


def test_a_missing_first_detection_makes_the_times_unknown():
    features = history_features(
        np.array([0, 1]), np.array([2459000.0]), np.array([18.0]), np.array([np.nan])
    )
    assert np.isnan(features["age"][0])
    assert features["peakmag_so_far"][0] == 18.0


def test_a_history_without_the_alert_itself_is_refused():
    with pytest.raises(ValueError, match="last point"):
        history_features(np.array([0, 0]), np.empty(0), np.empty(0), np.zeros(1))


def test_the_published_table_is_recomputed_from_its_own_rows(published):
    table = pd.read_csv(published / "example_candidates.csv").sort_values("jd")
    n = len(table)
    # Alert i has the history 0..i: all rows are of one object.
    offsets = np.concatenate([[0], np.cumsum(np.arange(1, n + 1))])
    rows = np.concatenate([np.arange(i + 1) for i in range(n)])
    jd, mag = table["jd"].to_numpy()[rows], table["magpsf"].to_numpy()[rows]
    features = history_features(offsets, jd, mag, table["jdstarthist"].to_numpy())
    for name in NAMES[3:]:
        np.testing.assert_array_equal(features[name], table[name])
    for name in NAMES[:3]:  # the table's jd is rounded to 3 decimals
        np.testing.assert_allclose(features[name], table[name], atol=9e-4)
    np.testing.assert_array_equal(
        features["age"], features["days_since_peak"] + features["days_to_peak"]
    )
