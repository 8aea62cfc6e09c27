"""Thumbnails of a detection: the middle of its triplet as three small pictures.

They are stretched and lie as the panel does, north up and east to the left.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from skysift.adapters.skyportal.posts import KINDS
from skysift.frames.panel import CONTRAST

SIDE = 63
"""Pixels of the frame, as in the stamps of alerts."""

ENLARGED = 3
"""Times; older SkyPortals take no picture below 100 pixels a side."""


def thumbnails(cutouts: Path) -> dict[str, bytes]:
    """Draw the thumbnails of a detection.

    Parameters
    ----------
    cutouts : Path
        Its npy file: float32 (rows, columns, 3) as `cutouts.cut` lays it, the detection on the
        pixel (rows // 2, columns // 2), NaN where there is no data.

    Returns
    -------
    dict of str to bytes
        PNG files by `KINDS`.

    Raises
    ------
    OSError, ValueError
        If the file is missing or holds something else; names it.
    """
    try:
        triplet = np.load(cutouts, allow_pickle=False)
    except (EOFError, ValueError) as error:
        raise ValueError(f"{cutouts} is no array: {error}") from None
    if triplet.ndim != 3 or triplet.shape[2] != len(KINDS) or min(triplet.shape[:2]) < SIDE:
        raise ValueError(f"{cutouts} is no triplet of {SIDE} pixels or more: {triplet.shape}")
    row, column = (side // 2 - SIDE // 2 for side in triplet.shape[:2])
    middle = triplet[row : row + SIDE, column : column + SIDE]
    return {kind: draw(middle[:, :, number]) for number, kind in enumerate(KINDS)}


def draw(image: np.ndarray) -> bytes:
    """Draw an image as a PNG file, the first row below.

    Parameters
    ----------
    image : ndarray (rows, columns), float
        Pixels without data, NaN, are drawn as the darkest.

    Returns
    -------
    bytes
        `ENLARGED` times as many rows and columns.
    """
    from astropy.visualization import ZScaleInterval
    from matplotlib import colormaps

    known = image[np.isfinite(image)].astype(np.float64)
    low, high = ZScaleInterval(contrast=CONTRAST).get_limits(known) if known.size else (0.0, 1.0)
    shade = np.nan_to_num((image - low) / max(high - low, 1e-12), nan=0.0, posinf=1.0, neginf=0.0)
    large = np.kron(shade[::-1], np.ones((ENLARGED, ENLARGED)))
    picture = Image.fromarray(colormaps["bone"](large, bytes=True)[:, :, :3])
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()
