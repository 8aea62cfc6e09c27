"""The whole evaluation of one network on one part of a set: numbers, tables, figure."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from skysift.models._json import plain, write_json
from skysift.models.tails.config import WindowsConfig
from skysift.models.tails.evaluation import counts, places
from skysift.models.tails.evaluation.figure import write_figure
from skysift.models.tails.matching import RADIUS, Matched, match_frames
from skysift.models.tails.scorer import Scorer
from skysift.models.tails.training_set import FrameSet

SCHEMA = 1
"""Of ``report.json``; goes up when a name in it changes its meaning or goes away."""

LEAST = 0.01
"""Detections that score less are not looked at."""

MIDDLE = 0.5
"""The threshold that is told beside the one that the false positives allow."""

REPORT, CURVE, DETECTIONS, COMETS = (
    "report.json", "curve.csv", "detections.parquet", "comets.parquet"
)  # fmt: skip


def judge(
    frames: FrameSet,
    scorer: Scorer,
    output: str | os.PathLike[str],
    *,
    about: Mapping[str, Any],
    settings: WindowsConfig | None = None,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Search frames for their comets and write how well that went.

    Parameters
    ----------
    frames : FrameSet
    scorer : Scorer
    output : path-like
        Folder; gets ``report.json``, ``curve.csv``, ``detections.parquet``, ``comets.parquet``,
        ``evaluation.png`` and ``.pdf``.
    about : mapping
        What was judged on what, as JSON can hold it; it goes into the report as it is.
    settings : WindowsConfig, optional
        Says which comets count; by default as in training.
    progress : callable, optional
        Called with the number of frames that are done.

    Returns
    -------
    dict
        What ``report.json`` holds; None where a number is not defined.

    Raises
    ------
    ValueError
        If there is no frame, or no comet that counts.
    """
    if not len(frames):
        raise ValueError("there is no frame to judge")
    matched = search(frames, scorer, settings or WindowsConfig(), progress)
    if not matched.comets["counted"].any():
        raise ValueError(f"there is no comet that counts in the {len(frames)} frames")
    allowed = counts.allowed_threshold(matched, frames.frames)
    table = places.pairs(matched, MIDDLE)
    report = plain(
        {
            "schema": SCHEMA,
            "model": "tails",
            **about,
            "frames": len(frames),
            "tiles": counts.tiles_of(frames.frames),
            "comets": int(matched.comets["counted"].sum()),
            "bright_comets": int(counts.is_bright(matched.comets).sum()),
            "bright": counts.BRIGHT,
            "radius": RADIUS,
            "at_half": counts.at(matched, frames.frames, MIDDLE),
            "at_allowed": {
                "allowed_per_tile": counts.PER_TILE, **counts.at(matched, frames.frames, allowed)
            },
            "places": places.place_report(table),
            "calibration": counts.calibration(matched),
        }
    )  # fmt: skip
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    curve = counts.curve(matched, frames.frames)
    write_json(output / REPORT, report)
    curve.to_csv(output / CURVE, index=False)
    matched.detections.to_parquet(output / DETECTIONS, index=False)
    matched.comets.to_parquet(output / COMETS, index=False)
    write_figure(report, curve, table, output)
    return report


def search(
    frames: FrameSet,
    scorer: Scorer,
    settings: WindowsConfig,
    progress: Callable[[int], None] | None = None,
) -> Matched:
    """Search all frames and match what is found; detections have ``mag``, not ``brightness``."""
    zeropoint = frames.frames["zeropoint"].to_numpy(float)

    def detect(frame: int) -> pd.DataFrame:
        images = np.asarray(frames.images(frame))
        return pd.DataFrame(
            scorer.detect(images, threshold=LEAST, zeropoint=float(zeropoint[frame]))
        )

    return match_frames(frames, settings, detect, progress=progress)
