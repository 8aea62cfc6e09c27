"""Images as a network takes them: as its training set stored them, and no other way."""

from __future__ import annotations

import numpy as np

LARGEST = {"uint8": 255.0, "float32": 1.0}
"""What a white pixel is, by how pixels are stored."""

ROOM = 1e-3
"""How far beyond 0 and 1 a pixel of float may lie."""


def as_stored(images: np.ndarray, side: int, channels: int, pixels: str) -> np.ndarray:
    """Bring images to how a network's training set stored them.

    Parameters
    ----------
    images : ndarray (n, side, side, channels)
        uint8, 0 to 255; or float, 0 to 1, NaN where there are no data.
    side, channels : int
        What the network takes.
    pixels : str
        How its training set stored them: ``uint8`` or ``float32``.

    Returns
    -------
    ndarray (n, side, side, channels), float32

    Raises
    ------
    ValueError
        If they have another shape or type, or pixels of float lie beyond 0 and 1, as they do in
        images that somebody forgot to scale.
    """
    if images.shape[1:] != (side, side, channels):
        raise ValueError(
            f"images must have shape (n, {side}, {side}, {channels}), as the network learned. Got: "
            f"{images.shape}"
        )
    if images.dtype == np.uint8:
        unit = 1 / LARGEST["uint8"]
    elif np.issubdtype(images.dtype, np.floating):
        unit = 1.0
        least, most = np.nanmin(images, initial=0.0), np.nanmax(images, initial=0.0)
        if least < -ROOM or most > 1 + ROOM:
            raise ValueError(
                f"pixels of float must lie between 0 and 1. Got: {least:.4g} to {most:.4g}; give "
                "uint8 for 0 to 255"
            )
    else:
        raise ValueError(f"images must be uint8 or float. Got: {images.dtype}")
    return images.astype(np.float32) * np.float32(unit * LARGEST[pixels])
