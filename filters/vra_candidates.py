"""Select what the Fink VRA looks at: faint, real, and no known asteroid."""

from __future__ import annotations

import numpy as np

from skysift.filters.blocks import Values, in_simbad, near


def vra_candidates(
    magpsf: Values,
    drb: Values,
    rb: Values,
    nbad: Values,
    ssdistnr: Values,
    distpsnr1: Values,
    ndethist: Values,
    cdsxmatch: Values,
    *,
    min_mag: float = 19.5,
    min_drb: float = 0.5,
    min_rb: float = 0.55,
    max_bad: int = 0,
    asteroid_radius: float = 5.0,
    max_asteroid_detections: int = 5,
) -> Values:
    """Faint, clean, probably real alerts that are not of a known asteroid.

    The cuts of Fink's topic ``fink_vra_ztf`` (fink-filters, ``filter_vra``, after Fink's own cuts
    on ``rb`` and ``nbad``). That SIMBAD knows nothing at the place is asked only of alerts that
    come from Fink: no packet says so. An asteroid is what Fink flags as one that is catalogued:
    nearer than any Pan-STARRS source, and seen at this place a few times at most.

    A null magnitude, ``drb``, ``rb`` or ``nbad`` drops the alert; a null neighbour is no
    neighbour, and a null ``cdsxmatch`` speaks for nothing.

    Parameters
    ----------
    magpsf, drb, …, cdsxmatch : array or Series (n,)
        Columns of the alerts; NaN is null.
    min_mag : float
        Difference magnitude that the alert must be fainter than (mag).
    min_drb, min_rb : float
        What ``drb`` must exceed and ``rb`` reach, in [0, 1].
    max_bad : int
        Bad pixels among the central 25, at most.
    asteroid_radius : float
        Distance to a known asteroid within which the alert is taken for it (arcsec).
    max_asteroid_detections : int
        Detections at the place beyond which it is no asteroid.

    Returns
    -------
    array or Series of bool (n,)

    Examples
    --------
    One to keep, one too bright, one on an asteroid, one without a magnitude:

    >>> n = np.ones(4)
    >>> vra_candidates(
    ...     np.array([19.8, 19.2, 19.8, np.nan]),
    ...     drb=0.9 * n,
    ...     rb=0.8 * n,
    ...     nbad=0 * n,
    ...     ssdistnr=np.array([-999.0, -999.0, 1.0, -999.0]),
    ...     distpsnr1=10 * n,
    ...     ndethist=n,
    ...     cdsxmatch=np.full(4, "Unknown", dtype=object),
    ... )
    array([ True, False, False, False])
    """
    faint = (magpsf > min_mag) & np.isfinite(magpsf)
    clean = (drb > min_drb) & (rb >= min_rb) & (nbad <= max_bad) & (nbad >= 0)
    nearest = ~(abs(distpsnr1) <= ssdistnr)  # −999 is far
    asteroid = near(ssdistnr, asteroid_radius) & nearest & (ndethist <= max_asteroid_detections)
    return faint & clean & ~asteroid & ~in_simbad(cdsxmatch)
