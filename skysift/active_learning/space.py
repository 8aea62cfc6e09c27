"""The space in which rows are near or far: features made comparable."""

from __future__ import annotations

import numpy as np


def standardised(features: np.ndarray) -> np.ndarray:
    """Scale each feature to mean 0 and standard deviation 1.

    Parameters
    ----------
    features : ndarray (n, d), float
        What is not finite stands at its column's median. Columns without a finite value, and those
        that are the same everywhere, tell no rows apart and are left out.

    Returns
    -------
    ndarray (n, d'), float64
        Finite; one column of zeros if no feature is left.

    Raises
    ------
    ValueError
        If `features` is not a table.

    Examples
    --------
    >>> standardised(np.array([[1.0, 7.0], [3.0, 7.0], [np.nan, 7.0]])).round(2)
    array([[-1.22],
           [ 1.22],
           [ 0.  ]])
    """
    values = np.array(features, dtype=np.float64)
    if values.ndim != 2:
        raise ValueError(f"features must be a table (n, d). Got: shape {values.shape}")
    values[~np.isfinite(values)] = np.nan
    values = values[:, ~np.isnan(values).all(axis=0)] if len(values) else values[:, :0]
    return _standardised(_filled(values))


def _filled(values: np.ndarray) -> np.ndarray:
    if not values.size:
        return values
    values = values / np.maximum(np.nanmax(np.abs(values), axis=0), np.finfo(float).tiny)
    return np.where(np.isnan(values), np.nanmedian(values, axis=0), values)


def _standardised(values: np.ndarray) -> np.ndarray:
    varies = values.max(axis=0, initial=-np.inf) > values.min(axis=0, initial=np.inf)
    values = values[:, varies]
    if not values.size:
        return np.zeros((len(values), 1))
    centred = values - values.mean(axis=0)
    spread = centred.std(axis=0)
    return centred / np.where(spread > 0, spread, 1.0)
