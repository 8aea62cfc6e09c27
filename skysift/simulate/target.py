"""What every kind of object hands over: a place, a light curve, surroundings and the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from skysift.simulate.extended import Extended
from skysift.simulate.neighbours import Neighbours
from skysift.simulate.sky import Position

ZEROPOINT = 25.0
"""Magnitude of a flux of one in light curves."""

FluxModel = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""(jd, fid), each (n,) in time order → flux above the reference image's, (n,), signed."""


@dataclass(frozen=True)
class Target:
    """One object of the simulated sky.

    Attributes
    ----------
    kind, subclass : str
        What it is.
    position : Position
        Where it is.
    flux : callable
        Its light curve: `FluxModel`. May draw at random, so it is called once.
    first_visit : float
        Julian date from which its visits are simulated one by one.
    neighbours : Neighbours
        What else is there, its host among them.
    reference_mag : ndarray (3,)
        Its own magnitude in the reference images in g, r, i; inf where it is not in them.
    own_entry : Neighbours or None
        Its own row in the catalogues, at the place they measured; None if they lack it.
    earlier_start : float
        Julian date of a first detection before `first_visit`; NaN if there was none.
    earlier_rate : float
        Detections per visit between the two.
    peak_mag : float
        Brightest magnitude, free of noise, in g or r over its life; NaN where that means nothing.
    redshift : float
        NaN for what is no galaxy's.
    artefact : str
        For bogus alerts, the shape of the defect; empty otherwise.
    known_body : bool
        Whether a known solar-system object is there.
    extended : Extended or None
        The shape of its changing light; None for a point.
    oddity : str
        What happened to its stamps, by name (`skysift.simulate.oddities`); empty for nothing.
    """

    kind: str
    subclass: str
    position: Position
    flux: FluxModel
    first_visit: float
    neighbours: Neighbours
    reference_mag: np.ndarray
    own_entry: Neighbours | None = None
    earlier_start: float = np.nan
    earlier_rate: float = 0.0
    peak_mag: float = np.nan
    redshift: float = np.nan
    artefact: str = ""
    known_body: bool = False
    extended: Extended | None = None
    oddity: str = ""

    @property
    def catalogue(self) -> Neighbours:
        """All that catalogues have there, the object's own row (if any) first."""
        return self.neighbours if self.own_entry is None else self.own_entry + self.neighbours


NOT_IN_REFERENCE = np.full(3, np.inf)
"""`reference_mag` of what was not there when the reference images were taken."""


def flux_of(mag: np.ndarray | float) -> np.ndarray:
    """Flux, in units of `ZEROPOINT`, of a magnitude; inf has none."""
    return 10.0 ** (-0.4 * (np.asarray(mag) - ZEROPOINT))


def magnitude_of(flux: np.ndarray) -> np.ndarray:
    """Magnitude of a flux in units of `ZEROPOINT`; inf where the flux is not positive."""
    with np.errstate(divide="ignore"):
        return ZEROPOINT - 2.5 * np.log10(np.maximum(flux, 0.0))


def draw_magnitude(
    brightest: float, faintest: float, slope: float, *, rng: np.random.Generator
) -> float:
    """Draw from counts that rise as 10 ** (`slope` m) between two magnitudes."""
    floor = 10.0 ** (slope * (brightest - faintest))
    return float(faintest + np.log10(rng.uniform(floor, 1.0)) / slope)
