"""Pictures out of images in three bands, as surveys show them to volunteers."""

from __future__ import annotations

import numpy as np

SDSS_SCALES = (1.45, 1.17, 1.0)
"""g, r and i are multiplied by these before they are blue, green and red."""
SDSS_FLOOR = 0.025
"""Added to each [nanomaggies per pixel of 0.396 arcsec], so that the sky is not cut at 0."""
SDSS_BEND, SDSS_WHITE = 5.0, 20.0
"""Flux times the first is bent by arcsinh; of the second it is white."""

DR2_SCALES = {"g": 0.008, "r": 0.014, "z": 0.019}
"""What a band is divided by [nanomaggies per pixel of 0.262 arcsec]."""
DR2_RANGE = (-0.5, 300.0)
"""Scaled flux that is black, and white."""
DR2_GREY = 2.5
"""A pixel with a band this many times above the mean of them all is made grey."""


def sdss_picture(bands: np.ndarray) -> np.ndarray:
    """Colour picture as SDSS makes them.

    The mean of the bands is stretched by arcsinh and hue is kept (Lupton et al. 2004, PASP 116,
    133). Scales and bend were set so that simulated sky and galaxies come out as bright and as
    coloured as in 75 of SDSS's own pictures.

    Parameters
    ----------
    bands : ndarray (3, h, w)
        g, r and i, in nanomaggies per pixel of 0.396 arcsec.

    Returns
    -------
    ndarray (h, w, 3) uint8
        Red, green, blue; rows as in `bands`.
    """
    scaled = np.asarray(bands, np.float32) * np.array(SDSS_SCALES, np.float32)[:, None, None]
    scaled = scaled + np.float32(SDSS_FLOOR)
    mean = np.maximum(scaled, 0.0).mean(axis=0)
    bright = np.arcsinh(SDSS_BEND * mean) / np.float32(np.arcsinh(SDSS_BEND * SDSS_WHITE))
    rgb = scaled[::-1] * (bright / np.maximum(mean, 1e-6))
    return _bytes(rgb)


def dr2_picture(bands: np.ndarray, *, desaturate: bool = True) -> np.ndarray:
    """Colour picture of g, r and z, as Galaxy Zoo DECaLS showed them ("dr2 style").

    Each band over its scale, through arcsinh, from -0.5 (black) to 300 (white). Where one band is
    far above the others, as noise is, colours are drawn towards grey: with `a` the mean over the
    bands, ``w = sin(π/2 (1 - min(1, max_b(x_b / a) / 2.5)))``, a band becomes
    ``x w + a (1 - w) + a (1 - w)² x``.

    Parameters
    ----------
    bands : ndarray (3, h, w)
        g, r and z, in nanomaggies per pixel of 0.262 arcsec. NaN is black.
    desaturate : bool
        Draw towards grey.

    Returns
    -------
    ndarray (h, w, 3) uint8
        Red, green, blue; rows as in `bands`.

    References
    ----------
    Walmsley et al. (2020, MNRAS 491, 1554), and the code of the Legacy Surveys' viewer.
    """
    scales = np.array(list(DR2_SCALES.values()), np.float32)[:, None, None]
    black, white = np.arcsinh(np.array(DR2_RANGE, np.float32))
    stretched = np.arcsinh(np.nan_to_num(np.asarray(bands, np.float32)) / scales)
    rgb = (stretched[::-1] - black) / (white - black)
    if desaturate:
        mean = rgb.mean(axis=0)
        mean = np.where(mean == 0.0, np.float32(1.0), mean)
        purity = np.minimum((rgb / mean).max(axis=0) / DR2_GREY, 1.0)
        weight = np.sin(0.5 * np.pi * (1.0 - purity))
        rgb = rgb * weight + mean * (1.0 - weight) + mean * (1.0 - weight) ** 2 * rgb
    return _bytes(rgb)


def _bytes(rgb: np.ndarray) -> np.ndarray:
    """Planes from 0 to 1 as pixels of a picture."""
    return (np.moveaxis(np.clip(rgb, 0.0, 1.0), 0, -1) * 255.0).astype(np.uint8)
