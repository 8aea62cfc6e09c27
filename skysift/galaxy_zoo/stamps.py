"""Pictures out of the template stamps of alerts: grey, and alike however deep the template is."""

from __future__ import annotations

import numpy as np

MASKED = np.float32(1e30)
"""ZTF's reference images hold −3.4e38, the lowest float32, where a pixel is masked."""
DARK = 20.0
"""Percentile of a stamp's pixels that is sky even where a galaxy fills most of it."""
DARK_BELOW = 0.8416
"""How far that percentile lies below the mean of Gaussian noise, in its standard deviations."""
BEND, WHITE = 3.0, 5000.0
"""Light over the noise at which the scale turns from even to logarithmic, and which is white."""
BLACK = -3.0
"""Light over the noise that is black."""
SCATTER = 1.4826
"""Standard deviation over the median of absolute deviations, of Gaussian noise."""


def stamp_picture(stamp: np.ndarray) -> np.ndarray:
    """Grey picture of a stamp: light above the sky, over the noise, through arcsinh.

    The noise is measured on differences of neighbours, so that galaxies add little to it; the sky
    on the darkest fifth of the pixels. Neither unit nor zero point of the stamp plays a role.

    Parameters
    ----------
    stamp : ndarray (h, w), float
        NaN, or beyond `MASKED`, where there are no data: as dark as the sky in the picture.

    Returns
    -------
    ndarray (h, w), uint8

    Raises
    ------
    ValueError
        If the stamp shows nothing: no two neighbours with data, or all of one value.

    Examples
    --------
    >>> stamp = 240.0 + np.random.default_rng(1).normal(0.0, 1.5, (63, 63))
    >>> stamp[31, 31] += 3000.0
    >>> picture = stamp_picture(stamp)
    >>> int(np.median(picture)), int(picture[31, 31])
    (24, 228)
    """
    light = np.array(stamp, np.float32)
    light[~(np.abs(light) < MASKED)] = np.nan
    steps = np.diff(light, axis=1)
    steps = steps[np.isfinite(steps)]
    noise = SCATTER / np.sqrt(2.0) * np.median(np.abs(steps)) if len(steps) else 0.0
    if not noise > 0.0:
        raise ValueError("the stamp shows nothing: it has no data, or all of one value")
    known = light[np.isfinite(light)]
    sky = np.percentile(known, DARK) + DARK_BELOW * noise
    above = np.nan_to_num((light - sky) / noise)
    black, white = np.arcsinh(np.array([BLACK, WHITE]) / BEND)
    bright = (np.arcsinh(above / BEND) - black) / (white - black)
    return (np.clip(bright, 0.0, 1.0) * 255.0).astype(np.uint8)
