"""Pairs of detections that may be one moving object, and how likely chance makes each."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from skysift.frames.links.settings import LinkSettings
from skysift.frames.links.sightings import ARCSEC, Sightings

MOST = 2_000_000
"""Pairs that are looked at in a night; in a more crowded one, detections far apart are not."""

PARTNERS = 30
"""Later detections, the least likely by chance, that each one is tried with."""

PATCH = 0.73
"""Sky of a quadrant, which the density of its detections is counted on [deg²]."""

SPAN = 6.0
"""Range over which the magnitudes of unrelated detections spread (mag)."""

ALIKE = 0.2
"""Magnitudes closer than this are as good as the same (mag)."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of sightings, the earlier first; arrays (m,).

    Attributes
    ----------
    first, second : ndarray of int
    chance : ndarray, float64
        Unrelated detections that one expects as near as the second, times the share of them that
        are as much alike in brightness.
    within : ndarray, float64
        Unrelated detections that one expects where the fastest objects could be by then.
    """

    first: np.ndarray
    second: np.ndarray
    chance: np.ndarray
    within: np.ndarray

    def __len__(self) -> int:
        return len(self.first)

    def __getitem__(self, chosen: np.ndarray) -> Pairs:
        return Pairs(*(each[chosen] for each in vars(self).values()))


def find_pairs(seen: Sightings, settings: LinkSettings) -> Pairs:
    """Find the pairs that the settings allow, sorted by their first and then by chance.

    Parameters
    ----------
    seen : Sightings (n,)
    settings : LinkSettings
    """
    if len(seen) < 2:
        return Pairs(*(np.empty(0, dtype=np.intp),) * 2, *(np.empty(0),) * 2)
    tree = cKDTree(seen.places)
    # Sightings are in order of time, and a pair has the smaller index first.
    both = tree.query_pairs(_reach(tree, seen, settings), output_type="ndarray")
    first, second = both.min(axis=1), both.max(axis=1)
    minutes = seen.times[second] - seen.times[first]
    apart = np.linalg.norm(seen.places[second] - seen.places[first], axis=1) * ARCSEC
    error = np.hypot(seen.errors[first], seen.errors[second])
    differ = np.abs(seen.mags[second] - seen.mags[first])
    allowed = (
        (minutes > 1 / 60)
        & (minutes <= settings.longest * 60)
        & (apart <= settings.fastest * minutes)
        & (apart >= settings.moved * error)
        & ~(differ > settings.brightness)
    )
    chance = expected(seen, second, np.maximum(apart, error), differ)
    within = expected(seen, second, settings.fastest * minutes, np.full(len(minutes), np.nan))
    return _fewest(Pairs(first, second, chance, within)[allowed])


def expected(
    seen: Sightings, some: np.ndarray, apart: np.ndarray, differ: np.ndarray
) -> np.ndarray:
    """How many unrelated detections one expects as near to a place as some of them are, times the
    share of them that are as much alike in brightness.

    Parameters
    ----------
    seen : Sightings
    some : ndarray (m,) of int
    apart : ndarray (m,)
        From the place [arcsec].
    differ : ndarray (m,)
        In brightness (mag); NaN tells nothing.

    Returns
    -------
    ndarray (m,), float64
    """
    density = seen.crowd[some] / (PATCH * 3600.0**2)
    alike = np.minimum(2 * np.maximum(differ, ALIKE) / SPAN, 1.0)
    return np.pi * apart**2 * density * np.where(np.isnan(alike), 1.0, alike)


def _reach(tree: cKDTree, seen: Sightings, settings: LinkSettings) -> float:
    """Distance of unit vectors within which pairs are looked for: no more than can be looked at."""
    longest = min(settings.longest * 60, float(np.ptp(seen.times)))
    reach = settings.fastest * longest / ARCSEC
    while (count := tree.count_neighbors(tree, reach)) > 2 * MOST:
        reach *= max(0.5, 0.9 * (2 * MOST / count) ** 0.5)
    if reach < settings.fastest * longest / ARCSEC:
        log.warning(
            "%d detections are so many that only those within %.0f″ of each other are linked",
            len(seen),
            reach * ARCSEC,
        )
    return reach


def _fewest(pairs: Pairs) -> Pairs:
    """Keep `PARTNERS` for each first."""
    pairs = pairs[np.lexsort((pairs.second, pairs.chance, pairs.first))]
    _, start, count = np.unique(pairs.first, return_index=True, return_counts=True)
    return pairs[np.arange(len(pairs)) - np.repeat(start, count) < PARTNERS]
