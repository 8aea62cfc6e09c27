"""A training set as it lies on disk: whole frames, and a table of what is in them.

A folder with ``manifest.json``, ``frames.parquet``, ``truth.parquet`` and ``frames/<id>.npy``, a
file of aligned images a frame. Nothing is cut beforehand: each epoch cuts other windows.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from skysift.models.tails import tiling

MANIFEST, FRAMES, TRUTH, IMAGES = "manifest.json", "frames.parquet", "truth.parquet", "frames"

PARTS = ("train", "validation", "test")

FRAME_COLUMNS = ("id", "split", "height", "width", "zeropoint", "pixel_scale")
"""Of ``frames.parquet``. Beside names and sizes [px]: the part, one of `PARTS`; the magnitude of
one DN, NaN if unknown; and arcseconds a pixel."""

TRUTH_COLUMNS = (
    "id", "kind", "x", "y", "mag", "snr", "extent_snr", "blocked", "size", "coma"
)  # fmt: skip
"""Of ``truth.parquet``, a row a source: its frame; ``comet`` or what may be taken for one; column
and row, from 0 [px]; total magnitude; S/N in the difference, and of what is left when the best
point is taken away, NaN if unknown; share of its light without data; half-light radius [px]; and
where the coma ends [px], NaN for what has none."""

COMET = "comet"


@dataclass(frozen=True, eq=False)
class FrameSet:
    """Frames, or some of them, with their images left on disk.

    Attributes
    ----------
    folder : Path
    frames, truth : DataFrame
        With `FRAME_COLUMNS` and `TRUTH_COLUMNS`.
    facts : mapping
        The manifest.
    """

    folder: Path
    frames: pd.DataFrame
    truth: pd.DataFrame
    facts: Mapping[str, Any]

    def __post_init__(self) -> None:
        for table, columns, file in (
            (self.frames, FRAME_COLUMNS, FRAMES), (self.truth, TRUTH_COLUMNS, TRUTH),
        ):  # fmt: skip
            if lacking := [name for name in columns if name not in table]:
                raise ValueError(f"{self.folder / file} lacks: {', '.join(lacking)}")

    def __len__(self) -> int:
        """Count the frames."""
        return len(self.frames)

    @property
    def comets(self) -> pd.DataFrame:
        """The rows of `truth` that are comets."""
        return self.truth[self.truth["kind"] == COMET]

    def images(self, frame: int) -> np.ndarray:
        """Images of the `frame`-th frame (h, w, 3), float32, NaN for want of data; left on disk."""
        name = self.frames["id"].array[frame]
        return np.load(self.folder / IMAGES / f"{name}.npy", mmap_mode="r")

    def cut(self, frame: int, x: int, y: int, side: int) -> np.ndarray:
        """Cut a window out of a frame.

        Parameters
        ----------
        frame : int
            Its place in `frames`.
        x, y : int
            Column and row of the window's first pixel; they may lie outside.
        side : int

        Returns
        -------
        ndarray (side, side, 3), float32
            NaN beyond the frame.
        """
        return np.array(tiling.cut(self.images(frame), x, y, side))

    def part(self, name: str) -> FrameSet:
        """Choose the frames of a part.

        Raises
        ------
        ValueError
            If there is no such part.
        """
        if name not in PARTS:
            raise ValueError(f"there is no part {name!r}; there are: {', '.join(PARTS)}")
        frames = self.frames[self.frames["split"] == name].reset_index(drop=True)
        truth = self.truth[self.truth["id"].isin(frames["id"])].reset_index(drop=True)
        return replace(self, frames=frames, truth=truth)


def read_frame_set(folder: str | os.PathLike[str]) -> FrameSet:
    """Open a training set; the images stay on disk.

    Parameters
    ----------
    folder : path-like
        What `skysift data build tails` wrote.

    Raises
    ------
    FileNotFoundError
        If the folder holds no complete set.
    ValueError
        If a table lacks a column.
    """
    folder = Path(folder)
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise FileNotFoundError(
            f"there is no complete set of frames in {folder}: it has no {MANIFEST}. Build one with "
            "`skysift data build tails`"
        )
    facts = json.loads(manifest.read_text(encoding="utf-8"))
    return FrameSet(
        folder, pd.read_parquet(folder / FRAMES), pd.read_parquet(folder / TRUTH), facts
    )
