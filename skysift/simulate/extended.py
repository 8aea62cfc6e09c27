"""Alerts of what is no point: its image, and how it fools photometry made for stars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skysift.simulate.glow import Glow, round_glow
from skysift.simulate.images import PIXEL_SCALE, moffat_components

APERTURES = (4.0, 9.0)
"""Radii [px] within which ZTF sums `magap` and `magapbig`."""
SEEING = 2.2
"""Seeing [px] for which the photometry is computed; how it changes with it is left out."""

WIDEST = 3.0
"""Largest `Extended.broadening`: the pipeline measures widths on the bright core."""


@dataclass(frozen=True)
class Extended:
    """An extended source in an alert.

    Attributes
    ----------
    glow : Glow
        Its light on the pixels, columns to the west and rows to the south, where a PSF fit at the
        origin finds a flux of one.
    psf_loss : float
        Total magnitude less `magpsf`: negative, for the fit misses light [mag].
    aperture, large_aperture : float
        `magap` and `magapbig` less `magpsf` [mag].
    broadening : float
        Its width over a star's.
    """

    glow: Glow
    psf_loss: float
    aperture: float
    large_aperture: float
    broadening: float


def make_extended(glow: Glow) -> Extended:
    """What photometry makes of light of unit flux, `x` east and `y` north [arcsec]."""
    on_pixels = glow.mapped(-np.eye(2) / PIXEL_SCALE)
    share, sigma = moffat_components(SEEING)
    star = round_glow(share, sigma)
    seen = [on_pixels.blurred(width).scaled(part) for part, width in zip(share, sigma, strict=True)]
    fitted = sum(_overlap(part, star) for part in seen) / _overlap(star, star)
    excess = [
        sum(part.within(radius) for part in seen) / star.within(radius) / fitted
        for radius in APERTURES
    ]
    size = min(np.hypot(1.0, on_pixels.half_light() / star.half_light()), WIDEST)
    return Extended(
        glow=on_pixels.scaled(1.0 / fitted),
        psf_loss=float(2.5 * np.log10(fitted)),
        aperture=float(-2.5 * np.log10(excess[0])),
        large_aperture=float(-2.5 * np.log10(excess[1])),
        broadening=float(size),
    )


def _overlap(first: Glow, second: Glow) -> float:
    """Integral of the product: each pair of Gaussians gives one in their distance."""
    xx = first.xx[:, None] + second.xx
    xy = first.xy[:, None] + second.xy
    yy = first.yy[:, None] + second.yy
    x, y = first.x[:, None] - second.x, first.y[:, None] - second.y
    determinant = xx * yy - xy**2
    power = (yy * x**2 - 2.0 * xy * x * y + xx * y**2) / determinant
    density = np.exp(-0.5 * power) / (2.0 * np.pi * np.sqrt(determinant))
    return float(first.flux @ density @ second.flux)
