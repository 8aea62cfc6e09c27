"""What a quick network finds in frames whose comets are known: what the second look learns from."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from skysift.models._fitting.loop import Batch
from skysift.models.tails import augmentation
from skysift.models.tails.config import Config
from skysift.models.tails.detector import Detector
from skysift.models.tails.inputs import measure, prepare
from skysift.models.tails.matching import COMET, UNCLEAR, match_frames
from skysift.models.tails.networks import SHAPES, STAMPS
from skysift.models.tails.points import SHAPE, Points
from skysift.models.tails.second_look import PREPROCESSING, SIDE
from skysift.models.tails.training_set import FrameSet

JITTER = 2
"""A stamp's middle is so many pixels from where the quick network points, at most, each way."""

SHARE = 0.4
"""Of a batch, comets."""

UNKNOWN = 0.3
"""Share of what is learned from without its shape, as stamps of alerts are without."""

SHAPES_TOLD = tuple(f"shape_{i}" for i in range(SHAPE))
"""Columns of `candidates`."""


def candidates(
    frames: FrameSet,
    config: Config,
    finder: Detector,
    gate: float,
    *,
    progress: Callable[[int], None] | None = None,
) -> pd.DataFrame:
    """Search frames with the quick network.

    Parameters
    ----------
    frames : FrameSet
    config : Config
    finder : Detector
        Of the quick network alone.
    gate : float
        Least score of what is taken.
    progress : callable, optional
        Called with the number of frames that are done.

    Returns
    -------
    DataFrame
        ``frame``, ``x``, ``y``, ``comet``, of bool, and ``shape_0`` to the last of
        `points.Points.shapes`. Comets that need not be found are left out.
    """

    def detect(frame: int) -> pd.DataFrame:
        images = np.asarray(frames.images(frame))[..., : config.inputs.channels]
        sky = measure(images[None])
        found = finder.places(images, sky, gate)
        shapes = Points(images, sky).shapes(found.x, found.y)
        return pd.DataFrame({**vars(found), **dict(zip(SHAPES_TOLD, shapes.T, strict=True))})

    found = match_frames(frames, config.windows, detect, progress=progress).detections
    clear = found[found["is"] != UNCLEAR]
    return pd.DataFrame(
        {
            **{name: clear[name].to_numpy(int if name == "frame" else float)
               for name in ("frame", "x", "y")},
            "comet": (clear["is"] == COMET).to_numpy(bool),
            **{name: clear[name].to_numpy(np.float32) for name in SHAPES_TOLD},
        }
    )  # fmt: skip


class CandidateBatches:
    """Batches of stamps about candidates; all that is random follows from seed and epoch.

    Parameters
    ----------
    frames : FrameSet
    table : DataFrame
        From `candidates`.
    config : Config
    steps : int
        Batches of an epoch.
    changed : bool
        Move, turn and damage stamps; not for judging.

    Raises
    ------
    ValueError
        If the candidates are all comets, or none is.
    """

    def __init__(
        self, frames: FrameSet, table: pd.DataFrame, config: Config, *, steps: int, changed: bool
    ) -> None:
        self._frames, self._config, self._steps, self._changed = frames, config, steps, changed
        self._places = table[["frame", "x", "y"]].to_numpy(float)
        self._shapes = table[list(SHAPES_TOLD)].to_numpy(np.float32)
        label = table["comet"].to_numpy(bool)
        self._comets, self._others = np.flatnonzero(label), np.flatnonzero(~label)
        if not len(self._comets) or not len(self._others):
            raise ValueError(
                f"of {len(label)} candidates in {len(frames)} frames {len(self._comets)} are "
                "comets: a second look has nothing to tell apart. Take more frames, or a lower gate"
            )

    def __len__(self) -> int:
        """Count the batches of an epoch."""
        return self._steps

    def epoch(self, number: int) -> Iterator[Batch]:
        """Yield the batches of epoch `number`."""
        rng = np.random.default_rng([self._config.training.seed, number])
        count = self._config.training.stamp_batch
        comets = max(1, round(SHARE * count))
        target = (np.arange(count) < comets).astype(np.float32)[:, None]
        for _ in range(self._steps):
            rows = np.concatenate(
                [rng.choice(self._comets, comets), rng.choice(self._others, count - comets)]
            )
            stamps = np.stack([self._stamp(row, rng) for row in rows])
            known = rng.random((count, 1)) >= (UNKNOWN if self._changed else 0)
            inputs = {
                STAMPS: prepare(stamps, PREPROCESSING).planes,
                SHAPES: self._shapes[rows] * known.astype(np.float32),
            }
            yield inputs, target, np.ones(count, np.float32)

    def _stamp(self, row: int, rng: np.random.Generator) -> np.ndarray:
        settings, (frame, x, y) = self._config.windows, self._places[row]
        moved = rng.integers(-JITTER, JITTER + 1, 2) if self._changed else (0, 0)
        left, top = np.rint([x, y]).astype(int) + moved - SIDE // 2
        stamp = self._frames.cut(int(frame), left, top, SIDE)[..., : self._config.inputs.channels]
        if not self._changed:
            return stamp
        if rng.random() < settings.stamps:
            augmentation.lose_edges(stamp, np.rint(rng.normal(0, settings.shift, 2)).astype(int))
        if rng.random() < settings.damage:
            augmentation.damage(stamp, rng=rng)
        nowhere = np.empty(0)
        return augmentation.turn(
            stamp, nowhere, nowhere, int(rng.integers(augmentation.ORIENTATIONS))
        )[0]
