"""Select objects to take a spectrum of: BTSbot's policy ``bts_p2``, over the alert's history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from skysift.alerts.light_curve import LightCurve
from skysift.filters import blocks
from skysift.filters._history import count, last, lowest, spread
from skysift.filters.blocks import Values

BANDS_OF_BTSBOT = (1, 2)
"""ZTF's filter ids of g and r: the alerts that BTSbot is made for and its policies count."""


def bts_trigger(
    magpsf: Values,
    isdiffpos: Values,
    light_curve: LightCurve,
    btsbot: Mapping[str, Any],
    *,
    max_mag: float = 19.0,
    min_score: float = 0.5,
    min_alerts: int = 2,
    max_peak_mag: float = 18.5,
) -> Values:
    """Objects with two bright, well-scored alerts so far and a peak of 18.5 mag or brighter.

    The policy ``bts_p2`` of Rehemtulla et al. (2024, ApJ 972, 7), by which BTSbot asked for
    spectra. Two things it cannot know from one packet alone. The scores of earlier alerts are not
    in it: the alert's own score stands for the object, so an earlier detection counts by its
    magnitude alone, and the policy may fire before or after the original. And the packet's history
    reaches back 30 days: a peak before that is not seen.

    A null magnitude, sign or score drops the alert; a null history leaves only the alert itself.

    Parameters
    ----------
    magpsf, isdiffpos : array or Series (n,)
        Difference magnitude, and 1 where the difference is positive; NaN is null.
    light_curve : LightCurve
        Of the n alerts. Positive detections in g and r up to the alert count.
    btsbot : mapping
        What the science module answered: its ``score`` (n,).
    max_mag : float
        Difference magnitude that an alert must be brighter than to count (mag). bts_p2: 19.
    min_score : float
        Score from which an object counts, in [0, 1]. bts_p2: 0.5.
    min_alerts : int
        Number of alerts that must count. bts_p2: 2.
    max_peak_mag : float
        The brightest detection so far is at least as bright (mag). bts_p2: 18.5.

    Returns
    -------
    array or Series of bool (n,)

    Examples
    --------
    One to keep, one that never was bright enough, one without a score:

    >>> history = LightCurve(
    ...     offsets=np.array([0, 2, 4, 6]),
    ...     jd=np.tile([9.0, 10.0], 3),
    ...     fid=np.ones(6),
    ...     magpsf=np.array([18.9, 18.4, 18.9, 18.6, 18.9, 18.4]),
    ...     sigmapsf=np.full(6, 0.1),
    ...     diffmaglim=np.full(6, 20.5),
    ...     isdiffpos=np.ones(6),
    ...     is_null=np.zeros(3, dtype=bool),
    ... )
    >>> bts_trigger(
    ...     np.array([18.4, 18.6, 18.4]),
    ...     np.ones(3),
    ...     history,
    ...     {"score": np.array([0.9, 0.9, np.nan])},
    ... )
    array([ True, False, False])
    """
    likely = blocks.scored(btsbot, min_score)
    detected = blocks.positive(isdiffpos) & np.isfinite(magpsf)
    so_far = _alerts_so_far(light_curve)
    repeated = count(light_curve, so_far & (light_curve.magpsf < max_mag)) >= min_alerts
    peaked = lowest(light_curve, light_curve.magpsf, so_far) <= max_peak_mag
    return likely & detected & repeated & peaked


def _alerts_so_far(light_curve: LightCurve) -> np.ndarray:
    """Tell the points that BTSbot would have scored, the alert itself among them: (total,) bool."""
    now = spread(light_curve, last(light_curve, light_curve.jd))
    detected = blocks.positive(light_curve.isdiffpos) & np.isfinite(light_curve.magpsf)
    in_band = np.isin(light_curve.fid, BANDS_OF_BTSBOT)
    return detected & in_band & (light_curve.jd <= now)
