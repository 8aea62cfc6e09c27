"""From stamps, histories and packet fields to the network's two inputs; training and serving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from skysift.models.btsbot.triplet import OK, PREPROCESSINGS, SIDE, crop, triplets

__all__ = [
    "FEATURES",
    "LIMITS",
    "MISSING",
    "OK",
    "PREPROCESSINGS",
    "SIDE",
    "crop",
    "history_features",
    "metadata",
    "triplets",
]

MISSING = -999.0
"""What ZTF writes where there is no value."""

NAN_FEATURE, OUT_OF_RANGE = "nan_feature", "out_of_range"

_FLOAT32_MAX = float(np.finfo(np.float32).max)
_MATCH = (0.0, 300.0)
_COUNT = (0.0, 1e6)
_DAYS = (0.0, 1e5)
_MAG = (0.0, 40.0)

LIMITS: dict[str, tuple[float, float]] = {
    "sgscore1": (0.0, 1.0),
    "distpsnr1": _MATCH,
    "sgscore2": (0.0, 1.0),
    "distpsnr2": _MATCH,
    "fwhm": (0.0, 100.0),
    "magpsf": _MAG,
    "sigmapsf": (0.0, 10.0),
    "chipsf": (0.0, 1e9),
    "ra": (0.0, 360.0),
    "dec": (-90.0, 90.0),
    "diffmaglim": _MAG,
    "ndethist": _COUNT,
    "nmtchps": _COUNT,
    "age": _DAYS,
    "days_since_peak": _DAYS,
    "days_to_peak": _DAYS,
    "peakmag_so_far": _MAG,
    "drb": (0.0, 1.0),
    "ncovhist": _COUNT,
    "nnotdet": (-1e6, 1e6),
    "chinr": (0.0, 1e6),
    "sharpnr": (-90.0, 1e6),
    "scorr": (-90.0, 1e9),
    "sky": (-900.0, 1e6),
    "maxmag_so_far": _MAG,
}
"""Lowest and highest possible value of each feature, in the published order of the features.

Wide on purpose: they catch sentinels (−999, −99) and nonsense, not rarities. ``drb`` is called
``new_drb`` in the published training set, and ``nnotdet`` is ``ncovhist − ndethist``.
"""

FEATURES = tuple(LIMITS)
"""The 25 features, in the order of the networks' ``metadata`` input."""


def history_features(
    offsets: np.ndarray, jd: np.ndarray, magpsf: np.ndarray, jdstarthist: np.ndarray
) -> dict[str, np.ndarray]:
    """Compute the features that need a history, of n alerts at once.

    Only detections (finite ``magpsf``) not later than the alert itself count, of any band and
    sign. Of equal peaks the earliest is meant. ``age = days_since_peak + days_to_peak`` exactly.

    Parameters
    ----------
    offsets : ndarray (n + 1,), int64
        The points of alert ``i`` are ``offsets[i]:offsets[i + 1]``, in any order but that the
        last is the alert itself.
    jd, magpsf : ndarray (total,), float64
        Julian dates in days; magnitudes, NaN for a limit.
    jdstarthist : ndarray (n,), float64
        The packet's first detection, days. NaN makes the times NaN.

    Returns
    -------
    dict of str to ndarray (n,), float64
        ``age``, ``days_since_peak``, ``days_to_peak`` (days), ``peakmag_so_far``,
        ``maxmag_so_far`` (mag). NaN without a detection.

    Raises
    ------
    ValueError
        If an alert has no point at all: then its own time is unknown.
    """
    starts, lengths = offsets[:-1], np.diff(offsets)
    if not len(starts):
        names = ("age", "days_since_peak", "days_to_peak", "peakmag_so_far", "maxmag_so_far")
        return {name: np.empty(0) for name in names}
    if lengths.min() < 1:
        raise ValueError("every history must hold the alert itself as its last point")
    now = jd[offsets[1:] - 1]
    counts = np.isfinite(magpsf) & (jd <= np.repeat(now, lengths))

    def lowest(values: np.ndarray, where: np.ndarray) -> np.ndarray:
        """Return the smallest value of each history; infinity where there is none."""
        return np.minimum.reduceat(np.where(where, values, np.inf), starts)

    peak = lowest(magpsf, counts)
    faintest = -lowest(-magpsf, counts)
    peak_jd = lowest(jd, counts & (magpsf == np.repeat(peak, lengths)))
    first_jd = np.minimum(jdstarthist, lowest(jd, counts))
    seen = np.isfinite(peak)
    since_peak = np.where(seen, now - peak_jd, np.nan)
    to_peak = np.where(seen, peak_jd - first_jd, np.nan)
    return {
        "age": since_peak + to_peak,
        "days_since_peak": since_peak,
        "days_to_peak": to_peak,
        "peakmag_so_far": np.where(seen, peak, np.nan),
        "maxmag_so_far": np.where(seen, faintest, np.nan),
    }


def metadata(
    columns: Mapping[str, np.ndarray], *, compat: bool = False, may_miss: Sequence[str] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """Put the 25 features in the published order and say which rows can be scored.

    Parameters
    ----------
    columns : mapping of str to ndarray (n,)
        Every feature but ``nnotdet``, which is computed; with `compat` also ``rb``. Others are
        ignored. NaN is null.
    compat : bool
        The published treatment: sentinels such as −999 pass as numbers, and ``rb`` stands in for
        a missing ``drb``. NaN passes in neither.
    may_miss : sequence of str
        Features in which −999 passes as it is: the network knows it for missing.

    Returns
    -------
    metadata : ndarray (n, 25), float32
        As given, NaN included, where `status` is not ``ok``.
    status : ndarray (n,), object
        ``ok``, ``nan_feature`` or ``out_of_range`` (see `LIMITS`), in this order of precedence.
    """
    values = {**columns, "nnotdet": columns["ncovhist"] - columns["ndethist"]}
    if compat:
        values["drb"] = np.where(np.isnan(columns["drb"]), columns["rb"], columns["drb"])
    table = np.column_stack([values[name] for name in FEATURES]).astype(np.float64)
    low, high = (-_FLOAT32_MAX, _FLOAT32_MAX) if compat else np.transpose(list(LIMITS.values()))
    missing = np.isnan(table).any(axis=1)
    missable = np.isin(FEATURES, may_miss) & (table == MISSING)
    outside = (((table < low) | (table > high)) & ~missable).any(axis=1)
    status = np.full(len(table), OK, dtype=object)
    status[outside] = OUT_OF_RANGE
    status[missing] = NAN_FEATURE
    with np.errstate(over="ignore"):
        return table.astype(np.float32), status
