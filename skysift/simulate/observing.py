"""When the survey looked at a place, in which band, and how well it could see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BANDS = ("g", "r", "i")
"""Names of the bands; ZTF's `fid` is the place in this list, counted from one."""
FIRST_NIGHT = 2457754.5
"""Julian date at which ZTF's night number is 0."""
SURVEY_START = 2458194.0
"""Julian date at which the survey began."""
ZEROPOINTS = (26.25, 26.25, 25.65)
"""Magnitudes of one DN in g, r, i without clouds."""
SLOTS_A_DAY = 100_000
"""Image identifiers tell time in steps of 1e-5 day."""
SLOT = 46
"""Steps from one exposure to the next: about 40 s."""
GAIN = 6.2
"""Electrons per DN."""
READ_NOISE = 3.0
"""Noise per pixel [DN] that does not come from the sky."""


@dataclass(frozen=True)
class Visits:
    """Exposures of one place in time order; all arrays have shape (n,).

    Attributes
    ----------
    night, step : ndarray of int
        Night number, and time within it in steps of 1e-5 day.
    fid : ndarray of int
        Filter: 1 g, 2 r, 3 i.
    zeropoint : ndarray
        Magnitude of one DN.
    seeing : ndarray
        Full width at half maximum of a star [px].
    background : ndarray
        Sky level [DN].
    pixel_noise : ndarray
        Noise per pixel of the difference image [DN].
    """

    night: np.ndarray
    step: np.ndarray
    fid: np.ndarray
    zeropoint: np.ndarray
    seeing: np.ndarray
    background: np.ndarray
    pixel_noise: np.ndarray

    def __len__(self) -> int:
        return len(self.night)

    @property
    def jd(self) -> np.ndarray:
        """Julian date at the start of the exposure."""
        return np.round(FIRST_NIGHT + self.night + self.step / SLOTS_A_DAY, 7)

    @property
    def limit_flux(self) -> np.ndarray:
        """Flux [DN] of one sigma of the published limit, which no PSF fit is as bad as."""
        return 2.6 * self.pixel_noise * np.sqrt(4.0 * np.pi) * self.seeing / 2.355

    @property
    def diffmaglim(self) -> np.ndarray:
        """Published 5-sigma limit of the difference image [mag]."""
        return self.zeropoint - 2.5 * np.log10(5.0 * self.limit_flux)


def night_number(jd: float) -> int:
    """Number of the ZTF night in which a Julian date falls."""
    return int(np.floor(jd - FIRST_NIGHT))


def make_visits(first: float, last_night: int, phase: int, *, rng: np.random.Generator) -> Visits:
    """Draw the exposures of a place from a Julian date up to and including a night.

    Parameters
    ----------
    first : float
        Julian date of the earliest exposure wanted.
    last_night : int
        Number of the night of the last exposures; the place is always seen then.
    phase : int
        Step within a slot, 0 to `SLOT` - 1. Places with different phases never share an
        exposure, hence never an image identifier.
    rng : numpy.random.Generator
        Source of chance.
    """
    nights = _visited_nights(night_number(first), last_night, rng)
    night, step, fid = _exposures(nights, phase, rng)
    background = sky_level(night, fid, rng=rng)
    seeing = np.clip(rng.lognormal(np.log(2.2), 0.2, len(night)), 1.5, 5.0)
    clouds = rng.exponential(0.06, len(night))
    zeropoint = np.array(ZEROPOINTS)[fid - 1] - clouds
    noise = 1.08 * science_noise(background) * rng.lognormal(0.0, 0.08, len(night))
    return Visits(night, step, fid, zeropoint, seeing, background, noise)


def science_noise(level: np.ndarray) -> np.ndarray:
    """Noise per pixel of a science image [DN] where it has a level [DN] of sky and stars."""
    return np.sqrt(np.maximum(level, 0.0) / GAIN + READ_NOISE**2)


def sky_level(night: np.ndarray, fid: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    """Draw sky levels [DN] for night numbers and filters (n,): dark sky, and the night's Moon."""
    new_moon = 2451550.1 - FIRST_NIGHT
    illumination = 0.5 - 0.5 * np.cos(2.0 * np.pi * (night - new_moon) / 29.530589)
    dark = np.array([70.0, 95.0, 140.0])[fid - 1]
    moon = np.array([150.0, 110.0, 60.0])[fid - 1]
    return (dark + moon * illumination**2) * rng.lognormal(0.0, 0.12, len(night))


def _visited_nights(first: int, last: int, rng: np.random.Generator) -> np.ndarray:
    """Nights from `last` backwards, mostly two or three days apart, with gaps for weather."""
    gaps = rng.choice([1, 2, 2, 3, 3, 4, 7], max(last - first, 1))
    nights = last - np.concatenate([[0], np.cumsum(gaps)])
    return nights[nights >= first][::-1]


def _exposures(
    nights: np.ndarray, phase: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two exposures a night in most nights, g and r or r and g, now and then one in i."""
    count = len(nights)
    slots = SLOTS_A_DAY // SLOT
    start = rng.integers(int(0.12 * slots), int(0.42 * slots), count)
    later = start + rng.integers(int(0.01 * slots), int(0.08 * slots), count)
    fids = np.where(rng.random(count)[:, None] < 0.5, [1, 2], [2, 1])
    fids[rng.random(count) < 0.04, 1] = 3
    keep = np.stack([np.ones(count, bool), rng.random(count) < 0.8], axis=1)
    step = np.stack([start, later], axis=1) * SLOT + phase
    return np.repeat(nights, 2)[keep.ravel()], step[keep], fids[keep]
