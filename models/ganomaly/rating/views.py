"""Galaxies that were seen from several sides: mean and spread of their views, and orientation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from skysift.models._bootstrap import Bootstrap, interval

SCORES = ("combined", "raw", "published", "percentile")
"""What is averaged over views."""

ANGLES = ("inclination", "azimuth")
"""Columns that orientation curves are of [deg]."""

STEP = 30
"""Of orientation curves [deg], as published."""

DRAWS = 300


def by_galaxy(table: pd.DataFrame) -> pd.DataFrame:
    """Average scores over the views of each galaxy.

    Parameters
    ----------
    table : DataFrame
        Images with a score: ``galaxy`` and `SCORES`.

    Returns
    -------
    DataFrame
        A row a galaxy: ``galaxy``, ``views``; of each of `SCORES`, ``NAME_mean`` and ``NAME_std``,
        which is NaN of one view.
    """
    grouped = table.groupby("galaxy", sort=True)
    columns: dict[str, Any] = {"views": grouped.size()}
    for name in SCORES:
        columns[f"{name}_mean"], columns[f"{name}_std"] = grouped[name].mean(), grouped[name].std()
    return pd.DataFrame(columns).reset_index()


def spread(galaxies: pd.DataFrame, *, seed: int) -> dict[str, Any]:
    """Tell how scores differ between galaxies, and between views of one.

    Parameters
    ----------
    galaxies : DataFrame
        From `by_galaxy`.
    seed : int

    Returns
    -------
    dict
        Of the combined score: ``mean`` over galaxies, with its 95 % interval; ``between``, the
        standard deviation of galaxies' means; ``within``, the root mean variance of views, over the
        ``several`` galaxies that have more than one.
    """
    mean, std = (galaxies[f"combined_{what}"].to_numpy(np.float64) for what in ("mean", "std"))
    draws = Bootstrap(np.arange(len(mean)), draws=DRAWS, seed=seed).each(
        lambda times: np.average(mean, weights=times)
    )
    low, high = interval(draws)
    several = np.isfinite(std)
    return {
        "mean": {"value": mean.mean(), "low": float(low), "high": float(high)},
        "between": mean.std(ddof=1) if len(mean) > 1 else np.nan,
        "within": np.sqrt(np.mean(std[several] ** 2)) if several.any() else np.nan,
        "several": int(several.sum()),
    }


def orientation(table: pd.DataFrame, angle: str, *, seed: int) -> dict[str, Any] | None:
    """Tell how the score depends on the side that galaxies are seen from.

    Parameters
    ----------
    table : DataFrame
        Images with a score: ``galaxy``, ``combined`` and the angle.
    angle : str
        One of `ANGLES` [deg]; 360 is 0.
    seed : int

    Returns
    -------
    dict or None
        None unless a galaxy was seen at two angles. ``galaxies``; ``angle``, multiples of `STEP`;
        and at each, how far the combined score lies from the mean over the galaxy's angles, on
        average over galaxies, as ``value`` with its 95 % interval ``low``, ``high`` by galaxy.
    """
    curves = orientation_curves(table, angle)
    if curves.empty:
        return None
    values = curves.to_numpy(np.float64)
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)

    def average(times: np.ndarray) -> np.ndarray:
        times = times.astype(np.float64)
        with np.errstate(invalid="ignore"):
            return (times @ filled) / (times @ known)

    draws = Bootstrap(curves.index.to_numpy(), draws=DRAWS, seed=seed).each(average)
    low, high = interval(draws)
    value = average(np.ones(len(curves)))
    return {
        "galaxies": len(curves),
        "angle": [int(one) for one in curves.columns],
        "value": value.tolist(), "low": low.tolist(), "high": high.tolist(),
    }  # fmt: skip


def orientation_curves(table: pd.DataFrame, angle: str) -> pd.DataFrame:
    """Return the curve of each galaxy that was seen at two angles or more.

    Returns
    -------
    DataFrame
        A row a galaxy, a column an angle [deg]: the combined score, less its mean over the galaxy's
        angles; NaN where it was not seen.
    """
    known = table[np.isfinite(table[angle].to_numpy(np.float64))]
    rounded = (np.round(known[angle].to_numpy(np.float64) / STEP) * STEP % 360).astype(int)
    curves = known.assign(angle=rounded).pivot_table("combined", "galaxy", "angle", aggfunc="mean")
    curves = curves[curves.notna().sum(axis=1) > 1]
    return curves.sub(curves.mean(axis=1), axis=0).dropna(axis=1, how="all")
