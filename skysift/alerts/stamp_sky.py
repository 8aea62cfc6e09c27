"""Where on the sky the pixels of ZTF's stamps lie; packets hold no WCS.

Columns count to the west and rows to the south, as in ZTF's frames. The pixel in which the alert
was measured is the middle one of 63; a stamp at a frame's edge ends there. That is found on real
alerts, by the positions, `xpos` and `ypos` of several in one exposure (tests/alerts/
test_stamp_sky.py).

North is turned by (α − α₀) sin δ, where α₀ is that of the field's centre, which packets do not
tell: by less than 1° in most of these exposures, by 2.7° in one at δ = 41°. A place 5 px from the
alert is wrong by 0.2″ for it, one at the stamp's edge by 1.5″, and by more towards the poles.
"""

from __future__ import annotations

import numpy as np

PIXEL = 1.0123
"""Arcseconds per pixel."""

FRAME = (3080, 3072)
"""Rows and columns of a frame; `xpos` and `ypos` count from 1."""

REACH = 31
"""Pixels of a stamp on each side of the middle one."""


def alert_in_stamp(position: np.ndarray, side: np.ndarray | int, length: int) -> np.ndarray:
    """Tell where the alert lies along one axis of its stamp.

    Parameters
    ----------
    position : ndarray (n,), float64
        `xpos` or `ypos`; NaN is null, and then the alert is in the middle of its pixel.
    side : ndarray (n,) or int
        Of the stamps [px].
    length : int
        Of the frame [px].

    Returns
    -------
    ndarray (n,), float64
        From 0 at the centre of the first pixel. Of a stamp cut to another size than ZTF's, the
        middle; NaN where it has none, being of an even size that no edge of the frame explains.

    Examples
    --------
    In the middle of a frame, and 3 px from its right edge:

    >>> alert_in_stamp(np.array([1000.25, 3069.0]), np.array([63, 35]), 3072)
    array([31.25, 31.  ])
    """
    with np.errstate(invalid="ignore"):
        pixel = np.rint(position)
        first = np.maximum(pixel - REACH, 1)
        last = np.minimum(pixel + REACH, length)
        as_cut = last - first + 1 == side
        beside = np.where(np.isfinite(position), position - pixel, 0.0)
        middle = np.where(np.mod(side, 2) == 1, (np.asarray(side) - 1) / 2 + beside, np.nan)
        return np.where(as_cut, position - first, middle)


def on_the_sky(
    x: np.ndarray, y: np.ndarray, ra: np.ndarray, dec: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Go from an alert's position by pixels of its stamp.

    The inverse gnomonic projection (Calabretta & Greisen 2002, A&A 395, 1077, sect. 5.1.3).

    Parameters
    ----------
    x, y : ndarray (n,), float64
        Columns and rows from the alert [px].
    ra, dec : ndarray (n,), float64
        Of the alert (J2000, deg).

    Returns
    -------
    ra, dec : ndarray (n,), float64
        J2000, deg. NaN where the alert's position is none.

    Examples
    --------
    One pixel to the north of the celestial equator, one to the east:

    >>> ra, dec = on_the_sky(np.array([0, -1]), np.array([-1, 0]), np.zeros(2), np.zeros(2))
    >>> (3600 * ra).round(4), (3600 * dec).round(4)
    (array([0.    , 1.0123]), array([1.0123, 0.    ]))
    """
    known = (ra >= 0) & (ra <= 360) & (np.abs(dec) <= 90)
    alpha, delta = (np.radians(np.where(known, angle, np.nan)) for angle in (ra, dec))
    xi, eta = (np.radians(-pixels * PIXEL / 3600.0) for pixels in (x, y))
    forward = np.cos(delta) - eta * np.sin(delta)
    there = alpha + np.arctan2(xi, forward)
    up = np.arctan2(np.sin(delta) + eta * np.cos(delta), np.hypot(xi, forward))
    return np.degrees(there) % 360.0, np.degrees(up)
