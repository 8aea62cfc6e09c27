"""The space of codes: how many directions images of a set fill, and where sets lie in it."""

from __future__ import annotations

from typing import Any

import numpy as np

from skysift.models.ganomaly.rating.sample import Sample

MOST_COMPONENTS = 128
"""Whose shares of the variance are told."""


class Axes:
    """Principal components of a set's codes, in falling order of variance.

    Parameters
    ----------
    codes : ndarray (n, k), float32
        Of two images at least.

    Attributes
    ----------
    variance : ndarray (c,), float64
        Along each component.
    """

    def __init__(self, codes: np.ndarray) -> None:
        self._mean = codes.mean(axis=0, dtype=np.float64)
        centred = codes.astype(np.float64) - self._mean
        values, vectors = np.linalg.eigh(centred.T @ centred / (len(codes) - 1))
        self.variance = np.maximum(values[::-1], 0)
        # A direction's sign is nobody's choice: let its largest part be positive.
        vectors = vectors[:, ::-1]
        largest = np.abs(vectors).argmax(axis=0)
        self._vectors = vectors * np.sign(vectors[largest, np.arange(vectors.shape[1])])

    def along(self, codes: np.ndarray, count: int = 2) -> np.ndarray:
        """Return where codes lie along the first components, (n, count), float64."""
        return (codes - self._mean) @ self._vectors[:, :count]

    @property
    def shares(self) -> np.ndarray:
        """Share of the variance along each component, (c,)."""
        total = self.variance.sum()
        return self.variance / total if total else np.zeros_like(self.variance)

    @property
    def dimensions(self) -> float:
        """Directions that are filled, were all alike: (Σλ)² / Σλ², the participation ratio."""
        square = np.square(self.variance).sum()
        return float(self.variance.sum() ** 2 / square) if square else 0.0


def explained(sample: Sample) -> dict[str, Any] | None:
    """Tell how many directions of the space of codes a set fills.

    Parameters
    ----------
    sample : Sample

    Returns
    -------
    dict or None
        ``shares`` of the variance along the set's own components, `MOST_COMPONENTS` at most;
        ``dimensions``, the participation ratio. None of less than two images.
    """
    if len(sample) < 2:
        return None
    axes = Axes(sample.codes)
    return {"shares": axes.shares[:MOST_COMPONENTS].tolist(), "dimensions": axes.dimensions}


def drawn_dimensions(sample: Sample, galaxies: int, *, seed: int, draws: int = 20) -> float:
    """Return the dimensions that so many galaxies of a set fill, on average over draws.

    Few galaxies fill few directions: what a small candidate is to be held against.

    Parameters
    ----------
    sample : Sample
    galaxies : int
        Two or more; no more than there are are drawn.
    seed, draws : int
    """
    names, number = np.unique(sample.galaxy, return_inverse=True)
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        chosen = rng.choice(len(names), min(galaxies, len(names)), replace=False)
        rows = np.isin(number, chosen)
        if rows.sum() > 1:
            found.append(Axes(sample.codes[rows]).dimensions)
    return float(np.mean(found)) if found else np.nan


def path(one: np.ndarray, other: np.ndarray, steps: int) -> np.ndarray:
    """Return codes on the straight line between two, both included, (steps, k), float32."""
    share = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
    return (1 - share) * one + share * other
