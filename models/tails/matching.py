"""Which detections are which comets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from skysift.models.tails.config import WindowsConfig
from skysift.models.tails.training_set import FrameSet
from skysift.models.tails.windows import is_counted

RADIUS = 5.0
"""Farthest from its nucleus that a comet is found [px]."""

RADIUS_SHARE = 0.5
"""Or so many of its half-light radii, if that is more."""

COMET, UNCLEAR, NOTHING = "comet", "unclear", "nothing"
"""What a detection is: of a comet that counts; of one that need not be found; of neither."""


@dataclass(frozen=True)
class Matched:
    """Detections and comets of a set of frames.

    Attributes
    ----------
    detections : DataFrame
        A row each, with what `detect` has told; ``frame`` (place in the set); ``is``, one of
        `COMET`, `UNCLEAR` and `NOTHING`; and ``comet``, the row of `comets`, −1 for none.
    comets : DataFrame
        A row each, of the truth, with ``frame``, ``counted`` and ``score``, the best of a
        detection of it, NaN if it was not found at all.
    """

    detections: pd.DataFrame
    comets: pd.DataFrame


def match_frames(
    frames: FrameSet,
    settings: WindowsConfig,
    detect: Callable[[int], pd.DataFrame],
    *,
    progress: Callable[[int], None] | None = None,
) -> Matched:
    """Look for comets in all frames of a set, and compare with the truth.

    Parameters
    ----------
    frames : FrameSet
    settings : WindowsConfig
        Says which comets count.
    detect : callable
        Takes a frame's place in the set and returns a row a detection: ``score``, ``x``, ``y``, and
        whatever else.
    progress : callable, optional
        Called with the number of frames that are done.
    """
    detections, comets = [], []
    before = 0
    for frame in range(len(frames)):
        rows = frames.comets[frames.comets["id"] == frames.frames["id"].iloc[frame]]
        rows = rows.assign(frame=frame, counted=is_counted(rows, settings))
        table = detect(frame).assign(frame=frame)
        comet = match(table, rows)
        table["comet"] = np.where(comet >= 0, comet + before, -1)
        table["is"] = _kinds(comet, rows["counted"].to_numpy(bool))
        detections.append(table)
        comets.append(rows)
        before += len(rows)
        if progress:
            progress(frame + 1)
    every = pd.concat(comets, ignore_index=True)
    table = pd.concat(detections, ignore_index=True)
    best = table[table["comet"] >= 0].groupby("comet")["score"].max()
    return Matched(table, every.assign(score=best.reindex(every.index)))


def match(found: pd.DataFrame, comets: pd.DataFrame) -> np.ndarray:
    """Give detections their comets, the best detection first.

    A detection within reach of a comet (see `RADIUS`) is of the nearest such one. A second
    detection of the same comet is one of nothing, if the comet counts.

    Returns
    -------
    ndarray (k,), int64
        Place of the comet among `comets`, or −1.
    """
    x, y = comets["x"].to_numpy(float), comets["y"].to_numpy(float)
    reach = np.fmax(RADIUS, RADIUS_SHARE * comets["size"].to_numpy(float))
    counted = comets["counted"].to_numpy(bool)
    taken = np.zeros(len(comets), bool)
    answer = np.full(len(found), -1, np.int64)
    columns, rows = found["x"].to_numpy(float), found["y"].to_numpy(float)
    for i in np.argsort(-found["score"].to_numpy(float), kind="stable"):
        distance = np.hypot(columns[i] - x, rows[i] - y)
        near = (distance <= reach) & ~(taken & counted)
        if near.any():
            answer[i] = np.argmin(np.where(near, distance, np.inf))
            taken[answer[i]] = True
    return answer


def _kinds(comet: np.ndarray, counted: np.ndarray) -> np.ndarray:
    kinds = np.full(len(comet), NOTHING, dtype=object)
    hit = comet >= 0
    kinds[hit] = np.where(counted[comet[hit]], COMET, UNCLEAR)
    return kinds
