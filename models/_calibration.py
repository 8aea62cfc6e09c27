"""Calibration: from a network's score to the share of positives among alerts of that score.

Every method is monotone: the order of two alerts is never reversed. What is fitted is a dict that
JSON can hold; it goes into the weights' sidecar, and applying it needs NumPy alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

METHODS = ("temperature", "platt", "isotonic")

SLOPES = (0.05, 20.0)
"""Of the logit, at least and at most: perfectly parted classes have no best slope."""

NEAREST = 1e-7
"""How near to 0 and 1 a score is told from them, so that its logit is finite; float32 holds it."""

Facts = dict[str, Any]


def fit(method: str, label: np.ndarray, p: np.ndarray, weight: np.ndarray | None = None) -> Facts:
    """Fit a calibration on alerts that the network has not learned from.

    Parameters
    ----------
    method : str
        ``temperature``: the logit is divided by one number (Guo et al. 2017, arXiv 1706.04599).
        ``platt``: logit × slope + intercept (Platt 1999), both by maximum likelihood.
        ``isotonic``: the monotone curve of least squares, by pool-adjacent-violators (Zadrozny &
        Elkan 2002); it joins scores that it cannot tell apart.
    label : ndarray (n,), bool
    p : ndarray (n,), float
        Scores in [0, 1]. Alerts whose score is NaN are left out.
    weight : ndarray (n,), float, optional
        How much each alert counts, ≥ 0; by default all alike.

    Returns
    -------
    dict
        For `apply`; holds ``method`` and its numbers, as JSON can.

    Raises
    ------
    ValueError
        If the method is unknown, or a class is absent among the alerts that count.
    """
    if method not in _FITS:
        raise ValueError(f"calibration method must be one of {', '.join(METHODS)}. Got: {method!r}")
    weight = np.ones(len(label)) if weight is None else np.asarray(weight, dtype=np.float64)
    counts = np.isfinite(p) & (weight > 0)
    label = np.asarray(label, dtype=bool)[counts]
    if label.all() or not label.any():
        raise ValueError(
            f"calibration needs alerts of both classes. Got: {label.sum()} positive of {len(label)}"
        )
    p = np.asarray(p, dtype=np.float64)[counts]
    return {"method": method, **_FITS[method](label, p, weight[counts])}


def apply(facts: Mapping[str, Any] | None, p: np.ndarray) -> np.ndarray:
    """Calibrate scores.

    Parameters
    ----------
    facts : mapping or None
        From `fit`; None leaves the scores as they are.
    p : ndarray, any shape, float
        Scores in [0, 1]; NaN stays NaN.

    Returns
    -------
    ndarray of that shape, float32
        In [0, 1]; never decreasing with `p`.

    Raises
    ------
    ValueError
        If `facts` names no known method.
    """
    if facts is None:
        return np.asarray(p, dtype=np.float32)
    if facts.get("method") not in _CURVES:
        raise ValueError(
            f"calibration method must be one of {', '.join(METHODS)}. Got: {facts.get('method')!r}"
        )
    return _CURVES[facts["method"]](facts, np.asarray(p, dtype=np.float64)).astype(np.float32)


def logit(p: np.ndarray) -> np.ndarray:
    """Return log(p / (1 − p)), finite for 0 and 1 too: they count as `NEAREST` to them."""
    p = np.clip(p, NEAREST, 1 - NEAREST)
    return np.log(p) - np.log1p(-p)


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def _fit_temperature(label: np.ndarray, p: np.ndarray, weight: np.ndarray) -> Facts:
    slope, _ = _most_likely_line(label, logit(p), weight, (0.0, 0.0))
    return {"temperature": 1 / slope}


def _fit_platt(label: np.ndarray, p: np.ndarray, weight: np.ndarray) -> Facts:
    slope, intercept = _most_likely_line(label, logit(p), weight, (None, None))
    return {"slope": slope, "intercept": intercept}


def _fit_isotonic(label: np.ndarray, p: np.ndarray, weight: np.ndarray) -> Facts:
    from sklearn.isotonic import IsotonicRegression

    curve = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
    curve.fit(p, label.astype(np.float64), weight)
    return {"x": curve.X_thresholds_.tolist(), "y": curve.y_thresholds_.tolist()}


def _most_likely_line(
    label: np.ndarray,
    z: np.ndarray,
    weight: np.ndarray,
    intercepts: tuple[float | None, float | None],
) -> tuple[float, float]:
    """Find slope and intercept of the logit with the greatest likelihood: a convex problem."""
    from scipy.optimize import minimize

    share = weight / weight.sum()

    def loss(line: np.ndarray) -> tuple[float, np.ndarray]:
        shown = line[0] * z + line[1]
        excess = share * (_sigmoid(shown) - label)
        value = float(share @ (np.logaddexp(0.0, shown) - label * shown))
        return value, np.array([excess @ z, excess.sum()])

    best = minimize(
        loss, x0=(1.0, 0.0), jac=True, method="L-BFGS-B", bounds=(SLOPES, intercepts),
        options={"ftol": 1e-15, "gtol": 1e-9},
    )  # fmt: skip
    return float(best.x[0]), float(best.x[1])


_FITS: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], Facts]] = {
    "temperature": _fit_temperature,
    "platt": _fit_platt,
    "isotonic": _fit_isotonic,
}

_CURVES: dict[str, Callable[[Mapping[str, Any], np.ndarray], np.ndarray]] = {
    "temperature": lambda facts, p: _sigmoid(logit(p) / facts["temperature"]),
    "platt": lambda facts, p: _sigmoid(facts["slope"] * logit(p) + facts["intercept"]),
    "isotonic": lambda facts, p: np.interp(p, facts["x"], facts["y"]),
}
