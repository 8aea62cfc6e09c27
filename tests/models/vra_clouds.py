"""Made-up tables for the tests of the VRA's learner: two clouds of alerts."""

from __future__ import annotations

import numpy as np

COLUMNS = 6


def clouds(
    rng: np.random.Generator, n: int, *, apart: float = 2.0
) -> tuple[np.ndarray, np.ndarray]:
    """Draw n alerts, half of them yes; two of the features tell, each by `apart` deviations.

    Returns
    -------
    features : ndarray (n, 6)
    label : ndarray (n,), 1.0 or 0.0
    """
    label = np.arange(n) % 2.0
    features = rng.normal(size=(n, COLUMNS))
    features[:, :2] += apart * (label[:, None] - 0.5)
    return features, label
