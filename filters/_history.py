"""Reductions over the ragged light curves of a batch: one value an alert, empty ones included."""

from __future__ import annotations

import numpy as np

from skysift.alerts.light_curve import LightCurve


def spread(light_curve: LightCurve, values: np.ndarray) -> np.ndarray:
    """Give each point the value of its alert: (n,) to (total,)."""
    return np.repeat(values, np.diff(light_curve.offsets))


def count(light_curve: LightCurve, chosen: np.ndarray) -> np.ndarray:
    """Count the chosen points of each alert: (total,) bool to (n,) int."""
    running = np.concatenate([[0], np.cumsum(chosen)])
    return np.diff(running[light_curve.offsets])


def lowest(light_curve: LightCurve, values: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Take the lowest value of each alert's chosen points, infinity where there is none.

    Parameters
    ----------
    light_curve : LightCurve
        Of n alerts.
    values : ndarray (total,), float64
    chosen : ndarray (total,), bool

    Returns
    -------
    ndarray (n,), float64
    """
    # reduceat wants an element at every start, and gives that element for an empty stretch.
    padded = np.append(np.where(chosen, values, np.inf), np.inf)
    starts, stops = light_curve.offsets[:-1], light_curve.offsets[1:]
    return np.where(starts < stops, np.minimum.reduceat(padded, starts), np.inf)


def last(light_curve: LightCurve, values: np.ndarray) -> np.ndarray:
    """Take the last point of each alert, which is the alert itself: (total,) to (n,)."""
    return values[light_curve.offsets[1:] - 1]
