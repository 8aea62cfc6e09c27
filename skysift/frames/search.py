"""Search one frame: from its files to rows of detections, with positions and photometry."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from skysift.alerts.frame_images import ALIGNERS, FrameImages, read_frame
from skysift.alerts.frame_name import FrameName
from skysift.frames.cutouts import SIDE, cut, tilt
from skysift.frames.ids import FrameFiles
from skysift.frames.positions import distinct, pixel_sides, sky_places
from skysift.frames.rows import detection_rows, epoch_of
from skysift.models.tails.scorer import Scorer

CHANNELS = 3
"""Of a triplet: science, reference and difference."""

PARTS = ("read", "detect", "measure")
"""Of a search, whose seconds are told."""


@dataclass(frozen=True)
class SearchSettings:
    """How frames are searched.

    Attributes
    ----------
    threshold : float
        Least score, in (0, 1).
    radius : float
        Detections nearer to a better one than this are the same [arcsec].
    most : int
        Detections that are kept of a frame, the best: a frame that gives more was not subtracted
        well.
    aligner : str
        What brings the reference onto the frame, see `alerts.frame_images.ALIGNERS`.

    Raises
    ------
    ValueError
        If one of them makes no sense.
    """

    threshold: float = 0.5
    radius: float = 12.0
    most: int = 200
    aligner: str = "reproject"

    def __post_init__(self) -> None:
        if not 0 < self.threshold < 1:
            raise ValueError(f"threshold must lie between 0 and 1. Got: {self.threshold}")
        for name in ("radius", "most"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be more than 0. Got: {getattr(self, name)}")
        if self.aligner not in ALIGNERS:
            known = ", ".join(ALIGNERS)
            raise ValueError(f"aligner must be one of {known}. Got: {self.aligner!r}")


@dataclass(frozen=True, eq=False)
class Found:
    """What a search has found.

    Attributes
    ----------
    name : FrameName
    table : pyarrow.Table
        Of `DETECTIONS`, the best first; maybe none.
    cutouts : ndarray (k, 256, 256, 3), float32
        Science, aligned reference and difference about each [DN], laid as `cutouts.cut` says. NaN
        where there are no data.
    scales, tilts : ndarray (k,)
        Of the cutouts: side of a pixel [arcsec], and angle by which north is left of up [deg].
    facts : dict
        Of the search: ``version``, ``threshold``, ``candidates`` (before those too near and too
        many were left out), ``detections``, and ``seconds`` by part.
    """

    name: FrameName
    table: pa.Table
    cutouts: np.ndarray
    scales: np.ndarray
    tilts: np.ndarray
    facts: dict[str, Any]


def search_frame(files: FrameFiles, scorer: Scorer, settings: SearchSettings) -> Found:
    """Search a frame for comets.

    Parameters
    ----------
    files : FrameFiles
        The difference need not be there if the network does without; then there is no photometry.
    scorer : Scorer
    settings : SearchSettings

    Raises
    ------
    FrameError
        If a file is missing, broken, or does not say what is needed; naming it.
    """
    times = [time.perf_counter()]
    frame = read_frame(
        files.science, files.reference, _difference(files, scorer), aligner=settings.aligner
    )
    epoch = epoch_of(frame.header, files.science)
    times.append(time.perf_counter())
    answer = scorer.detect(frame.images, threshold=settings.threshold, zeropoint=frame.zeropoint)
    times.append(time.perf_counter())
    kept = distinct(sky_places(frame.world, answer["x"], answer["y"]), settings.radius)
    comets = {name: column[kept[: settings.most]] for name, column in answer.items()}
    scales = pixel_sides(frame.world, comets["x"], comets["y"])
    table = detection_rows(files.name, frame, epoch, comets, scales, scorer.version)
    cutouts, tilts = _views(frame, comets["x"], comets["y"])
    times.append(time.perf_counter())
    facts = {
        "version": scorer.version,
        "threshold": settings.threshold,
        "candidates": len(answer["x"]),
        "detections": table.num_rows,
        "seconds": dict(zip(PARTS, np.diff(times).round(3).tolist(), strict=True)),
    }
    return Found(files.name, table, cutouts, scales, tilts, facts)


def _difference(files: FrameFiles, scorer: Scorer) -> Path | None:
    """The difference; none where the network needs none and it is not there."""
    needed = len(scorer.images) == CHANNELS
    return files.difference if needed or files.difference.is_file() else None


def _views(frame: FrameImages, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cutouts and tilts of detections; images that there are not are NaN."""
    cutouts = np.full((len(x), SIDE, SIDE, CHANNELS), np.nan, np.float32)
    tilts = np.empty(len(x))
    for number, place in enumerate(zip(x, y, strict=True)):
        cutouts[number, ..., : frame.images.shape[2]] = cut(frame.images, *place, frame.world)
        tilts[number] = tilt(frame.world, *place)
    return cutouts, tilts
