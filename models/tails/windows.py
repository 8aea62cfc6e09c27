"""Windows cut out of frames at random: about comets, about what is taken for them, and anywhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from skysift.models.tails.config import WindowsConfig
from skysift.models.tails.training_set import COMET, FrameSet

MARGIN = 8
"""Pixels from the edge of a tile within which the source that it was cut for does not lie."""


KNOWN = ("x", "y", "mag", "size", "coma", "counted")
"""Of a comet; see `training_set.TRUTH_COLUMNS` and `is_counted`."""


@dataclass(frozen=True)
class Window:
    """A window of a frame, and the comets in the frame.

    Attributes
    ----------
    image : ndarray (side, side, 3), float32
    comets : dict of str to ndarray (k,)
        `KNOWN`, of all comets of the frame; ``x`` and ``y`` are in the window [px].
    zeropoint : float
    """

    image: np.ndarray
    comets: dict[str, np.ndarray]
    zeropoint: float


class Windows:
    """Draws windows of a set.

    Parameters
    ----------
    frames : FrameSet
        With a comet at least.
    settings : WindowsConfig
    """

    def __init__(self, frames: FrameSet, settings: WindowsConfig) -> None:
        self._frames, self._settings = frames, settings
        place = {name: index for index, name in enumerate(frames.frames["id"])}
        truth = frames.truth.assign(frame=frames.truth["id"].map(place))
        comets = truth[truth["kind"] == COMET]
        counted = is_counted(comets, settings)
        self._wanted = comets[counted][["frame", "x", "y"]].to_numpy(float)
        others = truth[truth["kind"] != COMET].groupby("kind")
        self._others = [rows[["frame", "x", "y"]].to_numpy(float) for _, rows in others]
        comets = comets.assign(counted=counted)
        self._comets = [
            {name: comets[name].to_numpy()[comets["frame"] == i] for name in KNOWN}
            for i in range(len(frames))
        ]
        self._zeropoint = frames.frames["zeropoint"].to_numpy(float)
        self._size = frames.frames[["width", "height"]].to_numpy(float)

    def draw(self, side: int, *, middle: bool, rng: np.random.Generator) -> Window:
        """Draw a window.

        Parameters
        ----------
        side : int
        middle : bool
            Put the source that it is about into the middle, nearly; else anywhere.
        """
        frame, x, y = self._source(rng)
        if middle:
            left, top = np.array([x, y]) + rng.normal(0, self._settings.shift, 2) - side / 2
        else:
            left, top = np.array([x, y]) - rng.uniform(MARGIN, side - MARGIN, 2)
        left, top = round(float(left)), round(float(top))
        comets = self._comets[frame]
        comets = {**comets, "x": comets["x"] - left, "y": comets["y"] - top}
        return Window(self._frames.cut(frame, left, top, side), comets, self._zeropoint[frame])

    def _source(self, rng: np.random.Generator) -> tuple[int, float, float]:
        """Choose what a window is about: its frame, column and row."""
        chance, settings = rng.random(), self._settings
        if chance < settings.comets:
            frame, x, y = self._wanted[rng.integers(len(self._wanted))]
            return int(frame), float(x), float(y)
        if chance < settings.comets + settings.confusers and self._others:
            kind = self._others[rng.integers(len(self._others))]
            frame, x, y = kind[rng.integers(len(kind))]
            return int(frame), float(x), float(y)
        any_frame = int(rng.integers(len(self._frames)))
        x, y = rng.uniform(0, self._size[any_frame])
        return any_frame, float(x), float(y)


def is_counted(comets: pd.DataFrame, settings: WindowsConfig) -> np.ndarray:
    """Tell which comets must be found, (k,) of bool; what is unknown is enough."""
    clear = ~(comets["snr"] < settings.min_snr)
    clear &= ~(comets["extent_snr"] < settings.min_extent_snr)
    return (clear & ~(comets["blocked"] > settings.max_blocked)).to_numpy(bool)
