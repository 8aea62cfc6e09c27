"""What a network takes for comets and is none: of such, the next one is to see more."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from skysift.models.tails.config import WindowsConfig
from skysift.models.tails.matching import NOTHING, RADIUS, RADIUS_SHARE, match_frames
from skysift.models.tails.training_set import TRUTH_COLUMNS, FrameSet

HARD = "hard"
"""Kind of these in a set's truth: a window about a confuser is as often of it as of any other."""


def mine(
    frames: FrameSet,
    settings: WindowsConfig,
    detect: Callable[[int], pd.DataFrame],
    *,
    threshold: float,
    progress: Callable[[int], None] | None = None,
) -> pd.DataFrame:
    """Search frames, and take what scores high and is no comet.

    Parameters
    ----------
    frames : FrameSet
        With known comets.
    settings : WindowsConfig
    detect : callable
        As for `match_frames`.
    threshold : float
        Least score of what is taken.
    progress : callable, optional
        Called with the number of frames that are done.

    Returns
    -------
    DataFrame
        A row each, with `TRUTH_COLUMNS` and ``score``, the highest score first; NaN in what only
        comets have. Nothing that lies on a comet is taken, whether that counts or not.
    """
    found = match_frames(frames, settings, detect, progress=progress).detections
    names = frames.frames["id"].to_numpy()
    wrong = found[(found["is"] == NOTHING) & (found["score"] >= threshold)]
    rows = pd.DataFrame(
        {
            "id": names[wrong["frame"].to_numpy(int)],
            "kind": HARD,
            "x": wrong["x"].to_numpy(float),
            "y": wrong["y"].to_numpy(float),
            "score": wrong["score"].to_numpy(float),
        }
    ).reindex(columns=[*TRUTH_COLUMNS, "score"])
    apart = rows[~_on_a_comet(rows, frames.comets)]
    return apart.sort_values("score", ascending=False, kind="stable", ignore_index=True)


def with_hard(truth: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Add rows of `mine` to a truth table, each place once.

    Parameters
    ----------
    truth : DataFrame
        With `TRUTH_COLUMNS`; it may hold hard rows already.
    rows : DataFrame
        With `TRUTH_COLUMNS`.

    Returns
    -------
    DataFrame
        `truth` and, after it, the rows that are farther than `RADIUS` from its hard ones.
    """
    known = truth[truth["kind"] == HARD]
    new = rows[~_near(rows, known, np.full(len(known), RADIUS))]
    return pd.concat([truth, new[list(TRUTH_COLUMNS)].astype(truth.dtypes)], ignore_index=True)


def _on_a_comet(rows: pd.DataFrame, comets: pd.DataFrame) -> np.ndarray:
    """Tell which rows are within reach of a comet of their frame, as `matching.match` has it."""
    return _near(rows, comets, np.fmax(RADIUS, RADIUS_SHARE * comets["size"].to_numpy(float)))


def _near(rows: pd.DataFrame, others: pd.DataFrame, reach: np.ndarray) -> np.ndarray:
    """Tell which rows lie within reach of one of the others in the same frame, (n,) of bool."""
    near = np.zeros(len(rows), bool)
    for name, places in others.assign(reach=reach).groupby("id"):
        here = np.flatnonzero(rows["id"] == name)
        x, y = (rows[axis].to_numpy(float)[here][:, None] for axis in ("x", "y"))
        away = np.hypot(x - places["x"].to_numpy(), y - places["y"].to_numpy())
        near[here] = (away <= places["reach"].to_numpy()).any(axis=1)
    return near
