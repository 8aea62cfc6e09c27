"""Select candidates for the Bright Transient Survey: real, extragalactic, likely to get bright."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from skysift.alerts.light_curve import LightCurve
from skysift.filters import blocks
from skysift.filters.blocks import Values, brighter, near


def bts_candidates(
    magpsf: Values,
    isdiffpos: Values,
    ra: Values,
    dec: Values,
    jd: Values,
    jdstarthist: Values,
    rb: Values,
    drb: Values,
    magnr: Values,
    distnr: Values,
    sgscore1: Values,
    distpsnr1: Values,
    sgmag1: Values,
    srmag1: Values,
    simag1: Values,
    szmag1: Values,
    sgscore2: Values,
    distpsnr2: Values,
    srmag2: Values,
    sgscore3: Values,
    distpsnr3: Values,
    srmag3: Values,
    neargaia: Values,
    maggaia: Values,
    neargaiabright: Values,
    maggaiabright: Values,
    ssdistnr: Values,
    ssmagnr: Values,
    light_curve: LightCurve,
    btsbot: Mapping[str, Any],
    *,
    max_mag: float = 19.0,
    min_score: float = 0.5,
    min_latitude: float = 7.0,
    min_rb: float = 0.2,
    min_drb: float = 0.1,
    min_separation: float = 0.02,
) -> Values:
    """Bright, real, extragalactic candidates that BTSbot takes for bright transients.

    The alert filter of the ZTF Bright Transient Survey (Perley et al. 2020, ApJ 904, 35; the
    version in operation since 2020-07-10, github.com/dperley/ztf-bts-filters), and on top of it
    the score. Two departures: a faint alert is not rescued by a bright one of the same night,
    since the policy built on this filter counts bright alerts alone; and a Pan-STARRS source
    without an r magnitude is judged by its other bands.

    A null in a measurement (magnitude, sign, position, ``rb``, ``drb``, history, score) drops the
    alert; a null neighbour is no neighbour.

    Parameters
    ----------
    magpsf, isdiffpos, …, light_curve : array or Series (n,)
        Columns of the alerts; NaN is null. Alerts older than the ``drb`` column have none, and
        are dropped.
    btsbot : mapping
        What the science module answered: its ``score`` (n,).
    max_mag : float
        Difference magnitude that the alert must be brighter than (mag). BTS: 19.
    min_score : float
        BTSbot score from which an alert counts, in [0, 1]. Rehemtulla et al. (2024, ApJ 972, 7):
        0.5.
    min_latitude : float
        Least distance from the galactic plane (deg). BTS: 7.
    min_rb, min_drb : float
        What ``rb`` must exceed and ``drb`` reach, in [0, 1]. BTS: 0.2 and 0.1; more near bright
        stars and for old sources.
    min_separation : float
        Days by which an earlier positive detection must precede the alert. BTS: 0.02 (29 minutes).

    Returns
    -------
    array or Series of bool (n,)

    Examples
    --------
    One to keep, one too faint, one without a magnitude; each was seen a day before:

    >>> once = np.ones(3)
    >>> history = LightCurve(
    ...     offsets=np.array([0, 2, 4, 6]),
    ...     jd=np.tile([9.0, 10.0], 3),
    ...     fid=np.ones(6),
    ...     magpsf=np.full(6, 18.5),
    ...     sigmapsf=np.full(6, 0.1),
    ...     diffmaglim=np.full(6, 20.5),
    ...     isdiffpos=np.ones(6),
    ...     is_null=np.zeros(3, dtype=bool),
    ... )
    >>> nothing_near = "magnr distnr sgscore1 distpsnr1 sgmag1 srmag1 simag1 szmag1 sgscore2 "
    >>> nothing_near += "distpsnr2 srmag2 sgscore3 distpsnr3 srmag3 neargaia maggaia "
    >>> nothing_near += "neargaiabright maggaiabright ssdistnr ssmagnr"
    >>> bts_candidates(
    ...     magpsf=np.array([18.5, 19.4, np.nan]),
    ...     isdiffpos=once,
    ...     ra=180 * once,
    ...     dec=30 * once,
    ...     jd=10 * once,
    ...     jdstarthist=9 * once,
    ...     rb=0.9 * once,
    ...     drb=0.9 * once,
    ...     light_curve=history,
    ...     btsbot={"score": 0.9 * once},
    ...     **dict.fromkeys(nothing_near.split(), -999 * once),
    ... )
    array([ True, False, False])
    """
    age = jd - jdstarthist
    ps1_mags = (srmag1, simag1, sgmag1, szmag1)
    bright = brighter(magpsf, max_mag)
    likely = blocks.scored(btsbot, min_score)
    extragalactic = blocks.away_from_plane(ra, dec, min_latitude)
    stationary = blocks.detected_before(light_curve, min_separation)
    real = (
        (rb > min_rb)
        & (drb >= min_drb)
        & ~_residual_of_gaia_star(rb, neargaia, maggaia)
        & ~_residual_of_ps1_star(rb, sgscore1, distpsnr1, srmag1, simag1, szmag1)
        & ~_residual_of_old_source(drb, age, distpsnr1, blocks.first_known(*ps1_mags))
    )
    star = blocks.on_star(sgscore1, distpsnr1)
    red_star = blocks.on_red_star(sgscore1, distpsnr1, srmag1, simag1, szmag1)
    glare = (
        blocks.near_bright_gaia_star(neargaiabright, maggaiabright)
        | blocks.near_bright_star(sgscore1, distpsnr1, srmag1, radius=20.0)
        | blocks.near_bright_star(sgscore2, distpsnr2, srmag2, radius=20.0)
        | blocks.near_bright_star(sgscore3, distpsnr3, srmag3, radius=20.0)
        | blocks.near_bright_star(sgscore1, distpsnr1, simag1, radius=20.0)
        | blocks.near_bright_star(sgscore1, distpsnr1, szmag1, radius=10.0)
    )
    asteroid = blocks.asteroid(ssdistnr, ssmagnr)
    peak = blocks.at_peak(magpsf, light_curve)
    often_bright = blocks.times_brighter(light_curve, max_mag)
    variable = (
        _variable_reference(magpsf, age, magnr, distnr, often_bright, peak)
        | _variable_gaia_star(magpsf, age, neargaia, maggaia)
        | _variable_ps1_source(age, sgscore1, distpsnr1, blocks.brightest(*ps1_mags))
        | _fainter_than_reference(magpsf, age, magnr, distnr, peak)
    )
    wanted = bright & likely & blocks.positive(isdiffpos) & extragalactic & stationary & real
    return wanted & ~star & ~red_star & ~glare & ~asteroid & ~variable


def _residual_of_gaia_star(rb: Values, neargaia: Values, maggaia: Values) -> Values:
    """Not real enough for a place on a bright Gaia star."""
    return ((rb < 0.35) & near(neargaia, 1.0) & brighter(maggaia, 17.0)) | (
        (rb < 0.45) & near(neargaia, 1.5) & brighter(maggaia, 15.5)
    )


def _residual_of_ps1_star(
    rb: Values, sgscore: Values, distpsnr: Values, srmag: Values, simag: Values, szmag: Values
) -> Values:
    """Not real enough for a place on a bright Pan-STARRS source that is no sure galaxy."""
    bright = brighter(srmag, 17.0) | brighter(simag, 17.0) | brighter(szmag, 16.5)
    brightest = brighter(srmag, 15.5) | brighter(simag, 15.5) | brighter(szmag, 15.0)
    doubtful = ((rb < 0.35) & near(distpsnr, 1.0) & bright) | (
        (rb < 0.45) & near(distpsnr, 1.5) & brightest
    )
    return doubtful & (sgscore > 0.49)


def _residual_of_old_source(drb: Values, age: Values, distpsnr: Values, ps1_mag: Values) -> Values:
    """Not real enough for a place that has varied for 90 days, near a Pan-STARRS source."""
    doubtful = (near(distpsnr, 3.0) & brighter(ps1_mag, 16.0)) | (
        near(distpsnr, 1.1) & brighter(ps1_mag, 18.0)
    )
    very_doubtful = (near(distpsnr, 1.5) & brighter(ps1_mag, 15.5)) | (
        near(distpsnr, 0.8) & brighter(ps1_mag, 17.5)
    )
    return (age > 90) & (((drb < 0.5) & doubtful) | ((drb < 0.8) & very_doubtful))


def _variable_reference(
    magpsf: Values,
    age: Values,
    magnr: Values,
    distnr: Values,
    often_bright: np.ndarray,
    peak: Values,
) -> Values:
    """Old, bright before (once past 360 days, twice otherwise), on a source of the reference image.

    Not so while it is brighter than 18.5 mag and at its peak: that may be something new.
    """
    repeated = (often_bright >= 2) | ((age > 360) & (often_bright >= 1))
    on_reference = (
        (near(distnr, 0.4) & brighter(magnr, 19.5))
        | (near(distnr, 0.8) & brighter(magnr, 17.5))
        | (near(distnr, 1.2) & brighter(magnr, 15.5))
    )
    return (age > 90) & repeated & on_reference & ~(peak & (magpsf < 18.5))


def _variable_gaia_star(magpsf: Values, age: Values, neargaia: Values, maggaia: Values) -> Values:
    """Older than a month, and right on a Gaia source."""
    return (
        (near(neargaia, 0.35) & brighter(maggaia, 17.0) & (age > 30))
        | (near(neargaia, 0.35) & brighter(maggaia, 19.0) & (age > 300) & (magpsf > 18.5))
        | (near(neargaia, 0.2) & brighter(maggaia, 18.0) & (age > 90))
    )


def _variable_ps1_source(age: Values, sgscore: Values, distpsnr: Values, ps1_mag: Values) -> Values:
    """Old, near a bright Pan-STARRS source that is no sure galaxy (0.5 is unknown)."""
    return (age > 90) & (
        ((sgscore > 0.25) & near(distpsnr, 3.0) & brighter(ps1_mag, 16.0))
        | ((sgscore == 0.5) & near(distpsnr, 0.5) & brighter(ps1_mag, 17.0))
    )


def _fainter_than_reference(
    magpsf: Values, age: Values, magnr: Values, distnr: Values, peak: Values
) -> Values:
    """Old, declining, and over 1 mag fainter than the reference source that it sits on."""
    return (age > 90) & ~peak & near(distnr, 0.5) & brighter(magnr, magpsf - 1.0)
