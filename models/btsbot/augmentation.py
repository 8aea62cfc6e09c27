"""Training alerts as they might have looked: turned, damaged, not in a catalogue."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from skysift.models.btsbot.inputs import FEATURES, MISSING

STRIP = (2, 20)
"""Narrowest and widest strip of lost pixels at an edge."""

ALL_STAMPS = 0.5
"""Share of damaged alerts that lose the strip in all three stamps: the edge of a CCD; the others
lose it in one: the edge of a reference image, or a bad column."""


ORIENTATIONS = 8
"""Of a square."""


def flip_and_turn(images: np.ndarray, orientation: np.ndarray) -> np.ndarray:
    """Show each alert's images in one of the eight orientations of a square.

    Parameters
    ----------
    images : ndarray (n, side, side, channels)
        Not changed.
    orientation : ndarray (n,), int
        From 0 to 7: flipped from 4 on, and how many quarters turned.
    """
    turned = np.empty_like(images)
    for which in range(ORIENTATIONS):
        rows = np.flatnonzero(orientation == which)
        stamps = np.rot90(images[rows], which % 4, axes=(1, 2))
        turned[rows] = stamps[:, ::-1] if which >= 4 else stamps
    return turned


def hide(host: np.ndarray, share: float, *, rng: np.random.Generator) -> np.ndarray:
    """Take the host image away, as where no survey has one, in a share of the alerts.

    Parameters
    ----------
    host : ndarray (n, 63, 63, 4), float32
        Not changed.
    share : float
        Probability of an alert to lose it.
    """
    kept = rng.random(len(host)) >= share
    return host * kept[:, None, None, None].astype(host.dtype)


def mask(
    metadata: np.ndarray, names: Sequence[str], share: float, *, rng: np.random.Generator
) -> np.ndarray:
    """Mask features together, as in a catalogue without a match, in a share of the alerts.

    Parameters
    ----------
    metadata : ndarray (n, 25), float32
        Not changed.
    names : sequence of str
        Of the features; none is allowed.
    share : float
        Probability of an alert to lose them.
    """
    masked = metadata.copy()
    rows = rng.random(len(metadata)) < share
    for name in names:
        masked[rows, FEATURES.index(name)] = MISSING
    return masked


def damage(triplet: np.ndarray, share: float, *, rng: np.random.Generator) -> np.ndarray:
    """Lose a strip of pixels at an edge, in a share of the alerts.

    What is lost is filled and normalised as ``preprocessing="centred"`` does with NaN pixels: with
    the median of the pixels that are left, then to an L2 norm of 1.

    Parameters
    ----------
    triplet : ndarray (n, side, side, 3), float32
        Not changed.
    share : float
        Probability of an alert to be damaged.
    """
    damaged = triplet.copy()
    for row in np.flatnonzero(rng.random(len(triplet)) < share):
        whole = rng.random() < ALL_STAMPS
        channels = range(3) if whole else [int(rng.integers(3))]
        width, turn = int(rng.integers(*STRIP, endpoint=True)), int(rng.integers(4))
        for channel in channels:
            # A view turned so that the strip is on top; writing to it writes to the stamp.
            _lose(np.rot90(damaged[row, :, :, channel], turn), width)
    return damaged


def _lose(stamp: np.ndarray, width: int) -> None:
    """Fill the first rows of a stamp with the median of the rest, and normalise it, in place."""
    width = min(width, len(stamp) // 2)
    stamp[:width] = np.median(stamp[width:])
    norm = np.linalg.norm(stamp)
    if norm > 0:
        stamp /= norm
