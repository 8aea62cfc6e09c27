"""A set of frames searched for comets: what is found, and, by its truth, which of it is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from skysift.campaigns.tails.settings import COMET, NOT
from skysift.campaigns.tails.store import DetectionStore, Searched, mark_of
from skysift.models import tails
from skysift.models.tails import matching
from skysift.models.tails.config import WindowsConfig
from skysift.models.tails.labelled_set import MIDDLE, SIDE
from skysift.models.tails.scorer import Scorer
from skysift.models.tails.training_set import FrameSet, read_frame_set
from skysift.models.tails.windows import is_counted

ANSWERS = {matching.COMET: COMET, matching.NOTHING: NOT}


def searches(
    source: Path, store: DetectionStore, weights: Path | None, threshold: float
) -> Iterator[tuple[Searched | None, int]]:
    """Search the train part of a set.

    Detections of comets that need not be found are left out: neither answer would teach anything.
    So are second detections of a comet.

    Parameters
    ----------
    source : Path
        Folder of the set.
    store : DetectionStore
    weights : Path or None
        None for what ships.
    threshold : float
        Least score of what is taken.

    Yields
    ------
    found : Searched or None
        None where the pool has it.
    count : int
        Of all frames.

    Raises
    ------
    ValueError
        If the train part is empty.
    """
    frames = read_frame_set(source).part("train")
    if not len(frames):
        raise ValueError(f"the train part of {source} holds no frame to search")
    version = tails.check_weights(weights)["version"]
    search = mark_of({"weights": version, "threshold": threshold})
    for frame, name in enumerate(frames.frames["id"]):
        known = store.has(name, search)
        found = None if known else _search(frames, frame, tails.load(weights), threshold, search)
        yield found, len(frames)


def _search(
    frames: FrameSet, frame: int, scorer: Scorer, threshold: float, search: str
) -> Searched:
    about = frames.frames.iloc[frame]
    images = np.asarray(frames.images(frame))
    zeropoint = float(about["zeropoint"])
    table = pd.DataFrame(scorer.detect(images, threshold=threshold, zeropoint=zeropoint))
    places = [_others(table, row) for row in range(len(table))]
    table["others"] = places
    table["answer"] = _answers(table, frames.comets[frames.comets["id"] == about["id"]])
    table = table.dropna(subset="answer")
    rows = table.assign(
        objectId=None, id=about["id"], coma=np.nan, zeropoint=zeropoint,
        pixel_scale=float(about["pixel_scale"]), version=scorer.version,
    )  # fmt: skip
    cutouts: list[np.ndarray | Path] = [
        frames.cut(frame, round(x) - MIDDLE, round(y) - MIDDLE, SIDE)
        for x, y in zip(rows["x"].to_list(), rows["y"].to_list(), strict=True)
    ]
    return Searched(str(about["id"]), search, rows, cutouts)


def _answers(table: pd.DataFrame, comets: pd.DataFrame) -> list[str | None]:
    """Answer by the truth; None for what is left out."""
    counted = is_counted(comets, WindowsConfig())
    which = matching.match(table, comets.assign(counted=counted))
    reach = np.fmax(matching.RADIUS, matching.RADIUS_SHARE * comets["size"].to_numpy(float))
    answers: list[str | None] = []
    for comet, x, y in zip(which, table["x"], table["y"], strict=True):
        away = np.hypot(comets["x"].to_numpy(float) - x, comets["y"].to_numpy(float) - y)
        if comet >= 0:
            answers.append(COMET if counted[comet] else None)
        else:
            answers.append(None if (away <= reach).any() else NOT)
    return answers


def _others(table: pd.DataFrame, row: int) -> list[float]:
    """Where other detections lie in the cutout of one."""
    places = table[["x", "y"]].to_numpy(float)
    inside = places - np.rint(places[row]) + MIDDLE
    kept = (np.abs(inside - MIDDLE).max(axis=1) <= MIDDLE) & (np.arange(len(places)) != row)
    return inside[kept].ravel().tolist()
