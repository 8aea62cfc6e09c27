"""Which of a million bodies may be near a place: the sky of one night, roughly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from skysift.frames.known.ephemeris import Ephemeris
from skysift.frames.known.orbits import Orbits
from skysift.frames.known.perturbed import LONGEST
from skysift.frames.known.places import seen

MIDNIGHT = 5 / 6
"""Of a Julian day at Palomar, which begins at noon in Greenwich."""

SLOW = 1.0
"""Bodies up to this speed are in the tree of the night, the few faster ones beside it [deg/day]."""

MARGIN = 0.5
"""What a place may be off here: half a day's bend of a path, and parallax [deg]."""

DRIFT, MOST_DRIFT = 0.1, 8.0
"""What the planets, which two bodies know nothing of, do to a place, with the square of the years
since its epoch [deg/year²], and at most [deg]. In the belt, 95 % of orbits drift by less than
0.07°/year² (`python -m benchmarks.moving_objects`)."""

DEPTH = 1.0
"""Bodies this much fainter than asked for are kept until their exact place is known [mag]."""


@dataclass(frozen=True, eq=False)
class NightSky:
    """Where all bodies are during one night, as two bodies go, from the Earth's centre.

    Attributes
    ----------
    middle : float
        Julian date, UTC.
    rows : ndarray of int (n,)
        Of the orbits that are bright enough, slow ones first.
    directions, motions : ndarray (n, 3), float64
        At the middle [1/day].
    margins : ndarray (n,), float64
        What each direction may be off [deg].
    tree : scipy.spatial.cKDTree
        Of the slow ones' directions.
    """

    middle: float
    rows: np.ndarray
    directions: np.ndarray
    motions: np.ndarray
    margins: np.ndarray
    tree: cKDTree

    def near(self, utc: float, centre: np.ndarray, radius: float) -> np.ndarray:
        """Rows of the orbits that may be within a circle at an instant of this night, sorted.

        Parameters
        ----------
        utc : float
            Julian date.
        centre : ndarray (3,)
            Unit vector.
        radius : float
            [deg].

        Returns
        -------
        ndarray of int
        """
        since = utc - self.middle
        widest = self.margins[: self.tree.n].max(initial=0.0)
        wide = radius + widest + SLOW * abs(since)
        slow = np.array(self.tree.query_ball_point(centre, _chord(wide)), dtype=np.intp)
        fast = np.arange(self.tree.n, len(self.rows))
        some = np.concatenate([slow, fast])
        moved = self.directions[some] + since * self.motions[some]
        cosine = (moved @ centre) / np.linalg.norm(moved, axis=-1)
        # A fast path bends: those bodies are given as much again as they go.
        allowed = radius + self.margins[some]
        speed = np.degrees(np.linalg.norm(self.motions[fast], axis=-1))
        allowed[len(slow) :] += speed * abs(since)
        return np.sort(self.rows[some[cosine >= np.cos(np.radians(np.minimum(allowed, 180)))]])


def night_of(utc: float) -> float:
    """Middle of the night of an instant, as Julian date UTC."""
    return float(np.round(utc - MIDNIGHT) + MIDNIGHT)


def night_sky(orbits: Orbits, utc: float, ephemeris: Ephemeris, *, faintest: float) -> NightSky:
    """Compute the sky of a night.

    Parameters
    ----------
    orbits : Orbits (n,)
    utc : float
        Julian date of any instant of the night.
    ephemeris : Ephemeris
    faintest : float
        Minor planets fainter than this and `DEPTH` are left out (mag). Comets stay: their outbursts
        are what one is looking for. So do bodies without a magnitude.

    Raises
    ------
    ValueError
        If the night is not in the ephemeris.
    """
    middle = night_of(utc)
    rows, directions, motions = [], [], []
    for start in range(0, len(orbits), 200_000):
        part = orbits[start : start + 200_000]
        places = seen(part, middle, ephemeris, site=None, planets=False)
        bright = part.comet | ~(places.magnitudes > faintest + DEPTH)
        rows.append(start + np.flatnonzero(bright))
        directions.append(places.directions[bright])
        motions.append(places.motions[bright])
    row, direction, motion = (np.concatenate(each) for each in (rows, directions, motions))
    fast = np.degrees(np.linalg.norm(motion, axis=-1)) > SLOW
    order = np.argsort(fast, kind="stable")
    slow = np.count_nonzero(~fast)
    return NightSky(
        middle,
        row[order],
        direction[order],
        motion[order],
        _margins(orbits.epoch[row[order]], middle),
        cKDTree(direction[order][:slow]),
    )


def _margins(epoch: np.ndarray, time: float) -> np.ndarray:
    """What places may be off [deg]; orbits that nobody follows under the planets do not drift."""
    days = np.where(np.abs(time - epoch) <= LONGEST, time - epoch, 0.0)
    return MARGIN + np.minimum(DRIFT * (days / 365.25) ** 2, MOST_DRIFT)


def _chord(angle: float) -> float:
    """Straight distance between unit vectors an angle apart [deg]."""
    return float(2 * np.sin(np.radians(min(angle, 180.0)) / 2))
