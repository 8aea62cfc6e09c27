"""Light curves, against a naive twin that appends alert by alert."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skysift.alerts.light_curve import POINT_FIELDS, LightCurve


def build(histories, current):
    """Build a light curve of lists: ``histories[i]`` is None or the values before the current."""
    lengths = [len(h or []) for h in histories]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    is_null = np.array([h is None for h in histories], dtype=bool)
    flat = np.array([v for h in histories for v in h or []], dtype=float)
    fields = range(len(POINT_FIELDS))
    return LightCurve.from_history(
        offsets,
        is_null,
        {name: flat + 100 * k for name, k in zip(POINT_FIELDS, fields, strict=True)},
        {
            name: np.array(current, dtype=float) + 100 * k
            for name, k in zip(POINT_FIELDS, fields, strict=True)
        },
    )


@given(st.lists(st.none() | st.lists(st.integers(0, 50), max_size=5), max_size=6))
def test_each_alert_follows_its_own_history(histories):
    current = np.arange(len(histories)) + 1000
    curve = build(histories, current)
    assert len(curve) == len(histories)
    for i, history in enumerate(histories):
        for k, name in enumerate(POINT_FIELDS):
            expected = np.array([*(history or []), current[i]]) + 100 * k
            np.testing.assert_array_equal(curve.one(i)[name], expected)
        assert curve.is_null[i] == (history is None)


def test_the_alert_itself_is_the_last_of_its_points():
    curve = build([[1, 2], None, []], [7, 8, 9])
    np.testing.assert_array_equal(curve.jd[curve.offsets[1:] - 1], [7, 8, 9])


def test_types_are_float64_and_int64():
    curve = build([[1]], [2])
    assert curve.offsets.dtype == np.int64
    assert {getattr(curve, name).dtype for name in POINT_FIELDS} == {np.dtype(np.float64)}


def test_a_light_curve_outside_the_batch_is_refused():
    with pytest.raises(IndexError):
        build([[1]], [2]).one(1)


def test_some_alerts_are_taken_with_their_points_in_any_order():
    curve = build([[1, 2], None, [], [5]], [7, 8, 9, 10])
    for rows in ([3, 0, 0], [1], []):
        taken = curve.take(np.array(rows, dtype=int))
        assert len(taken) == len(rows)
        for place, row in enumerate(rows):
            for name in POINT_FIELDS:
                np.testing.assert_array_equal(taken.one(place)[name], curve.one(row)[name])
            assert taken.is_null[place] == curve.is_null[row]
