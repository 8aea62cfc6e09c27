"""How far off places, magnitudes and sizes are, and whether the uncertainties are right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from skysift.models.tails.evaluation.counts import is_bright, scatter_interval
from skysift.models.tails.matching import COMET, Matched

USUAL = 0.6827
"""Share of a normal distribution within one standard deviation."""


def pairs(matched: Matched, threshold: float) -> pd.DataFrame:
    """Detections of comets that count, beside the truth.

    Returns
    -------
    DataFrame
        ``frame``, ``bright``, ``score``, ``dx`` and ``dy`` (found − true) [px], ``sigma`` [px],
        ``dmag`` [mag], ``dlog_size`` (natural logarithm), ``mag``, ``coma``.
    """
    found = matched.detections
    found = found[(found["is"] == COMET) & (found["score"] >= threshold)]
    comets = matched.comets
    truth = comets.iloc[found["comet"].to_numpy(int)].reset_index(drop=True)
    bright = is_bright(comets)[found["comet"].to_numpy(int)]
    found = found.reset_index(drop=True)
    return pd.DataFrame(
        {
            "frame": found["frame"], "bright": bright, "score": found["score"],
            "dx": found["x"] - truth["x"], "dy": found["y"] - truth["y"],
            "sigma": found["sigma"], "dmag": found["mag"] - truth["mag"],
            "dlog_size": np.log(found["size"]) - np.log(np.maximum(truth["size"], 0.5)),
            "mag": truth["mag"], "coma": truth["coma"],
        }
    )  # fmt: skip


def place_report(table: pd.DataFrame) -> dict[str, Any]:
    """Judge places, magnitudes and sizes of pairs (see `pairs`).

    Returns
    -------
    dict
        ``radial_rmse``: √⟨dx² + dy²⟩ [px], of all and of bright comets. The published figure of
        this name is (|dx| + |dy|) / 2, here ``axis_error``. ``median_radial`` [px];
        ``within_sigma``, share of errors of one coordinate within the told uncertainty;
        ``mag_scatter`` and ``mag_bias`` [mag]; ``size_scatter``, of the logarithm.
    """
    square = (table["dx"] ** 2 + table["dy"] ** 2).to_numpy(float)
    frame, bright = table["frame"].to_numpy(), table["bright"].to_numpy(bool)
    axis = ((table["dx"].abs() + table["dy"].abs()) / 2).to_numpy(float)
    return {
        "radial_rmse": scatter_interval(square, frame, _root_mean),
        "radial_rmse_bright": scatter_interval(square[bright], frame[bright], _root_mean),
        "median_radial": float(np.sqrt(np.median(square))) if len(table) else np.nan,
        "axis_error": float(axis.mean()) if len(table) else np.nan,
        "within_sigma": _within(table),
        "expected_within_sigma": USUAL,
        "mag_bias": _median(table["dmag"]),
        "mag_scatter": _spread(table["dmag"]),
        "size_scatter": _spread(table["dlog_size"]),
    }


def _root_mean(square: np.ndarray, weight: np.ndarray) -> float:
    return float(np.sqrt(square @ weight / weight.sum())) if weight.any() else np.nan


def _within(table: pd.DataFrame) -> float:
    told = table[table["sigma"].notna()]
    errors = told[["dx", "dy"]].abs().to_numpy(float)
    return float((errors <= told[["sigma"]].to_numpy(float)).mean()) if len(told) else np.nan


def _median(column: pd.Series) -> float:
    known = column.dropna().to_numpy(float)
    return float(np.median(known)) if len(known) else np.nan


def _spread(column: pd.Series) -> float:
    """Half of the distance between the 16th and the 84th percentile."""
    known = column.dropna().to_numpy(float)
    return float(np.subtract(*np.percentile(known, [84, 16])) / 2) if len(known) else np.nan
