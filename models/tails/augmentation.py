"""Windows as they might have looked: turned, and with pixels lost."""

from __future__ import annotations

import numpy as np

ORIENTATIONS = 8
"""Of a square."""

LARGEST_LOSS = 0.4
"""Of a side, in what is lost at most."""

ALL_IMAGES = 0.5
"""Share of damaged windows that lose the pixels in all images, as at the edge of a detector; the
others in the reference and what is made with it."""

STRIP = 0.6
"""Share of damaged windows that lose a strip at an edge; the others lose a block."""


def turn(
    window: np.ndarray, x: np.ndarray, y: np.ndarray, orientation: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Show a square window in one of its orientations.

    Parameters
    ----------
    window : ndarray (side, side, c)
        Not changed.
    x, y : ndarray (k,)
        Places in it [px].
    orientation : int
        From 0 to 7: how many quarters turned, and flipped from 4 on.

    Returns
    -------
    window, x, y
        The window may be a view.
    """
    last = len(window) - 1
    for _ in range(orientation % 4):
        window, x, y = np.rot90(window), y, last - x
    if orientation >= 4:
        window, y = window[::-1], last - y
    return window, x, y


def damage(window: np.ndarray, *, rng: np.random.Generator) -> None:
    """Lose a strip at an edge, or a block, in place: NaN.

    Parameters
    ----------
    window : ndarray (side, side, c), float32
    rng : numpy.random.Generator
    """
    side = len(window)
    channels = slice(0 if rng.random() < ALL_IMAGES else 1, None)
    width, height = rng.integers(1, max(2, int(LARGEST_LOSS * side)), 2)
    if rng.random() < STRIP:
        # A view turned so that the strip is on top; writing to it writes to the window.
        np.rot90(window, int(rng.integers(4)))[:width, :, channels] = np.nan
        return
    top, left = rng.integers(side - height + 1), rng.integers(side - width + 1)
    window[top : top + height, left : left + width, channels] = np.nan


def lose_edges(window: np.ndarray, beyond: np.ndarray) -> None:
    """Lose what an alert's stamp does not have whose middle is elsewhere, in place: NaN.

    Parameters
    ----------
    window : ndarray (side, side, c), float32
    beyond : ndarray (2,), int
        By how many columns and rows; of the right or lower edge, or, below 0, of the other.
    """
    for axis, lost in ((1, int(beyond[0])), (0, int(beyond[1]))):
        side = window.shape[axis]
        edge = slice(side - lost, side) if lost > 0 else slice(0, -lost)
        window[(slice(None),) * axis + (edge,)] = np.nan
