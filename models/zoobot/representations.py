"""What a network finds in galaxies, in a few numbers each: principal components of its features."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from skysift.models.zoobot.scorer import Scorer
from skysift.models.zoobot.training_set import GalaxySet

AT_ONCE = 256
"""Galaxies whose images are held in memory at a time."""

COMPONENT = "pc{:03d}"
"""Name of a column, from 1."""


@dataclass(frozen=True, eq=False)
class Components:
    """Principal components.

    Attributes
    ----------
    mean : ndarray (width,)
    axes : ndarray (components, width)
        Of length 1, at right angles, by falling variance.
    share : ndarray (components,)
        Of all variance.
    """

    mean: np.ndarray
    axes: np.ndarray
    share: np.ndarray

    def of(self, features: np.ndarray) -> np.ndarray:
        """Project features (n, width) to (n, components), float32."""
        return ((features - self.mean) @ self.axes.T).astype(np.float32)


def principal_components(features: np.ndarray, components: int) -> Components:
    """Find the directions in which features vary most.

    Parameters
    ----------
    features : ndarray (n, width)
    components : int
        At most; there are no more than n − 1, nor than `width`.

    Raises
    ------
    ValueError
        If there are less than two galaxies, or no component is asked for.
    """
    if len(features) < 2 or components < 1:
        raise ValueError(
            "principal components need two galaxies and one component, or more. Got: "
            f"{len(features)} and {components}"
        )
    features = np.asarray(features, np.float64)
    mean = features.mean(axis=0)
    _, size, axes = np.linalg.svd(features - mean, full_matrices=False)
    count = min(components, len(features) - 1, features.shape[1])
    # The sign of an axis is nobody's choice: its largest entry shall be positive.
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)
    axes = axes * np.where(largest < 0, -1.0, 1.0)
    share = size**2 / max((size**2).sum(), np.finfo(float).tiny)
    return Components(mean, axes[:count], share[:count])


def represent(
    galaxies: GalaxySet, scorer: Scorer, progress: Callable[[int], None] | None = None
) -> np.ndarray:
    """Return the features of all galaxies, (n, width), float32."""
    parts = []
    for start in range(0, len(galaxies), AT_ONCE):
        parts.append(scorer.represent(galaxies.images(slice(start, start + AT_ONCE))))
        if progress:
            progress(min(start + AT_ONCE, len(galaxies)))
    return np.concatenate(parts)


def table(galaxies: GalaxySet, features: np.ndarray, components: Components) -> pd.DataFrame:
    """Make a table of galaxies with their principal components.

    Returns
    -------
    DataFrame
        ``id_str``, and ``pc001``, ``pc002`` … float32.
    """
    placed = components.of(features)
    columns = {COMPONENT.format(i): column for i, column in enumerate(placed.T, start=1)}
    return pd.DataFrame({"id_str": galaxies.ids, **columns})
