"""Fluxes, magnitudes, bands and times, as the surveys write them and as the columns hold them.

All functions are vectorised, take NaN for null and give NaN for what has no value.
"""

from __future__ import annotations

from functools import cache

import erfa
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

AB_ZERO_POINT_NJY = 31.4
"""AB magnitude of 1 nJy: 8.9 for 1 Jy (Oke & Gunn 1983, ApJ 266, 713) + 2.5 * 9."""

MAG_PER_RELATIVE_FLUX = 2.5 / np.log(10)
"""Error of a magnitude for a relative error of one of its flux, to first order."""

BANDS = ("u", "g", "r", "i", "z", "y")
"""A band's place is its number; g, r and i have ZTF's numbers 1, 2 and 3."""

MJD_ZERO = 2400000.5
SECONDS_PER_DAY = 86400.0

_POSITIVE = ("t", "true", "1", "1.0")
_NEGATIVE = ("f", "false", "0", "0.0")


def magnitude(flux: np.ndarray) -> np.ndarray:
    """AB magnitude of a flux in nJy; NaN where it is not positive."""
    positive = np.where(flux > 0, flux, np.nan)
    return AB_ZERO_POINT_NJY - 2.5 * np.log10(positive)


def magnitude_error(flux: np.ndarray, flux_error: np.ndarray) -> np.ndarray:
    """1-sigma error of a magnitude [mag], from flux and error in one unit; NaN for zero flux."""
    size = np.abs(np.where(flux == 0, np.nan, flux))
    return MAG_PER_RELATIVE_FLUX * flux_error / size


def signal_to_noise(magnitude_sigma: np.ndarray) -> np.ndarray:
    """Ratio of a flux to its error from the error of its magnitude [mag]; NaN unless positive."""
    return MAG_PER_RELATIVE_FLUX / np.where(magnitude_sigma > 0, magnitude_sigma, np.nan)


def is_positive(flux: np.ndarray) -> np.ndarray:
    """1 where a flux is positive, 0 where it is not, NaN where null: float64."""
    return np.where(np.isnan(flux), np.nan, flux > 0)


def truth(texts: np.ndarray) -> np.ndarray:
    """Read ``t``, ``true``, ``1`` as 1 and ``f``, ``false``, ``0`` as 0, all else as NaN: float64.

    ZTF has written ``isdiffpos`` both ways.
    """
    lower = pc.utf8_lower(pa.array(texts, pa.string()))
    places = pc.index_in(lower, value_set=pa.array(_POSITIVE + _NEGATIVE))
    is_true = pc.less(places, len(_POSITIVE))
    return pc.cast(is_true, pa.float64()).to_numpy(zero_copy_only=False)


def band_numbers(bands: np.ndarray) -> np.ndarray:
    """Turn the names of bands into numbers, see `BANDS`: float64, NaN for any other name."""
    places = pc.index_in(pa.array(bands, pa.string()), value_set=pa.array(BANDS))
    return pc.cast(places, pa.float64()).to_numpy(zero_copy_only=False)


def band_names(numbers: np.ndarray) -> np.ndarray:
    """Turn the numbers of bands into names, see `BANDS`: object, None for any other number."""
    names = np.full(len(numbers), None, dtype=object)
    for number, name in enumerate(BANDS):
        names[numbers == number] = name
    return names


def julian_date_utc(mjd_tai: np.ndarray) -> np.ndarray:
    """Julian date, UTC, of a modified Julian date in TAI, as LSST gives it.

    Parameters
    ----------
    mjd_tai : ndarray, float64
        Days.

    Returns
    -------
    ndarray, float64
        Days; as astropy's to the 40 µs that float64 resolves, except on a day that ends in a leap
        second (the last was in 2016), which astropy stretches: there up to a second more. NaN
        before 1972, when UTC did not yet keep whole seconds.
    """
    starts, offsets = _leap_seconds()
    row = np.searchsorted(starts, mjd_tai, side="right") - 1
    known = (row >= 0) & ~np.isnan(mjd_tai)
    seconds = np.where(known, offsets[np.maximum(row, 0)], np.nan)
    return mjd_tai - seconds / SECONDS_PER_DAY + MJD_ZERO


@cache
def _leap_seconds() -> tuple[np.ndarray, np.ndarray]:
    """When TAI - UTC last changed [MJD, TAI] and what it is from then on [s], since 1972."""
    table = erfa.leap_seconds.get()
    table = table[table["year"] >= 1972]
    months = (table["year"] - 1970) * 12 + table["month"] - 1
    days = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    unix_epoch = 40587
    return days + unix_epoch + table["tai_utc"] / SECONDS_PER_DAY, table["tai_utc"]
