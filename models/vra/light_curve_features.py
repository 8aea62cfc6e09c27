"""Six features of a light curve in one band, as Fink's column ``lc_features`` has them.

Definitions after Malanchev et al. 2021 (arXiv 2012.01419), appendix A; all light curves at once.
"""

from __future__ import annotations

import numpy as np

from skysift.models.vra.history import History

FEATURES = (
    "amplitude",
    "linear_fit_reduced_chi2",
    "linear_fit_slope",
    "linear_fit_slope_sigma",
    "median",
    "median_absolute_deviation",
)


def light_curve_features(history: History, band: int) -> dict[str, np.ndarray]:
    """Measure the light curves of n alerts in one band.

    Parameters
    ----------
    history : History
    band : int
        Its number as in ``fid``: g 1, r 2.

    Returns
    -------
    dict of str to ndarray (n,), float64
        ``amplitude``: half of faintest minus brightest [mag]. ``median`` [mag].
        ``median_absolute_deviation`` from it, unscaled [mag]. Of the straight line that fits best,
        weighted by 1/error²: ``linear_fit_slope`` (positive when fading) and its formal error
        ``linear_fit_slope_sigma`` [mag/day], and ``linear_fit_reduced_chi2`` = χ²/(points − 2).
        NaN without a point; the line's also with fewer than three, or all at one time.
    """
    magnitude, error = history.magnitudes()
    here = np.flatnonzero(np.isfinite(magnitude) & (history.fid == band))
    here = here[_once(history.owner[here], history.jd[here])]
    owner, jd, magnitude, error = (
        values[here] for values in (history.owner, history.jd, magnitude, error)
    )
    middle = grouped_median(magnitude, owner, len(history))
    spread = grouped_median(np.abs(magnitude - middle[owner]), owner, len(history))
    slope, sigma, chi2 = _line(jd, magnitude, error, owner, len(history))
    values = (_amplitude(magnitude, owner, len(history)), chi2, slope, sigma, middle, spread)
    return dict(zip(FEATURES, values, strict=True))


def _once(owner: np.ndarray, jd: np.ndarray) -> np.ndarray:
    """Tell which points are the first of their owner and time: some packets repeat points."""
    order = np.lexsort((jd, owner))
    same = (np.diff(owner[order]) == 0) & (np.diff(jd[order]) == 0)
    first = np.ones(len(jd), dtype=bool)
    first[order[1:]] = ~same
    return first


def _amplitude(values: np.ndarray, owner: np.ndarray, n: int) -> np.ndarray:
    """Return half the range of each owner's values."""
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(low, owner, values)
    np.maximum.at(high, owner, values)
    return np.where(np.isfinite(low), (high - low) / 2, np.nan)


def grouped_median(values: np.ndarray, owner: np.ndarray, n: int) -> np.ndarray:
    """Return the median of each owner's values; `owner` never falls."""
    count = np.bincount(owner, minlength=n)
    ranked = np.append(values[np.lexsort((values, owner))], np.nan)
    start = np.cumsum(count) - count
    lower = np.where(count > 0, start + (count - 1) // 2, -1)
    upper = np.where(count > 0, start + count // 2, -1)
    return (ranked[lower] + ranked[upper]) / 2


def _line(
    jd: np.ndarray, magnitude: np.ndarray, error: np.ndarray, owner: np.ndarray, n: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fit a straight line to each owner's points: slope, its error, reduced χ²."""
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = 1 / error**2

        def total(values: np.ndarray) -> np.ndarray:
            return np.bincount(owner, weights=weight * values, minlength=n)

        def centred(values: np.ndarray) -> np.ndarray:
            return values - (total(values) / total(np.ones_like(values)))[owner]

        t, m = centred(jd), centred(magnitude)
        leverage = total(t * t)
        slope = total(t * m) / leverage
        count = np.bincount(owner, minlength=n)
        reduced = total((m - slope[owner] * t) ** 2) / (count - 2)
        sigma = 1 / np.sqrt(leverage)
    fits = (count >= 3) & (_amplitude(jd, owner, n) > 0)
    slope, sigma, reduced = (np.where(fits, value, np.nan) for value in (slope, sigma, reduced))
    return slope, sigma, reduced
