"""Cameras that galaxies are seen with: SDSS, the Legacy Surveys, and ZTF in its alerts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Stamps:
    """How galaxies come into the stamps of alerts.

    Attributes
    ----------
    distances : (nearest, farthest)
        Over those of galaxies that Galaxy Zoo shows. Near ones are there more often than on the
        sky, where few galaxies show anything but that they are there.
    off_centre : float
        The middle is where something flared up: standard deviation of a galaxy's place about it, in
        half-light radii, along either axis.
    """

    distances: tuple[float, float]
    off_centre: float


@dataclass(frozen=True)
class Survey:
    """How deep and how sharp the images of a survey are, in three bands from blue to red.

    Attributes
    ----------
    name : str
    bands : tuple of str
    pixel : float
        Of the camera [arcsec].
    depth : tuple of float
        Magnitude of a star with S/N 5, by band.
    seeing : float
        Median full width at half maximum in r [arcsec].
    seeing_scatter : float
        Relative.
    sharpness : tuple of float
        Seeing by band, over that in r.
    stamps : Stamps or None
        Pictures are template stamps of alerts: in one band, with the camera's own pixels.
    """

    name: str
    bands: tuple[str, str, str]
    pixel: float
    depth: tuple[float, float, float]
    seeing: float
    seeing_scatter: float
    sharpness: tuple[float, float, float]
    stamps: Stamps | None = None

    @property
    def sky_noise(self) -> np.ndarray:
        """Standard deviation of the sky in a camera's pixel [nanomaggies], by band.

        A star's photometry suffers the noise of ``4 π σ²`` pixels.
        """
        sigma = self.seeing * np.array(self.sharpness) / 2.355 / self.pixel
        faintest = 10.0 ** (-0.4 * (np.array(self.depth) - 22.5))
        return faintest / 5.0 / np.sqrt(4.0 * np.pi * sigma**2)


SURVEYS = {
    # Depth of single exposures and median seeing: York et al. (2000, AJ 120, 1579), and the
    # survey's pages on its imaging.
    "sdss": Survey("sdss", ("g", "r", "i"), 0.396, (23.1, 22.7, 22.2), 1.32, 0.10,
                   (1.09, 1.0, 0.94)),
    # Dey et al. (2019, AJ 157, 168), DECaLS.
    "decals": Survey("decals", ("g", "r", "z"), 0.262, (24.7, 23.9, 23.0), 1.18, 0.10,
                     (1.09, 1.0, 0.94)),
    # Bellm et al. (2019, PASP 131, 018002): single exposures reach 20.8, 20.6 and 19.9, and twenty
    # of them, about, are averaged in a template. How far and how far off is set by eye.
    "ztf": Survey("ztf", ("g", "r", "i"), 1.012, (22.4, 22.2, 21.5), 2.0, 0.10, (1.05, 1.0, 1.0),
                  Stamps((0.25, 2.0), off_centre=0.7)),
}  # fmt: skip

DUST = {"g": 1.21, "r": 0.85, "i": 0.65, "z": 0.48}
"""Extinction in a band over that in V (Cardelli, Clayton & Mathis 1989, ApJ 345, 245)."""

OLD = {"g": 0.78, "r": 0.0, "i": -0.39, "z": -0.68}
"""Magnitude less r of old stars, and of young ones: red and blue galaxies nearby."""
YOUNG = {"g": 0.28, "r": 0.0, "i": -0.10, "z": -0.15}
KNOT = {"g": 0.10, "r": 0.0, "i": 0.10, "z": 0.15}
"""Of star-forming regions."""
REDSHIFTED = {"g": 1.8, "r": 0.0, "i": -0.4, "z": -0.8}
"""What redshift adds for old stars, magnitudes per unit of redshift."""
