"""Known bodies of the solar system, and where each of them is seen."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from skysift.frames.known.ephemeris import PALOMAR, Site, ephemeris
from skysift.frames.known.orbits import Orbits, joined
from skysift.frames.known.places import Places, seen
from skysift.frames.known.reading import read_orbits
from skysift.frames.known.sky import NightSky, night_of, night_sky

FAINTEST = 22.0
"""Minor planets are looked for down to here; ZTF's frames end between 20 and 21.5 (mag)."""


@dataclass(frozen=True, eq=False)
class Near:
    """Bodies near a place at an instant.

    Attributes
    ----------
    orbits : Orbits (n,)
    places : Places (n,)
    """

    orbits: Orbits
    places: Places


class Catalogue:
    """Orbits, and the sky of the night that was asked about last.

    Making the sky of a night costs seconds for a million orbits, a circle on it milliseconds: ask
    night by night.

    Parameters
    ----------
    orbits : Orbits (n,)
    faintest : float
        Minor planets predicted to be fainter are not there (mag).
    site : Site
        Who looks.
    """

    def __init__(self, orbits: Orbits, *, faintest: float = FAINTEST, site: Site = PALOMAR) -> None:
        self.orbits = orbits
        self.faintest = faintest
        self.site = site
        self._sky: NightSky | None = None

    @classmethod
    def read(
        cls, paths: Sequence[str | os.PathLike[str]], *, faintest: float = FAINTEST
    ) -> Catalogue:
        """Read files of the Minor Planet Center: ``CometEls.txt``, ``MPCORB.DAT``, or both.

        Raises
        ------
        OrbitError
            A file is not there or holds no orbit; or Skyfield is not installed.
        """
        ephemeris()
        return cls(joined([read_orbits(path) for path in paths]), faintest=faintest)

    def __len__(self) -> int:
        return len(self.orbits)

    def within(self, utc: float, centre: np.ndarray, radius: float) -> Near:
        """Bodies in a circle at an instant, in the order of the files.

        Parameters
        ----------
        utc : float
            Julian date.
        centre : ndarray (3,)
            Unit vector, ICRS.
        radius : float
            [deg].

        Raises
        ------
        ValueError
            If the instant is not in the ephemeris, 1899 to 2053.
        """
        middle = night_of(utc)
        if self._sky is None or self._sky.middle != middle:
            self._sky = night_sky(self.orbits, utc, ephemeris(), faintest=self.faintest)
        orbits = self.orbits[self._sky.near(utc, centre, radius)]
        places = seen(orbits, utc, ephemeris(), site=self.site)
        faint = ~orbits.comet & (places.magnitudes > self.faintest)
        inside = (places.directions @ centre >= np.cos(np.radians(radius))) & ~faint
        return Near(
            orbits[inside],
            Places(places.directions[inside], places.motions[inside], places.magnitudes[inside]),
        )
