"""Where Sun, planets and observer are: DE421, and time, by Skyfield."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from skysift.frames.known.orbits import OrbitError
from skysift.frames.known.two_body import SUN

LIGHT = 173.1446326846693
"""Speed of light [au/day]."""

EARTH_RADIUS = 6378.137
"""Equatorial, which the parallax constants are given in [km]."""

WEIGHTS = {
    (0, 1): 6.0236e6,
    (0, 2): 408523.719,
    (3, 399): 332946.0487,
    (3, 301): 332946.0487 * 81.3005700,
    (0, 4): 3098703.59,
    (0, 5): 1047.348644,
    (0, 6): 3497.9018,
    (0, 7): 22902.98,
    (0, 8): 19412.26,
}
"""Mass of the Sun over that of the planets and the Moon (IAU 2009, Luzum et al. 2011), by their
segments in the ephemeris."""


@dataclass(frozen=True)
class Site:
    """An observatory, by its parallax constants.

    Attributes
    ----------
    code : str
        Of the Minor Planet Center.
    longitude : float
        East of Greenwich [deg].
    cosine, sine : float
        Distances from the Earth's axis and equator, in equatorial radii.
    """

    code: str
    longitude: float
    cosine: float
    sine: float


PALOMAR = Site("I41", 243.14022, 0.836325, 0.546877)
"""ZTF's place: https://minorplanetcenter.net/iau/lists/ObsCodes.html."""


class Ephemeris:
    """Positions of Sun, planets and observers from DE421, 1899 to 2053.

    Raises
    ------
    OrbitError
        Skyfield or its data package is not installed.
    """

    def __init__(self) -> None:
        from skyfield.api import load, load_file

        self._kernel = load_file(str(_kernel_file()))
        self._scale = load.timescale(builtin=True)
        spans = [(segment.start_jd, segment.end_jd) for segment in self._kernel.spk.segments]
        self.first = max(start for start, _ in spans)
        self.last = min(end for _, end in spans)

    def covers(self, times: np.ndarray | float) -> np.ndarray:
        """Whether the planets are known at some Julian dates TT, bool."""
        return np.greater(times, self.first + 1) & np.less(times, self.last - 1)

    def terrestrial(self, utc: float) -> float:
        """Julian date TT of a Julian date UTC."""
        from astropy.time import Time

        return float(Time(utc, format="jd", scale="utc").tt.jd)

    def sun(self, time: float) -> tuple[np.ndarray, np.ndarray]:
        """Barycentric position (3,) [au] and velocity (3,) [au/day] of the Sun at a time TT."""
        state = self._kernel["sun"].at(self._scale.tt_jd(time))
        return state.position.au, state.velocity.au_per_d

    def observer(self, time: float, site: Site | None) -> np.ndarray:
        """Barycentric position of an observatory (3,) [au]; without one, of the Earth's centre."""
        earth = self._kernel["earth"]
        where = earth if site is None else earth + _on_the_ground(site)
        return where.at(self._scale.tt_jd(time)).position.au

    def planets(self, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Heliocentric positions of the planets and the Moon, and how they pull.

        Parameters
        ----------
        times : ndarray (n,)
            Julian dates, TT; TDB differs by 2 ms.

        Returns
        -------
        positions : ndarray (planets, n, 3), float64
            Equator and equinox J2000 [au].
        pulls : ndarray (planets,), float64
            [au³/day²].
        """
        from skyfield.constants import AU_KM

        spk = self._kernel.spk
        sun, earth = spk[0, 10].compute(times), spk[0, 3].compute(times)
        positions = [
            spk[centre, body].compute(times) + (earth if centre == 3 else 0.0) - sun
            for centre, body in WEIGHTS
        ]
        return (
            np.stack(positions).transpose(0, 2, 1) / AU_KM,
            SUN / np.array(list(WEIGHTS.values())),
        )


@cache
def ephemeris() -> Ephemeris:
    """The one of this process."""
    return Ephemeris()


def _kernel_file() -> Path:
    """DE421 in Skyfield's data package, which is not imported: that looks at other files' age."""
    if find_spec("skyfield") is None:
        raise OrbitError("places of known objects need Skyfield: pip install 'skysift[frames]'")
    package = find_spec("skyfield_data")
    if package is None or package.origin is None:
        raise OrbitError("the ephemeris is not there: pip install 'skysift[frames]'")
    return Path(package.origin).parent / "data" / "de421.bsp"


@cache
def _on_the_ground(site: Site) -> Any:
    from skyfield.toposlib import ITRSPosition
    from skyfield.units import Distance

    east = np.radians(site.longitude)
    place = np.array([np.cos(east) * site.cosine, np.sin(east) * site.cosine, site.sine])
    return ITRSPosition(Distance(km=EARTH_RADIUS * place))
