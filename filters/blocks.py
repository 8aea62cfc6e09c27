"""Predicates that filters share: each answers one question about each alert.

They take alert columns as NumPy arrays or pandas Series, NaN for null, and compare them so that a
null never makes a predicate true. A predicate that speaks for an alert (`brighter`, `positive`)
therefore drops it when the measurement is null, and one that speaks against it (`asteroid`,
`on_star`) takes a null neighbour for no neighbour. So it is with ``-999``, by which ZTF says that
a catalogue has nothing there.

Distances are in arcsec, magnitudes are AB (Pan-STARRS) or Vega (Gaia), times in days. ``sgscore``
is 0 for a galaxy, 1 for a star, 0.5 for unknown (Tachibana & Miller 2018, PASP 130, 128001).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from skysift.alerts.light_curve import LightCurve
from skysift.filters._history import count, last, lowest, spread

if TYPE_CHECKING:
    import pandas as pd

Values: TypeAlias = "np.ndarray | pd.Series"

GALACTIC_POLE = (192.85948, 27.12825)
"""Right ascension and declination (J2000, deg) of the north galactic pole."""

NOT_IN_SIMBAD = ("", "Unknown", "Fail")
"""What Fink says of a place that SIMBAD knows nothing of, or could not be asked about."""

MAX_CATALOGUE_MAG = 30.0
"""No star of these catalogues is fainter (mag); a larger number stands for none."""


# What the alert itself says


def brighter(mag: Values, limit: float | Values) -> Values:
    """Brighter than a limit (mag); never so for a null or for ``-999``.

    >>> brighter(np.array([18.9, 19.0, -999.0, np.nan]), 19.0)
    array([ True, False, False, False])
    """
    return (mag > 0) & (mag < limit)


def positive(isdiffpos: Values) -> Values:
    """Brighter than in the reference image.

    >>> positive(np.array([1.0, 0.0, np.nan]))
    array([ True, False, False])
    """
    return isdiffpos == 1


def scored(module: Mapping[str, Any], min_score: float) -> Values:
    """Scored at least so high by a science module, whose null score says nothing.

    >>> scored({"score": np.array([0.5, 0.4, np.nan])}, 0.5)
    array([ True, False, False])
    """
    return module["score"] >= min_score


def galactic_latitude(ra: Values, dec: Values) -> Values:
    """Galactic latitude (deg) of J2000 equatorial coordinates (deg).

    sin b = sin δ sin δp + cos δ cos δp cos(α − αp), with the pole at (αp, δp).

    >>> galactic_latitude(np.array([192.85948, 266.405]), np.array([27.12825, -28.936])).round(2)
    array([90.,  0.])
    """
    pole_ra, pole_dec = np.radians(GALACTIC_POLE)
    alpha, delta = np.radians(ra), np.radians(dec)
    sine = np.sin(delta) * np.sin(pole_dec)
    sine = sine + np.cos(delta) * np.cos(pole_dec) * np.cos(alpha - pole_ra)
    return np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0)))


def away_from_plane(ra: Values, dec: Values, min_latitude: float) -> Values:
    """At least so far (deg) from the plane of the Galaxy.

    >>> away_from_plane(np.array([192.9, 266.4, np.nan]), np.array([27.1, -28.9, 0.0]), 7.0)
    array([ True, False, False])
    """
    return abs(galactic_latitude(ra, dec)) >= min_latitude


# What catalogues have there


def near(distance: Values, radius: float) -> Values:
    """A neighbour nearer than `radius` (arcsec); a negative distance or null is no neighbour.

    >>> near(np.array([0.0, 1.9, 2.0, -999.0, np.nan]), 2.0)
    array([ True,  True, False, False, False])
    """
    return (distance >= 0) & (distance < radius)


def first_known(*mags: Values) -> Values:
    """Take the first magnitude that the catalogue has, in the order given; NaN if none.

    >>> first_known(np.array([17.0, -999.0, np.nan]), np.array([18.0, 18.0, -999.0]))
    array([17., 18., nan])
    """
    known = _or_nan(mags[-1])
    for mag in reversed(mags[:-1]):
        known = np.where(np.isnan(_or_nan(mag)), known, mag)
    return known


def brightest(*mags: Values) -> Values:
    """Take the brightest of the magnitudes that the catalogue has; NaN if none.

    >>> brightest(np.array([17.0, -999.0, np.nan]), np.array([16.0, 18.0, -999.0]))
    array([16., 18., nan])
    """
    return np.fmin.reduce([_or_nan(mag) for mag in mags])


def on_star(
    sgscore: Values, distpsnr: Values, *, min_sgscore: float = 0.76, radius: float = 2.0
) -> Values:
    """On top of a Pan-STARRS star.

    >>> on_star(np.array([0.9, 0.76, 0.9, np.nan]), np.array([1.0, 1.0, 2.0, 1.0]))
    array([ True, False, False, False])
    """
    return (sgscore > min_sgscore) & near(distpsnr, radius)


def on_red_star(
    sgscore: Values, distpsnr: Values, srmag: Values, simag: Values, szmag: Values
) -> Values:
    """On top of something so red (r − i or r − z > 3) that it is an M dwarf if not surely a galaxy.

    >>> n = np.full(3, -999.0)
    >>> on_red_star(
    ...     n + 999.5, n + 999.1, np.array([21.0, 20.0, 21.0]), n, np.array([17.5, 17, n[0]])
    ... )
    array([ True, False, False])
    """
    red = np.zeros(len(srmag), dtype=bool)
    for mag in (simag, szmag):
        red = red | ((_or_nan(srmag) - _or_nan(mag)) > 3.0)
    return red & (sgscore > 0.2) & near(distpsnr, 1.0)


def near_bright_star(sgscore: Values, distpsnr: Values, mag: Values, radius: float) -> Values:
    """In the glare of a Pan-STARRS star brighter than 14 mag.

    >>> near_bright_star(np.array([1.0, 0.9]), np.full(2, 19.0), np.full(2, 13.9), 20.0)
    array([ True, False])
    """
    return (sgscore > 0.9) & near(distpsnr, radius) & brighter(mag, 14.0)


def near_bright_gaia_star(neargaiabright: Values, maggaiabright: Values) -> Values:
    """In the glare of a Gaia star: brighter than G = 12 within 20 arcsec.

    >>> near_bright_gaia_star(np.array([19.0, 20.0, -999.0]), np.array([11.0, 11.0, -999.0]))
    array([ True, False, False])
    """
    return near(neargaiabright, 20.0) & brighter(maggaiabright, 12.0)


def asteroid(ssdistnr: Values, ssmagnr: Values) -> Values:
    """A known Solar-system object brighter than 20 mag within 12 arcsec.

    >>> asteroid(np.array([0.0, 12.0, -999.0, np.nan]), np.array([18.0, 18.0, -999.0, np.nan]))
    array([ True, False, False, False])
    """
    return near(ssdistnr, 12.0) & (ssmagnr < 20.0)


def in_simbad(cdsxmatch: np.ndarray | pd.Series) -> np.ndarray:
    """Known to SIMBAD, as Fink tells it; never so for a null or where the service failed.

    >>> in_simbad(np.array(["RRLyr", "Unknown", "Fail", None], dtype=object))
    array([ True, False, False, False])
    """
    words = np.asarray(cdsxmatch, dtype=object)
    nothing = [word is None or word != word or word in NOT_IN_SIMBAD for word in words]
    return ~np.array(nothing, dtype=bool)


# What the history says


def earlier_positive(light_curve: LightCurve, min_separation: float = 0.0) -> np.ndarray:
    """Tell the points that are positive detections more than `min_separation` days ago.

    Returns
    -------
    ndarray (total,), bool
        Never true for the alert itself nor for upper limits.
    """
    since = spread(light_curve, last(light_curve, light_curve.jd)) - light_curve.jd
    detected = positive(light_curve.isdiffpos) & np.isfinite(light_curve.magpsf)
    return detected & (since > min_separation)


def detected_before(light_curve: LightCurve, min_separation: float) -> np.ndarray:
    """Detected before at this place, more than `min_separation` days ago: it does not move.

    A null history is no detection.
    """
    return count(light_curve, earlier_positive(light_curve, min_separation)) > 0


def same_band(light_curve: LightCurve) -> np.ndarray:
    """Tell the points in the band of their alert, as ndarray (total,) of bool."""
    return light_curve.fid == spread(light_curve, last(light_curve, light_curve.fid))


def times_brighter(light_curve: LightCurve, limit: float) -> np.ndarray:
    """Count earlier positive detections brighter than a limit (mag), in the alert's band."""
    chosen = earlier_positive(light_curve) & same_band(light_curve)
    return count(light_curve, chosen & (light_curve.magpsf < limit))


def at_peak(magpsf: Values, light_curve: LightCurve) -> Values:
    """As bright as ever before in its band, or seen for the first time.

    Null magnitudes are no peak.
    """
    chosen = earlier_positive(light_curve) & same_band(light_curve)
    return magpsf <= lowest(light_curve, light_curve.magpsf, chosen)


def _or_nan(mag: Values) -> np.ndarray:
    """Replace what is no magnitude of a catalogue by NaN."""
    values = np.asarray(mag, dtype=np.float64)
    return np.where((values > 0) & (values <= MAX_CATALOGUE_MAG), values, np.nan)
