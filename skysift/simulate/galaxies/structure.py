"""What a simulated galaxy is: the numbers from which it is drawn and judged."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Structure:
    """A galaxy, or what was taken for one. Strengths run from 0, which is nothing, to 1.

    Attributes
    ----------
    kind : str
        One of `skysift.simulate.galaxies.kinds.KINDS`.
    redshift : float
    r_mag : float
        Total r magnitude.
    r50, r90 : float
        Radii about which half and nine tenths of the light lie [arcsec], along the major axis.
    young : float
        Share of young, blue stars among the light of the disc.
    reddening : float
        Dust all over: magnitudes of g - r.
    angle : float
        Of the major axis, from the picture's x axis towards its y axis [rad].
    inclination : float
        Of the disc: 0 face-on, 90 edge-on [deg]; 0 without a disc.
    thickness : float
        Axis ratio of the disc seen from its edge.
    spheroid : float
        Share of the light in bulge or elliptical; 1 without a disc.
    spheroid_index, spheroid_radius, spheroid_ratio : float
        Sérsic index, half-light radius [arcsec], axis ratio.
    boxiness : float
        Of the spheroid.
    arms : int
        Spiral arms; 0 is none.
    arm_strength, pitch, raggedness : float
        Contrast, pitch angle [deg], how far from smooth.
    sense : int
        Way of winding, 1 or -1.
    bar_strength, bar_length, bar_angle : float
        Contrast, half-length [arcsec], angle in the disc [rad].
    ring_strength, ring_radius : float
        Contrast, radius [arcsec].
    clumps : float
        Light in knots, and how crooked the disc is.
    dust_lane : float
        Depth of the lane of a disc that is seen from its edge.
    tidal : float
        Tails and bending.
    companion, companion_distance, companion_angle : float
        Flux over the galaxy's own (0 without), distance [arcsec], direction [rad].
    trail : float
        Brightness over the sky's noise of a trail across the picture; 0 without.
    """

    kind: str
    redshift: float
    r_mag: float
    r50: float
    r90: float
    young: float
    reddening: float
    angle: float
    inclination: float = 0.0
    thickness: float = 0.15
    spheroid: float = 1.0
    spheroid_index: float = 4.0
    spheroid_radius: float = 1.0
    spheroid_ratio: float = 1.0
    boxiness: float = 0.0
    arms: int = 0
    arm_strength: float = 0.0
    pitch: float = 15.0
    raggedness: float = 0.0
    sense: int = 1
    bar_strength: float = 0.0
    bar_length: float = 0.0
    bar_angle: float = 0.0
    ring_strength: float = 0.0
    ring_radius: float = 0.0
    clumps: float = 0.0
    dust_lane: float = 0.0
    tidal: float = 0.0
    companion: float = 0.0
    companion_distance: float = 0.0
    companion_angle: float = 0.0
    trail: float = 0.0

    @property
    def scale_length(self) -> float:
        """Of the disc's exponential profile [arcsec]."""
        return self.r50 / 1.678

    def farther(self, times: float) -> Structure:
        """Move it so many times farther away: smaller and fainter, as nearby ones are."""
        lengths = {name: getattr(self, name) / times for name in LENGTHS}
        r_mag = self.r_mag + 5.0 * math.log10(times)
        return replace(self, redshift=self.redshift * times, r_mag=r_mag, **lengths)


LENGTHS = ("r50", "r90", "spheroid_radius", "bar_length", "ring_radius", "companion_distance")
"""Attributes of `Structure` in arcsec."""
