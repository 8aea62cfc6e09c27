"""Frames that are no observation: nothing on them, or an edge from side to side.

A cutout beyond a survey's footprint is blank; where a band's coverage ends within it, one side of
it has another sky, or another colour. Nothing is to be learned from either.
"""

from __future__ import annotations

import numpy as np

BLANK = 3 / 255
"""Of the range of the pixels of a channel: below it, there is nothing on it."""

STEP = 8 / 255
"""Of the range, from one line to the next along its whole length: an edge."""

ALIKE = 0.9
"""Share of an edge's pixels that step the same way."""

ALONE = 4.0
"""How much steeper an edge is than three quarters of the lines: light that falls off slowly is of
the sky."""


def artefact(image: np.ndarray) -> str:
    """Say what is wrong with a frame.

    Parameters
    ----------
    image : ndarray (side, side, channels), float32
        From `inputs.prepare`.

    Returns
    -------
    str
        ``blank`` if no channel has anything on it; ``striped`` if an edge goes through a channel
        from side to side, along its rows or columns; else an empty text.
    """
    shown = (image + 1) / 2
    if (np.ptp(shown, axis=(0, 1)) < BLANK).all():
        return "blank"
    return "striped" if _edge(shown) or _edge(shown.swapaxes(0, 1)) else ""


def _edge(image: np.ndarray) -> bool:
    """Tell whether a row differs from the next, all along, as no other does."""
    steps = np.diff(image, axis=0)
    median = np.median(steps, axis=1)
    size = np.abs(median)
    alike = (np.sign(steps) == np.sign(median)[:, None]).mean(axis=1)
    steep = size > np.maximum(STEP, ALONE * np.quantile(size, 0.75, axis=0))
    return bool((steep & (alike >= ALIKE)).any())
