"""Cutouts of detections: the same side of the sky up in all of them."""

from __future__ import annotations

import numpy as np
from astropy.wcs import WCS

SIDE = 256
"""Pixels."""

TURNS = [(turns, mirrored) for mirrored in (False, True) for turns in range(4)]
"""Ways to lay a square: quarter turns against the clock, after columns are mirrored or not."""


def cut(images: np.ndarray, x: float, y: float, world: WCS) -> np.ndarray:
    """Cut out what is around a place, and lay it with north up and east to the left.

    Pixels stay what they are: a cutout is turned by quarters and mirrored, whichever comes nearest
    to north up, and is then off by the frame's own angle. Up is where rows end, as
    ``imshow(origin="lower")`` has it.

    Parameters
    ----------
    images : ndarray (h, w, c), float32
    x, y : float
        Column and row, from 0.
    world : astropy.wcs.WCS
        Of the images.

    Returns
    -------
    ndarray (256, 256, c), float32
        The pixel of the place is at [128, 128]. NaN beyond the frame.
    """
    turns, mirrored = orientation(world, x, y)
    # One pixel more than wanted: then the middle stays the middle.
    whole = np.full((SIDE + 1, SIDE + 1, images.shape[2]), np.nan, np.float32)
    left, top = round(float(x)) - SIDE // 2, round(float(y)) - SIDE // 2
    inside = images[max(top, 0) : max(top + SIDE + 1, 0), max(left, 0) : max(left + SIDE + 1, 0)]
    down, across = max(-top, 0), max(-left, 0)
    whole[down : down + inside.shape[0], across : across + inside.shape[1]] = inside
    laid = whole[:, ::-1] if mirrored else whole
    return np.ascontiguousarray(np.rot90(laid, -turns)[:SIDE, :SIDE])


def orientation(world: WCS, x: float, y: float) -> tuple[int, bool]:
    """Say how an image must be laid for north up and east to the left.

    Returns
    -------
    turns : int
        Quarter turns against the clock, as seen with the first row below.
    mirrored : bool
        Whether its columns are to be mirrored before that.

    Examples
    --------
    >>> plain = WCS(naxis=2)
    >>> plain.wcs.ctype, plain.wcs.cdelt = ["RA---TAN", "DEC--TAN"], [-1e-3, 1e-3]
    >>> orientation(plain, 10.0, 10.0)
    (0, False)
    >>> plain.wcs.cdelt = [1e-3, -1e-3]
    >>> orientation(plain, 10.0, 10.0)
    (2, False)
    """
    north, west = _directions(world, x, y)

    def fit(turn: tuple[int, bool]) -> float:
        return float((_laid(north, *turn) @ [0.0, 1.0]) + (_laid(west, *turn) @ [1.0, 0.0]))

    return max(TURNS, key=fit)


def tilt(world: WCS, x: float, y: float) -> float:
    """Angle by which north is left of up in a cutout [deg]."""
    north, _ = _directions(world, x, y)
    across, up = _laid(north, *orientation(world, x, y))
    return float(np.degrees(np.arctan2(-across, up)))


def _directions(world: WCS, x: float, y: float) -> tuple[np.ndarray, np.ndarray]:
    """Where north and west are on the pixels (to the right, up), as unit vectors."""
    ra, dec = world.all_pix2world([x, x + 1.0, x], [y, y, y + 1.0], 0)
    west = -(((ra - ra[0]) + 180.0) % 360.0 - 180.0) * np.cos(np.radians(dec[0]))
    north = dec - dec[0]
    across, up = np.array([west[1], north[1]]), np.array([west[2], north[2]])
    pixels = np.linalg.inv(np.stack([across, up], axis=1))
    steps = pixels[:, 1], pixels[:, 0]
    return steps[0] / np.linalg.norm(steps[0]), steps[1] / np.linalg.norm(steps[1])


def _laid(vector: np.ndarray, turns: int, mirrored: bool) -> np.ndarray:
    """Where a vector (to the right, up) points once the image is laid."""
    across, up = (-vector[0] if mirrored else vector[0]), vector[1]
    for _ in range(turns):
        across, up = -up, across
    return np.array([across, up])
