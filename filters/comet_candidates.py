"""Select what looks like a comet: diffuse in the stamps, on no star, no streak, new there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skysift.alerts.light_curve import LightCurve
from skysift.filters import blocks
from skysift.filters.blocks import Values


def comet_candidates(
    magpsf: Values,
    magapbig: Values,
    isdiffpos: Values,
    sgscore1: Values,
    distpsnr1: Values,
    neargaia: Values,
    elong: Values,
    light_curve: LightCurve,
    tails: Mapping[str, Any],
    *,
    min_score: float = 0.5,
    min_excess: float = 0.2,
    min_sgscore: float = 0.76,
    star_radius: float = 1.5,
    max_elong: float = 3.0,
    min_separation: float = 0.5,
) -> Values:
    """Alerts in whose stamps Tails sees a comet, wider than a star, on none, no streak, and new.

    A coma has light beyond what a PSF fit finds. Without that, asteroids pass on nights of poor
    seeing: a stamp has few stars or none to tell how wide a point is. A comet is at its place on
    one night alone; what was detected there on an earlier one is a star, a galaxy or a supernova.
    Known bodies are kept: comets are among them. A null neighbour is no neighbour, a null
    elongation none, and a null history holds no detection; a null magnitude, sign or score drops
    the alert.

    Parameters
    ----------
    magpsf, magapbig, isdiffpos : array or Series (n,)
        Magnitudes of the difference by the PSF fit and in the large aperture, and 1 where it is
        positive; NaN is null.
    sgscore1, distpsnr1, neargaia : array or Series (n,)
        How star-like the nearest Pan-STARRS source is, and the distances to it and to the nearest
        source of Gaia.
    elong : array or Series (n,)
        Length over width of the detection.
    light_curve : LightCurve
        Of the n alerts.
    tails : mapping
        What the science module answered: its ``score`` (n,).
    min_score : float
        Score that an alert must reach, in [0, 1].
    min_excess : float
        Least that the large aperture is brighter than the PSF fit (mag).
    min_sgscore : float
        What ``sgscore1`` of a star exceeds, in [0, 1].
    star_radius : float
        Nearer to a star of Pan-STARRS, or to a source of Gaia, it is that star (arcsec).
    max_elong : float
        What is longer than so many of its widths (px / px) is a streak.
    min_separation : float
        Days by which an earlier positive detection precedes the alert, for it to stand still.

    Returns
    -------
    array or Series of bool (n,)

    Examples
    --------
    One to keep, one as narrow as a star, one on a star, one seen a day before, one without a
    score:

    >>> import numpy as np
    >>> history = LightCurve(
    ...     offsets=np.array([0, 1, 2, 3, 5, 6]),
    ...     jd=np.array([10.0, 10.0, 10.0, 9.0, 10.0, 10.0]),
    ...     fid=np.ones(6),
    ...     magpsf=np.full(6, 18.5),
    ...     sigmapsf=np.full(6, 0.1),
    ...     diffmaglim=np.full(6, 20.5),
    ...     isdiffpos=np.ones(6),
    ...     is_null=np.zeros(5, dtype=bool),
    ... )
    >>> comet_candidates(
    ...     magpsf=np.full(5, 18.5),
    ...     magapbig=np.array([17.8, 18.5, 17.8, 17.8, 17.8]),
    ...     isdiffpos=np.ones(5),
    ...     sgscore1=np.ones(5),
    ...     distpsnr1=np.array([9.0, 9.0, 0.2, 9.0, 9.0]),
    ...     neargaia=np.full(5, 20.0),
    ...     elong=np.full(5, 1.2),
    ...     light_curve=history,
    ...     tails={"score": np.array([0.9, 0.9, 0.9, 0.9, np.nan])},
    ... )
    array([ True, False, False, False, False])
    """
    diffuse = (magpsf - magapbig) >= min_excess
    star = blocks.on_star(sgscore1, distpsnr1, min_sgscore=min_sgscore, radius=star_radius)
    star = star | blocks.near(neargaia, star_radius)
    streak = elong > max_elong
    stands = blocks.detected_before(light_curve, min_separation)
    comet = blocks.scored(tails, min_score) & diffuse & blocks.positive(isdiffpos)
    return comet & ~star & ~streak & ~stands
