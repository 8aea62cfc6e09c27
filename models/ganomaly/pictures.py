"""Pictures of a training: what is shown to the network, and what it makes of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

COLUMNS = 8

REALS, RECONSTRUCTIONS, FIXED = "reals.png", "reconstructions.png", "fixed-{epoch:03d}.png"

GAP = 2
"""Pixels between images."""


def write_pictures(
    folder: Path,
    epoch: int,
    images: np.ndarray,
    reconstructions: np.ndarray,
    fixed: np.ndarray,
    of_fixed: np.ndarray,
) -> None:
    """Write the newest images and reconstructions, and those of a fixed set under the epoch's name.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    epoch : int
    images, reconstructions : ndarray (n, side, side, channels)
        In [-1, 1].
    fixed, of_fixed : ndarray (m, side, side, channels)
        Images that are the same in each epoch, and below them their reconstructions.
    """
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(grid(images)).save(folder / REALS)
    Image.fromarray(grid(reconstructions)).save(folder / RECONSTRUCTIONS)
    Image.fromarray(grid(np.concatenate([fixed, of_fixed]), columns=len(fixed))).save(
        folder / FIXED.format(epoch=epoch)
    )


def grid(images: np.ndarray, *, columns: int = COLUMNS) -> np.ndarray:
    """Lay images out in rows, (h, w, 3), uint8."""
    shown = visible(images)
    count, height, width, _ = shown.shape
    rows = -(-count // columns)
    page = np.full((rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, 3), 255, np.uint8)
    for place, image in enumerate(shown):
        top, left = (height + GAP) * (place // columns), (width + GAP) * (place % columns)
        page[top : top + height, left : left + width] = image
    return page


def visible(images: np.ndarray) -> np.ndarray:
    """Make colours of images in [-1, 1]: three channels as they are, others by their mean.

    Returns
    -------
    ndarray (n, h, w, 3), uint8
    """
    if images.shape[-1] != 3:
        images = np.repeat(images.mean(axis=-1, keepdims=True), 3, axis=-1)
    return np.rint(np.clip((images + 1) / 2, 0, 1) * 255).astype(np.uint8)
