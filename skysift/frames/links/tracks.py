"""Paths of two and more detections: straight and even on the sky."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from skysift.frames.links.pairs import Pairs, expected
from skysift.frames.links.settings import LinkSettings
from skysift.frames.links.sightings import ARCSEC, Sightings


@dataclass(frozen=True)
class Track:
    """Detections that may be one object.

    Attributes
    ----------
    members : tuple of int
        Sightings, in order of time.
    chance : float
        How many such tracks one expects from unrelated detections, for one first.
    """

    members: tuple[int, ...]
    chance: float


@dataclass(frozen=True)
class Motion:
    """Straight and even motion along a great circle, fitted.

    Attributes
    ----------
    time : float
        Middle of the detections' times [min].
    ra, dec : float
        Then, ICRS [deg].
    rate : float
        [arcsec/min].
    angle : float
        From north through east [deg].
    rate_error : float
        One sigma [arcsec/min].
    residuals : tuple of float
        Distances of the detections from the path [arcsec].
    """

    time: float
    ra: float
    dec: float
    rate: float
    angle: float
    rate_error: float
    residuals: tuple[float, ...]


def find_tracks(seen: Sightings, pairs: Pairs, settings: LinkSettings) -> list[Track]:
    """Choose tracks so that no detection is in two: the least likely by chance first.

    Parameters
    ----------
    seen : Sightings
    pairs : Pairs
        As `find_pairs` gives them.
    settings : LinkSettings
    """
    taken: set[int] = set()
    chosen = []
    for track in _candidates(seen, pairs, settings):
        if taken.isdisjoint(track.members) and _straight(seen, track.members, settings):
            chosen.append(track)
            taken.update(track.members)
    return sorted(chosen, key=lambda track: track.members)


def _candidates(seen: Sightings, pairs: Pairs, settings: LinkSettings) -> list[Track]:
    """Pairs, and pairs with all later detections on their path; the least likely first."""
    columns = (each.tolist() for each in vars(pairs).values())
    known = {(first, second): told for first, second, *told in zip(*columns, strict=True)}
    tracks = dict[tuple[int, ...], float]()
    tracks |= {pair: _as_rare(*told, links=1) for pair, told in known.items()}
    for pair, later in _on_their_way(seen, pairs, settings).items():
        members, (chance, within) = list(pair), known[pair]
        times = {float(seen.times[each]) for each in pair}
        for more, third in sorted(later):
            if float(seen.times[third]) not in times:
                members.append(third)
                chance *= more
                times.add(float(seen.times[third]))
        key, links = tuple(sorted(members)), len(members) - 1
        tracks[key] = min(_as_rare(chance, within, links=links), tracks.get(key, np.inf))
    likely = [Track(*each) for each in tracks.items() if each[1] <= settings.chance]
    return sorted(likely, key=lambda track: (track.chance, track.members))


def _as_rare(product: float, within: float, *, links: int) -> float:
    """How many unrelated chains of links one expects whose chances have so small a product.

    A link is two chances, of its place and of its brightness, and each is even up to its largest:
    `within` for the first place, 1 for the others. So this is ``c Σ ln(within / c)^m / m!`` over m
    below the number of chances, as in Fisher's way of combining tests.
    """
    depth = max(0.0, math.log(max(within, product) / product))
    return product * sum(depth**m / math.factorial(m) for m in range(2 * links))


def _on_their_way(
    seen: Sightings, pairs: Pairs, settings: LinkSettings
) -> dict[tuple[int, int], list[tuple[float, int]]]:
    """For each pair the later detections that lie where it goes, with how likely chance is."""
    # A third detection is a partner of the second: pairs (a, b) and (b, c) are put together.
    starts = np.searchsorted(pairs.first, pairs.second, side="left")
    ends = np.searchsorted(pairs.first, pairs.second, side="right")
    count = ends - starts
    pair = np.repeat(np.arange(len(pairs)), count)
    onward = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + starts[pair]
    a, b, c = pairs.first[pair], pairs.second[pair], pairs.second[onward]
    share = (seen.times[c] - seen.times[a]) / (seen.times[b] - seen.times[a])
    goes = seen.places[a] + share[:, None] * (seen.places[b] - seen.places[a])
    goes /= np.linalg.norm(goes, axis=1, keepdims=True)
    off = np.linalg.norm(seen.places[c] - goes, axis=1) * ARCSEC
    error = np.sqrt(
        (seen.errors[a] * (1 - share)) ** 2 + (seen.errors[b] * share) ** 2 + seen.errors[c] ** 2
    )
    differ = np.abs(seen.mags[c] - seen.mags[a])
    fits = (
        (off <= settings.tolerance * error)
        & ~(differ > settings.brightness)
        & (seen.times[c] - seen.times[a] <= settings.longest * 60)
    )
    chance = np.minimum(expected(seen, c, np.maximum(off, error), differ), 1.0)
    later: dict[tuple[int, int], list[tuple[float, int]]] = {}
    for place in np.flatnonzero(fits):
        key = (int(a[place]), int(b[place]))
        later.setdefault(key, []).append((float(chance[place]), int(c[place])))
    return later


def _straight(seen: Sightings, members: tuple[int, ...], settings: LinkSettings) -> bool:
    """Whether all detections are near their common path; two always are."""
    if len(members) == 2:
        return True
    allowed = settings.tolerance * seen.errors[list(members)]
    return bool(np.all(np.array(motion(seen, members).residuals) <= allowed))


def motion(seen: Sightings, members: tuple[int, ...]) -> Motion:
    """Fit straight and even motion, by weighted least squares on the plane that touches the sky
    in the middle."""
    some = list(members)
    times, errors = seen.times[some], seen.errors[some]
    centre = seen.places[some].mean(axis=0)
    centre /= np.linalg.norm(centre)
    # On a gnomonic projection great circles are straight lines.
    flat = seen.places[some] / (seen.places[some] @ centre)[:, None] - centre
    east, north = _axes(centre)
    at = np.stack([flat @ east, flat @ north], axis=1) * ARCSEC
    weight = 1 / errors**2
    middle = float(np.sum(weight * times) / weight.sum())
    since = times - middle
    spread = float(np.sum(weight * since**2))
    place = weight @ at / weight.sum()
    speed = (weight * since) @ at / spread
    off = at - place - since[:, None] * speed
    there = centre + (place @ np.stack([east, north])) / ARCSEC
    return Motion(
        time=middle,
        ra=float(np.degrees(np.arctan2(there[1], there[0])) % 360),
        dec=float(np.degrees(np.arctan2(there[2], np.hypot(there[0], there[1])))),
        rate=float(np.hypot(*speed)),
        angle=float(np.degrees(np.arctan2(*speed)) % 360),
        rate_error=spread**-0.5,
        residuals=tuple(float(each) for each in np.linalg.norm(off, axis=1)),
    )


def _axes(centre: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors to the east and to the north of a direction; at a pole, any."""
    east = np.array([-centre[1], centre[0], 0.0])
    length = np.linalg.norm(east)
    east = east / length if length > 1e-12 else np.array([0.0, 1.0, 0.0])
    return east, np.cross(centre, east)
