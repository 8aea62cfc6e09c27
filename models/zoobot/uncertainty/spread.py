"""Between which fractions the truth lies: quantiles of what all passes say together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import betaincinv

from skysift.models.zoobot.uncertainty.passes import Passes

SMALLEST = 1e-12
"""Variance below which a fraction is taken to be known."""


def quantiles(passes: Passes, levels: Sequence[float]) -> np.ndarray:
    """Return quantiles of the fraction of each answer among those who are asked.

    A pass of concentrations holds a Beta distribution of the fraction, one of fractions a point;
    all together are their mixture. Its quantiles are taken of the one Beta distribution with its
    mean and variance: a mixture with one peak differs little from that.

    Parameters
    ----------
    passes : Passes
    levels : sequence of float
        In (0, 1).

    Returns
    -------
    ndarray (n, answers, levels), float64
        NaN where the passes are.
    """
    mean, variance = _moments(passes)
    spread = variance > SMALLEST
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = mean * (1 - mean) / variance - 1
    # Fractions of 0 or 1 in some passes and not in others have no Beta distribution.
    weight = np.maximum(weight, SMALLEST)
    a, b = np.where(spread, mean * weight, 1.0), np.where(spread, (1 - mean) * weight, 1.0)
    found = [np.where(spread, betaincinv(a, b, level), mean) for level in levels]
    return np.stack(found, axis=-1)


def _moments(passes: Passes) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of the fractions, (n, answers) each: of passes, and between them."""
    fractions = passes.fractions
    variance = fractions.var(axis=1)
    if passes.concentrated:
        for part in passes.tree.slices.values():
            whole = passes.values[..., part].sum(axis=-1, keepdims=True, dtype=np.float64)
            within = fractions[..., part] * (1 - fractions[..., part]) / (whole + 1)
            variance[:, part] += within.mean(axis=1)
    return fractions.mean(axis=1), variance
