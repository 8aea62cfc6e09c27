"""What frames that were asked for have come to."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skysift.alerts.frame_name import FrameName
from skysift.frames import state
from skysift.frames.night import read_night
from skysift.frames.state import FrameStates

BEST = 12
"""Detections that are told."""

SHOWN = (
    "candid", "p", "jd", "ra", "dec", "mag", "magcoma", "sigmagcoma", "filter", "known_status",
    "known_name", "tracklet", "rate", "rate_pa",
)  # fmt: skip
"""What is told of a detection."""


@dataclass(frozen=True)
class Summary:
    """What frames have come to.

    Attributes
    ----------
    frames : dict of str to int
        Frames by status.
    failed, waiting : dict of str to str
        Why, by id.
    detections : int
    nights : list of str
        Those with a page, YYYYMMDD.
    best : list of dict
        The best detections, columns `SHOWN`; what is not known is None.
    """

    frames: dict[str, int]
    failed: dict[str, str]
    waiting: dict[str, str]
    detections: int
    nights: list[str]
    best: list[dict[str, Any]]


def summarise(output: Path, states: FrameStates, frames: Iterable[str]) -> Summary:
    """Gather what some frames have come to, whenever they were done.

    Parameters
    ----------
    output : Path
        The job's output folder.
    states : FrameStates
    frames : iterable of str
        Their ids.
    """
    asked = set(frames)
    told = [one for one in states.all() if one.id in asked]
    done = {one.id for one in told if one.status == state.DONE}
    nights = sorted({FrameName.parse(frame).night for frame in done})
    rows = [
        row
        for night in nights
        for row in read_night(output / night).select(["id", *SHOWN]).to_pylist()
        if row["id"] in done
    ]
    rows.sort(key=lambda row: -row["p"])
    reasons = {
        status: {one.id: one.reason or "" for one in told if one.status == status}
        for status in (state.FAILED, state.WAITING)
    }
    counts = Counter({state.NEW: len(asked) - len(told)}) + Counter(one.status for one in told)
    return Summary(
        frames=dict(counts.most_common()),
        failed=reasons[state.FAILED],
        waiting=reasons[state.WAITING],
        detections=len(rows),
        nights=nights,
        best=[{name: _value(row[name]) for name in SHOWN} for row in rows[:BEST]],
    )


def _value(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value
