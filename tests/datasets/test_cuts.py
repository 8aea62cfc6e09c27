"""Each cut keeps one alert, drops one, and meets a null."""

from __future__ import annotations

import numpy as np
import pytest

from skysift.alerts.columns import COLUMNS
from skysift.datasets.cuts import CUTS, columns_of

NULL = np.nan


@pytest.mark.parametrize(
    ("name", "columns", "kept"),
    [
        ("positive", {"isdiffpos": [1, 0, NULL]}, [True, False, False]),
        ("g_or_r", {"fid": [1, 2, 3, NULL]}, [True, True, False, False]),
        (
            "ps1_match",
            {"sgscore1": [0.5, -999, -999, NULL, NULL], "sgscore2": [NULL, 0, -999, 0.3, NULL]},
            [True, True, False, True, False],
        ),
        ("public", {"programid": [1, 2, 3, NULL]}, [True, False, False, False]),
    ],
)
def test_a_cut_keeps_drops_and_lets_no_null_pass(name, columns, kept):
    arrays = {column: np.array(values, float) for column, values in columns.items()}
    assert CUTS[name](**arrays).tolist() == kept
    assert columns_of([name]) == tuple(columns)


def test_cuts_look_at_alert_columns_that_there_are():
    assert set(columns_of(CUTS)) <= set(COLUMNS)
    assert columns_of(["positive", "positive"]) == ("isdiffpos",)
