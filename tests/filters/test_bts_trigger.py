"""`bts_trigger`: the policy bts_p2 as the BTSbot paper words it, at every limit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from skysift.alerts.light_curve import LightCurve
from skysift.filters import get
from skysift.filters.bts_trigger import bts_trigger

NAN = np.nan
NOW = {"jd": 10.0, "fid": 1.0, "magpsf": 18.4, "isdiffpos": 1.0}
BEFORE = NOW | {"jd": 9.0, "magpsf": 18.9}


def decide(history: list[dict], now: dict = NOW, score: float = 0.9, wrap=np.array, **settings):
    """Ask about one alert."""
    points = pd.DataFrame([*history, now])
    unused = np.full(len(points), NAN)
    curve = LightCurve(
        offsets=np.array([0, len(points)]), sigmapsf=unused, diffmaglim=unused,
        is_null=np.array([not history]),
        **{name: points[name].to_numpy() for name in ("jd", "fid", "magpsf", "isdiffpos")},
    )  # fmt: skip
    module = {"score": wrap([score])}
    columns = wrap([now["magpsf"]]), wrap([now["isdiffpos"]])
    return bts_trigger(*columns, curve, module, **settings)


CASES = {
    "two bright alerts, bright enough": (True, [BEFORE], {}),
    "the peak is the limit": (True, [BEFORE], {"now": NOW | {"magpsf": 18.5}}),
    "the peak is fainter": (False, [BEFORE], {"now": NOW | {"magpsf": 18.501}}),
    "the peak was earlier": (True, [BEFORE | {"magpsf": 18.4}], {"now": NOW | {"magpsf": 18.9}}),
    "the score is the limit": (True, [BEFORE], {"score": 0.5}),
    "the score is lower": (False, [BEFORE], {"score": 0.499}),
    "no score": (False, [BEFORE], {"score": NAN}),
    "one alert alone": (False, [], {}),
    "the earlier one at 19 mag does not count": (False, [BEFORE | {"magpsf": 19.0}], {}),
    "an upper limit does not count": (False, [BEFORE | {"magpsf": NAN, "isdiffpos": NAN}], {}),
    "a negative one does not count": (False, [BEFORE | {"isdiffpos": 0.0}], {}),
    "nor does its magnitude": (
        False,
        [BEFORE, BEFORE | {"isdiffpos": 0.0, "magpsf": 17.0}],
        {"now": NOW | {"magpsf": 18.6}},
    ),
    "another band counts": (True, [BEFORE | {"fid": 2.0}], {}),
    "i band does not": (False, [BEFORE | {"fid": 3.0}], {}),
    "the future does not": (False, [BEFORE | {"jd": 11.0}], {}),
    "two earlier ones do for a faint alert": (
        True,
        [BEFORE, BEFORE | {"jd": 8.0, "magpsf": 18.4}],
        {"now": NOW | {"magpsf": 19.5}},
    ),
    "a negative alert is no detection": (False, [BEFORE] * 2, {"now": NOW | {"isdiffpos": 0.0}}),
    "a null magnitude": (False, [NOW] * 2, {"now": NOW | {"magpsf": NAN}}),
    "a null sign": (False, [NOW] * 2, {"now": NOW | {"isdiffpos": NAN}}),
}


@pytest.mark.parametrize("case", CASES)
def test_the_policy(case):
    wanted, history, options = CASES[case]
    kept = decide(history, **options)
    assert kept.dtype == bool
    assert kept.tolist() == [wanted]


@pytest.mark.parametrize("case", CASES)
def test_a_series_gives_the_same_on_its_own_index(case):
    wanted, history, options = CASES[case]
    kept = decide(history, wrap=lambda v: pd.Series(v, index=["row"]), **options)
    pd.testing.assert_series_equal(kept, pd.Series([wanted], index=["row"]))


SETTINGS = {
    "max_mag": (18.9, 18.91),
    "min_score": (0.91, 0.9),
    "min_alerts": (3, 2),
    "max_peak_mag": (18.39, 18.4),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_changes_the_outcome_at_its_limit(name):
    drops, keeps = SETTINGS[name]
    assert decide([BEFORE], **{name: drops}).tolist() == [False]
    assert decide([BEFORE], **{name: keeps}).tolist() == [True]


def test_every_setting_is_tested():
    assert set(SETTINGS) == set(get("bts_trigger").settings)
