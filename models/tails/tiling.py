"""Tiles that cover a frame, overlapping."""

from __future__ import annotations

import numpy as np

SIDE, OVERLAP = 256, 20
"""As published [px]: 169 tiles on a quadrant of ZTF."""


def starts(length: int, side: int = SIDE, overlap: int = OVERLAP) -> list[int]:
    """Where tiles begin along a side, without a gap; the last one ends where the side does.

    The published formula takes ⌊length / (side − overlap)⌋ tiles, which leaves gaps for some
    lengths, of which ZTF's are none.

    Parameters
    ----------
    length, side, overlap : int
        Of the frame, of the tiles, and of neighbouring tiles [px].

    Examples
    --------
    >>> starts(3080)[:3], starts(3080)[-2:], len(starts(3080)), len(starts(3072))
    ([0, 236, 472], [2596, 2824], 13, 13)
    >>> starts(100)
    [0]
    """
    if length <= side:
        return [0]
    step = side - overlap
    count = -(-(length - side) // step) + 1
    return [min(i * step, length - side) for i in range(count)]


def cut(images: np.ndarray, x: int, y: int, side: int) -> np.ndarray:
    """Cut a tile out of images (h, w, c), a view if it can be; NaN beyond them, on any side."""
    top, left = max(y, 0), max(x, 0)
    part = images[top : max(y + side, 0), left : max(x + side, 0)]
    if part.shape[:2] == (side, side):
        return part
    tile = np.full((side, side, images.shape[2]), np.nan, np.float32)
    if part.size:
        down, across = top - y, left - x
        tile[down : down + part.shape[0], across : across + part.shape[1]] = part
    return tile
