"""Batches of windows, cut and prepared as they are needed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from skysift.models._fitting.loop import Batch
from skysift.models.tails import augmentation, targets
from skysift.models.tails.config import Config
from skysift.models.tails.inputs import Sky, padded, prepare
from skysift.models.tails.networks import INPUT, STRIDE
from skysift.models.tails.training_set import FrameSet
from skysift.models.tails.windows import Window, Windows

SEEN = 3
"""Pixels on each side of a nucleus, most of which must be there for it to count."""


class WindowBatches:
    """Batches of windows, others in each epoch; all that is random follows from seed and epoch.

    Parameters
    ----------
    frames : FrameSet
    config : Config
    steps : int
        Batches of an epoch.
    changed : bool
        Turn and damage windows, as the config says; not for judging.
    """

    def __init__(self, frames: FrameSet, config: Config, *, steps: int, changed: bool) -> None:
        self._windows = Windows(frames, config.windows)
        self._config, self._steps, self._changed = config, steps, changed

    def __len__(self) -> int:
        """Count the batches of an epoch."""
        return self._steps

    def epoch(self, number: int) -> Iterator[Batch]:
        """Yield the batches of epoch `number`."""
        rng = np.random.default_rng([self._config.training.seed, number])
        for _ in range(self._steps):
            yield self._batch(rng)

    def _batch(self, rng: np.random.Generator) -> Batch:
        """Make a batch of tiles, or one of stamps."""
        windows, training = self._config.windows, self._config.training
        stamps = bool(rng.random() < windows.stamps)
        side, count = (
            (windows.stamp, training.stamp_batch) if stamps else (windows.tile, training.batch)
        )
        drawn = [self._changed_by(self._windows.draw(side, middle=stamps, rng=rng), rng)
                 for _ in range(count)]  # fmt: skip
        images = np.stack([window.image for window in drawn])[..., : self._config.inputs.channels]
        ready = prepare(images, self._config.inputs.preprocessing)
        target = np.stack(
            [self._target(_comets(window, ready.sky, i), side) for i, window in enumerate(drawn)]
        )
        # What has no number anywhere teaches nothing, and divided by no norm it may be NaN.
        ready.planes[~ready.good] = 0
        return {INPUT: ready.planes}, target, ready.good.astype(np.float32)

    def _changed_by(self, window: Window, rng: np.random.Generator) -> Window:
        if not self._changed:
            return window
        settings, image, comets = self._config.windows, window.image, window.comets
        if settings.augment:
            image, x, y = augmentation.turn(
                image, comets["x"], comets["y"], int(rng.integers(augmentation.ORIENTATIONS))
            )
            comets = {**comets, "x": x, "y": y}
        if rng.random() < settings.damage:
            image = image.copy()
            augmentation.damage(image, rng=rng)
        return Window(image, comets, window.zeropoint)

    def _target(self, comets: targets.Comets, side: int) -> np.ndarray:
        side = padded(side)
        if self._config.network.name == "tails_v1":
            return targets.one(comets, side)
        return targets.maps(comets, (side // STRIDE, side // STRIDE))


def _comets(window: Window, sky: Sky, image: int) -> targets.Comets:
    """Say of comets what targets are made of; those far off the window are left out."""
    side, reach = len(window.image), np.nan_to_num(window.comets["coma"]) + STRIDE
    x, y = window.comets["x"], window.comets["y"]
    near = (np.minimum(x, y) > -reach) & (np.maximum(x, y) < side + reach)
    near_by = {name: column[near] for name, column in window.comets.items()}
    x, y = near_by["x"], near_by["y"]
    of_noise = window.zeropoint - 2.5 * np.log10(sky.noise_at(image, x, y))
    return targets.Comets(
        x=x,
        y=y,
        brightness=of_noise - near_by["mag"],
        size=near_by["size"],
        coma=near_by["coma"],
        counted=near_by["counted"] & ~_hidden(window.image, x, y),
    )


def _hidden(image: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Tell which places have lost most of the science pixels around them, (k,) of bool."""
    hidden = np.zeros(len(x), bool)
    for i, (column, row) in enumerate(
        zip(np.rint(x).astype(int), np.rint(y).astype(int), strict=True)
    ):
        around = image[
            max(row - SEEN, 0) : row + SEEN + 1, max(column - SEEN, 0) : column + SEEN + 1, 0
        ]
        hidden[i] = around.size > 0 and np.isnan(around).mean() > 0.5
    return hidden
