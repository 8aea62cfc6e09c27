"""How many comets are found, and how much that is none."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from skysift.models._bootstrap import Bootstrap, interval
from skysift.models._metrics import calibration_curve, calibration_error
from skysift.models.tails import tiling
from skysift.models.tails.matching import COMET, NOTHING, UNCLEAR, Matched

BRIGHT = 19.5
"""Comets to this magnitude are asked for first."""

PER_TILE = 1e-4
"""False positives per tile of 256 px that are allowed where recall is told."""

MAG_EDGES = (14.0, 15.0, 16.0, 17.0, 18.0, 18.5, 19.0, 19.5, 20.0, 20.5, 21.0)
COMA_EDGES = (0.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Edges of bins: magnitude; radius of the coma [px]."""

Estimate = dict[str, Any]


def tiles_of(frames: pd.DataFrame) -> int:
    """Count the tiles that cover frames, as `tiling` lays them."""
    return sum(
        len(tiling.starts(height)) * len(tiling.starts(width))
        for height, width in zip(frames["height"], frames["width"], strict=True)
    )


def is_bright(comets: pd.DataFrame) -> np.ndarray:
    """Tell the comets that count and are as bright as `BRIGHT`, (k,) of bool."""
    return (comets["counted"] & (comets["mag"] <= BRIGHT)).to_numpy(bool)


def false_positives(matched: Matched) -> np.ndarray:
    """Scores of the detections of nothing, falling."""
    found = matched.detections
    return np.sort(found["score"][found["is"] == NOTHING].to_numpy(float))[::-1]


def curve(matched: Matched, frames: pd.DataFrame) -> pd.DataFrame:
    """Recall and false positives against the threshold.

    Returns
    -------
    DataFrame
        A row a threshold, falling: ``threshold``; ``recall`` of all comets that count, and
        ``recall_bright`` of those to `BRIGHT`; ``fnr`` = 1 − ``recall_bright``;
        ``false_per_tile``, ``false_per_frame``.
    """
    comets, wrong = matched.comets, false_positives(matched)
    threshold = np.unique(np.concatenate([wrong, matched.detections["score"], [0.5]]))[::-1]
    columns: dict[str, np.ndarray] = {"threshold": threshold}
    for name, members in (("recall", comets["counted"].to_numpy(bool)),
                          ("recall_bright", is_bright(comets))):  # fmt: skip
        scores = np.sort(comets["score"][members].fillna(-1.0).to_numpy(float))
        found = len(scores) - np.searchsorted(scores, threshold, side="left")
        columns[name] = found / len(scores) if len(scores) else np.full(len(threshold), np.nan)
    above = len(wrong) - np.searchsorted(wrong[::-1], threshold, side="left")
    columns["fnr"] = 1 - columns["recall_bright"]
    columns["false_per_tile"] = above / tiles_of(frames)
    columns["false_per_frame"] = above / len(frames)
    return pd.DataFrame(columns)


def allowed_threshold(matched: Matched, frames: pd.DataFrame) -> float:
    """Return the lowest threshold with no more false positives than `PER_TILE`.

    With fewer than 1 / `PER_TILE` tiles it is above every false positive.
    """
    wrong = false_positives(matched)
    allowed = int(np.floor(PER_TILE * tiles_of(frames)))
    if allowed >= len(wrong):
        lowest = matched.detections["score"].min()
        return float(lowest) if len(matched.detections) else 0.5
    return float(np.nextafter(np.float32(wrong[allowed]), np.float32(2)))


def recall(comets: pd.DataFrame, members: np.ndarray, threshold: float) -> Estimate:
    """Share of some comets that are found, with its interval by frames."""
    found = (comets["score"] >= threshold).to_numpy(bool) & members
    draws = Bootstrap(comets["frame"].to_numpy())
    value, low, high = draws.share(found[:, None], members[:, None])
    return {
        "comets": int(members.sum()), "value": float(value[0]), "low": float(low[0]),
        "high": float(high[0]),
    }  # fmt: skip


def recall_by(
    comets: pd.DataFrame, column: str, edges: Sequence[float], threshold: float
) -> list[Estimate]:
    """Recall in bins of a column of the truth, of the comets that count."""
    value = comets[column].to_numpy(float)
    bins = []
    for low, high in pairwise(edges):
        members = comets["counted"].to_numpy(bool) & (value >= low) & (value < high)
        if members.any():
            bins.append({"from": low, "to": high, **recall(comets, members, threshold)})
    return bins


def at(matched: Matched, frames: pd.DataFrame, threshold: float) -> dict[str, Any]:
    """Tell what a threshold gives; ``recall_bright_any`` asks for those that do not count too."""
    comets, wrong = matched.comets, false_positives(matched)
    above = int((wrong >= threshold).sum())
    tiles = tiles_of(frames)
    return {
        "threshold": threshold,
        "recall": recall(comets, comets["counted"].to_numpy(bool), threshold),
        "recall_bright": recall(comets, is_bright(comets), threshold),
        "recall_bright_any": recall(comets, (comets["mag"] <= BRIGHT).to_numpy(bool), threshold),
        "false_positives": above,
        "false_per_tile": above / tiles,
        "false_per_frame": above / len(frames),
        "by_magnitude": recall_by(comets, "mag", MAG_EDGES, threshold),
        "by_coma": recall_by(comets, "coma", COMA_EDGES, threshold),
    }


def calibration(matched: Matched) -> dict[str, Any]:
    """Compare scores of detections with the share of comets among them."""
    found = matched.detections[matched.detections["is"] != UNCLEAR]
    label, score = (found["is"] == COMET).to_numpy(bool), found["score"].to_numpy(float)
    curve = pd.DataFrame(calibration_curve(label, score)).to_dict("records")
    return {"detections": len(found), "ece": calibration_error(label, score), "curve": curve}


def scatter_interval(values: np.ndarray, frame: np.ndarray, statistic: Any) -> Estimate:
    """Give a statistic of weighted values with its interval by frames.

    Parameters
    ----------
    values : ndarray (k,)
    frame : ndarray (k,)
    statistic : callable
        Takes values and weights.
    """
    if not len(values):
        return {"comets": 0, "value": np.nan, "low": np.nan, "high": np.nan}
    draws = Bootstrap(frame).each(lambda weight: statistic(values, weight))
    low, high = interval(np.asarray(draws))
    whole = statistic(values, np.ones(len(values)))
    return {
        "comets": len(values), "value": float(whole), "low": float(low), "high": float(high)
    }  # fmt: skip
