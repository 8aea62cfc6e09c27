"""Where, when and how well the survey looked: what is drawn before any light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from astropy.io import fits

from skysift.alerts.frame_name import FrameName
from skysift.simulate.frames.camera import PIXEL_SCALE, Channel, make_header, shifted
from skysift.simulate.frames.psf import Optics, make_optics
from skysift.simulate.observing import (
    ZEROPOINTS,
    night_number,
    science_noise,
    sky_level,
)
from skysift.simulate.sky import Position, make_position

FIRST_FIELD, FIELDS = 245, 636
"""Numbers of the survey's main grid. A number says nothing about where a simulated field lies."""
CHANNELS = 64
BANDS = (0.3, 0.6, 0.1)
"""Shares of g, r and i."""
NIGHTS = (2458200, 2460583)
"""Julian dates between which a night is drawn unless one is given."""
SEEING = (1.75, 0.18)
"""Median [px] and log-scatter of the seeing before the pixels: 2.1 arcsec in the end."""
REVISIT = (0.02, 0.04)
"""Days from one exposure of a field to its next."""
DITHER, TURN = 25.0, 0.15
"""Scatter of pointings against the reference [px], and of position angles [deg]."""
ASTROMETRY = 0.04
"""Error of a frame's WCS on each axis [px]: 45 to 85 mas in ZTF (Masci et al. 2019)."""
PHOTOMETRY = 0.003
"""Relative error of the match of reference and science fluxes."""


@dataclass(frozen=True)
class Exposure:
    """One exposure of a field, or the reference.

    Attributes
    ----------
    true_header, header : astropy.io.fits.Header
        WCS by which the light falls, and the one that the pipeline found.
    optics : Optics
    zeropoint : float
        Magnitude of one DN.
    sky : float
        Level [DN].
    noise_factor : float
        Noise relative to a single exposure's.
    turn : float
        Position angle [deg].
    """

    true_header: fits.Header
    header: fits.Header
    optics: Optics
    zeropoint: float
    sky: float
    noise_factor: float
    turn: float

    @property
    def sky_noise(self) -> float:
        """Noise per pixel of empty sky [DN]."""
        return float(self.noise_factor * science_noise(np.array(self.sky)))

    def noise(self, level: np.ndarray) -> np.ndarray:
        """Noise [DN] of pixels whose level, sky included, is given [DN]."""
        return (self.noise_factor * science_noise(level)).astype(np.float32)


@dataclass(frozen=True)
class Pointing:
    """A field, filter and channel, with its reference and its exposures.

    Attributes
    ----------
    names : tuple of FrameName
        One for each exposure.
    position : Position
        Centre of the reference.
    reference : Exposure
    exposures : tuple of Exposure
    stacked : int
        Images in the reference.
    shape : (height, width)
        Of all its frames [px].
    """

    names: tuple[FrameName, ...]
    position: Position
    reference: Exposure
    exposures: tuple[Exposure, ...]
    stacked: int
    shape: tuple[int, int]

    def minutes(self, exposure: int) -> float:
        """Time from the middle of the first exposure to that of another."""
        return (self.names[exposure].jd - self.names[0].jd) * 1440.0


def make_pointing(
    index: int,
    shape: tuple[int, int],
    visits: int,
    night: float | None,
    *,
    rng: np.random.Generator,
) -> Pointing:
    """Draw a field and its exposures.

    Parameters
    ----------
    index : int
        Its number: 40,000 of them share no field, detector and quadrant, and 600 no field.
    shape : (height, width)
    visits : int
        Exposures in the night.
    night : float or None
        Julian date within the night; drawn from five years if None.
    rng : numpy.random.Generator
    """
    position = make_position(rng=rng)
    fid = 1 + int(rng.choice(3, p=BANDS))
    # 29 * FIELDS + 1 is odd: all channels of a field are used before one comes again.
    rank = (29 * index + index // FIELDS) % CHANNELS
    channel = Channel(rank // 4 + 1, rank % 4 + 1)
    names = _names(index, fid, channel, night, visits, rng)
    stacked = int(rng.choice([15, 15, 16, 18, 20, 25, 40]))
    number = night_number(names[0].jd)
    levels = sky_level(np.full(visits, number), np.full(visits, fid), rng=rng)
    centre = (position.ra, position.dec)
    reference = _make_exposure(
        centre, shape, channel, sky=float(sky_level(np.array([5]), np.array([fid]), rng=rng)[0]),
        zeropoint=ZEROPOINTS[fid - 1], seeing=float(np.clip(rng.normal(1.65, 0.12), 1.4, 2.2)),
        noise_factor=stacked**-0.5, rng=rng,
    )  # fmt: skip
    exposures = tuple(
        _make_exposure(
            _dithered(centre, rng), shape, channel, sky=float(sky),
            zeropoint=ZEROPOINTS[fid - 1] - float(rng.exponential(0.06)),
            seeing=float(np.clip(rng.lognormal(np.log(SEEING[0]), SEEING[1]), 1.3, 3.8)),
            noise_factor=1.0, rng=rng,
        )
        for sky in levels
    )  # fmt: skip
    return Pointing(names, position, reference, exposures, stacked, shape)


def _names(
    index: int,
    fid: int,
    channel: Channel,
    night: float | None,
    visits: int,
    rng: np.random.Generator,
) -> tuple[FrameName, ...]:
    """Exposures between dusk and dawn at Palomar, 3 to 12 h UT."""
    day = np.floor((night if night is not None else rng.uniform(*NIGHTS)) - 0.5) + 0.5
    field = FIRST_FIELD + index % FIELDS
    times = rng.uniform(0.13, 0.38) + np.cumsum(np.append(0.0, rng.uniform(*REVISIT, visits - 1)))
    # In the middle of the millionth of a day that the name tells, so that it is never rounded.
    ticks = np.floor(times * 1e6) + 0.5
    return tuple(
        FrameName(float(day + tick / 1e6), field, fid, channel.ccd, channel.quadrant)
        for tick in ticks
    )


def _dithered(centre: tuple[float, float], rng: np.random.Generator) -> tuple[float, float]:
    east, north = rng.normal(0.0, DITHER * PIXEL_SCALE / 3600.0, 2)
    return (centre[0] + east / np.cos(np.radians(centre[1]))) % 360.0, centre[1] + north


def _make_exposure(
    centre: tuple[float, float],
    shape: tuple[int, int],
    channel: Channel,
    *,
    sky: float,
    zeropoint: float,
    seeing: float,
    noise_factor: float,
    rng: np.random.Generator,
) -> Exposure:
    turn = float(rng.normal(0.0, TURN))
    true_header = make_header(centre, shape, turn, channel.place)
    found = shifted(true_header, *rng.normal(0.0, ASTROMETRY, 2))
    optics = make_optics(seeing, channel.place, rng=rng)
    return Exposure(true_header, found, optics, zeropoint, sky, noise_factor, turn)


def limiting_magnitude(exposure: Exposure, noise_pixels: float) -> float:
    """Magnitude of a point that a perfect PSF fit measures at 5 sigma on empty sky."""
    return exposure.zeropoint - 2.5 * np.log10(5.0 * exposure.sky_noise * noise_pixels**0.5)
