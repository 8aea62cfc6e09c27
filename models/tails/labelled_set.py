"""A set of frames together with cutouts that people have labelled: comets, and what is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from skysift.models.tails.mining import HARD
from skysift.models.tails.training_set import COMET, FRAME_COLUMNS, TRUTH_COLUMNS, FrameSet

SIDE = 256
"""Of a cutout [px]."""

MIDDLE = SIDE // 2
"""Column and row of the pixel that a cutout is about."""

AGAIN = "#"
"""Between a cutout's name and its number, where it is shown several times."""

NEED_NOT = -np.inf
"""S/N of what need not be found."""

LABELLED_COLUMNS = ("item", "comet", "zeropoint", "pixel_scale", "mag", "size", "coma", "others")
"""Of `with_labelled`: name; whether it is a comet; of the frame, as `training_set.FRAME_COLUMNS`;
of the source, as `training_set.TRUTH_COLUMNS`; and the places of other detections in the cutout,
a sequence of columns and rows in turn [px]."""


@dataclass(frozen=True, eq=False)
class LabelledSet(FrameSet):
    """Frames, and cutouts that count as small frames.

    Attributes
    ----------
    cutouts : Path
        Folder of ``ITEM.npy``, (256, 256, 3) float32, NaN for want of data.
    """

    cutouts: Path

    def images(self, frame: int) -> np.ndarray:
        """See `FrameSet`; a frame that is a cutout is found among the cutouts."""
        item, again, _ = str(self.frames["id"].array[frame]).rpartition(AGAIN)
        if not again:
            return super().images(frame)
        return np.load(self.cutouts / f"{item}.npy", mmap_mode="r")


def with_labelled(
    frames: FrameSet,
    labelled: pd.DataFrame,
    cutouts: Path,
    *,
    repeat: int,
    facts: Mapping[str, Any],
) -> LabelledSet:
    """Add labelled cutouts to the train part of a set.

    What was labelled as none becomes a hard negative. A comet without a magnitude cannot teach how
    bright comets are, and other detections in a cutout may be comets: neither is a fault, whether
    it is found or not.

    Parameters
    ----------
    frames : FrameSet
        The whole set.
    labelled : DataFrame
        With `LABELLED_COLUMNS`.
    cutouts : Path
        Folder of their images.
    repeat : int
        How often each is there: a few cutouts among many frames would hardly be seen.
    facts : mapping
        What tells these labels from others; it goes into the set's facts.
    """
    times = [f"{AGAIN}{number}" for number in range(repeat)]
    small = pd.DataFrame(
        [
            (row.item + time, "train", SIDE, SIDE, row.zeropoint, row.pixel_scale)
            for row in labelled.itertuples() for time in times
        ],
        columns=list(FRAME_COLUMNS),
    )  # fmt: skip
    sources = [source for row in labelled.itertuples() for source in _sources(row)]
    truth = pd.DataFrame(
        [{**source, "id": source["id"] + time} for source in sources for time in times],
        columns=list(TRUTH_COLUMNS),
    )
    return LabelledSet(
        frames.folder,
        pd.concat([frames.frames, small.astype(frames.frames[list(FRAME_COLUMNS)].dtypes)],
                  ignore_index=True),
        pd.concat([frames.truth, truth.astype(frames.truth[list(TRUTH_COLUMNS)].dtypes)],
                  ignore_index=True),
        {**frames.facts, **facts},
        cutouts,
    )  # fmt: skip


def _sources(row: Any) -> list[dict[str, Any]]:
    """Rows of truth of one cutout; columns that are not named are unknown."""
    middle = {"id": row.item, "x": MIDDLE, "y": MIDDLE}
    known = {"mag": row.mag, "size": row.size, "coma": row.coma}
    if not row.comet:
        first = {**middle, "kind": HARD}
    elif np.isfinite(row.mag) and np.isfinite(row.zeropoint):
        first = {**middle, "kind": COMET, **known}
    else:
        first = {**middle, "kind": COMET, "snr": NEED_NOT}
    places = np.asarray(row.others, float).reshape(-1, 2)
    others = [{"id": row.item, "kind": COMET, "snr": NEED_NOT, "x": x, "y": y} for x, y in places]
    return [first, *others]
