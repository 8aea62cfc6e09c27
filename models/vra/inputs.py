"""From alerts to the table that the VRA learns from: 21 published features, and context."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from skysift.models.vra.context import CONTEXT, context
from skysift.models.vra.history import History
from skysift.models.vra.light_curve_features import FEATURES as LIGHT_CURVE
from skysift.models.vra.light_curve_features import grouped_median, light_curve_features

BANDS = {"": 1, "r_": 2}
"""Suffix of the light-curve features' names, and the band's number: g has none."""

UNITS: dict[str, str] = {
    "ra": "deg",
    "dec": "deg",
    "drb": "0–1",
    "ndets": "count",
    "nnondets": "count",
    "dets_median": "mag",
    "dets_std": "mag",
    "sep_arcsec": "arcsec",
    **{
        f"{name}{suffix}": unit
        for suffix in BANDS
        for name, unit in zip(
            LIGHT_CURVE, ("mag", "", "mag/day", "mag/day", "mag", "mag"), strict=True
        )
    },
    "ebv": "mag",
}
"""Units of the published features, in their order."""

PUBLISHED = tuple(UNITS)
"""The 21 features of the Fink VRA, in its order."""

FEATURES = (*PUBLISHED, *CONTEXT)
"""All features, in the order of the table that `features` returns."""


def features(
    history: History,
    columns: Mapping[str, np.ndarray],
    *,
    ebv: np.ndarray | None = None,
    sep_arcsec: np.ndarray | None = None,
    measured: Mapping[str, np.ndarray] | None = None,
) -> np.ndarray:
    """Make the features of n alerts.

    Parameters
    ----------
    history : History
    columns : mapping of str to ndarray (n,), float64
        ``ra``, ``dec`` (deg), and of ``drb`` and `context.COLUMNS` what the survey has.
    ebv : ndarray (n,), optional
        E(B−V), mag, from `dust.DustMap`; by default null.
    sep_arcsec : ndarray (n,), optional
        Distance to Sherlock's match, arcsec; by default null.
    measured : mapping of str to ndarray (n, 6), optional
        By the suffixes of `BANDS`, light-curve features that somebody has measured already, in the
        order of `light_curve_features.FEATURES`. Of an alert that has a number among them they
        stand; else, and by default, they are measured here.

    Returns
    -------
    ndarray (n, 42), float64
        In the order of `FEATURES`. NaN is null, and nothing is filled in: learners cope.
    """
    null = np.full(len(history), np.nan)
    values = {
        "ra": columns["ra"],
        "dec": columns["dec"],
        "drb": columns.get("drb", null),
        **_detections(history),
        "sep_arcsec": null if sep_arcsec is None else sep_arcsec,
        "ebv": null if ebv is None else ebv,
        **context(history, columns),
    }
    for suffix, band in BANDS.items():
        theirs = None if measured is None else measured.get(suffix)
        for name, column in _light_curves(history, band, theirs).items():
            values[f"{name}{suffix}"] = column
    return np.column_stack([values[name] for name in FEATURES])


def _light_curves(
    history: History, band: int, measured: np.ndarray | None
) -> dict[str, np.ndarray]:
    """Measure the light curves of one band, where nobody has."""
    ours = light_curve_features(history, band)
    if measured is None:
        return ours
    theirs = np.isfinite(measured).any(axis=1)
    return {
        name: np.where(theirs, measured[:, i], ours[name]) for i, name in enumerate(LIGHT_CURVE)
    }


def _detections(history: History) -> dict[str, np.ndarray]:
    """Count detections of added light and limits, of all bands; and their magnitudes' spread.

    The magnitudes are those of the difference, and ``dets_std`` divides by the count, as published.
    """
    owner, n = history.owner, len(history)
    magnitude, seen = history.magpsf[history.positive], owner[history.positive]
    count = np.bincount(seen, minlength=n)
    some = np.where(count > 0, count, np.nan)
    mean = np.bincount(seen, weights=magnitude, minlength=n) / some
    variance = np.bincount(seen, weights=(magnitude - mean[seen]) ** 2, minlength=n) / some
    return {
        "ndets": count.astype(np.float64),
        "nnondets": np.bincount(owner[np.isnan(history.magpsf)], minlength=n).astype(np.float64),
        "dets_median": grouped_median(magnitude, seen, n),
        "dets_std": np.sqrt(variance),
    }
