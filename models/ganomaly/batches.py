"""Batches of images in an order of their own each epoch; the last that is not full is left out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from skysift.models.ganomaly.training_set import ImageSet

ORIENTATIONS = 8


class ImageBatches:
    """Batches of images; all that is random follows from seed and epoch.

    Parameters
    ----------
    images : ImageSet
    rows : ndarray of int64
        Which of them.
    batch : int
        Images of each.
    turned : bool
        Show each image in one of its eight orientations.
    seed : int

    Raises
    ------
    ValueError
        If there are fewer images than a batch.
    """

    def __init__(
        self, images: ImageSet, rows: np.ndarray, *, batch: int, turned: bool, seed: int
    ) -> None:
        if len(rows) < batch:
            raise ValueError(
                f"there are {len(rows):,} images to learn from, fewer than a batch of {batch}: "
                "give more images, or lower batch in [training]"
            )
        self._images, self._rows, self._batch = images, rows, batch
        self._turned, self._seed = turned, seed

    def __len__(self) -> int:
        """Count the batches of an epoch."""
        return len(self._rows) // self._batch

    def epoch(self, number: int) -> Iterator[np.ndarray]:
        """Yield the batches of epoch `number`, (b, side, side, channels), float32."""
        rng = np.random.default_rng([self._seed, number])
        order = rng.permutation(self._rows)
        for start in range(0, len(self) * self._batch, self._batch):
            images = self._images.pixels[order[start : start + self._batch]].astype(np.float32)
            if self._turned:
                images = turn(images, rng.integers(ORIENTATIONS, size=len(images)))
            yield images


def turn(images: np.ndarray, how: np.ndarray) -> np.ndarray:
    """Turn square images by quarters, and mirror those of 4 and more.

    Parameters
    ----------
    images : ndarray (n, side, side, channels)
    how : ndarray (n,) of int
        Below `ORIENTATIONS`.
    """
    turned = np.empty_like(images)
    for orientation in range(ORIENTATIONS):
        chosen = how == orientation
        some = np.rot90(images[chosen], orientation % 4, axes=(1, 2))
        turned[chosen] = some[:, :, ::-1] if orientation >= 4 else some
    return turned
