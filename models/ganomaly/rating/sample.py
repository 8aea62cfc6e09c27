"""What is compared of a set of images: scores and codes, with the galaxy that each image is of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

TINY = 1e-12
"""Below the least latent score that float32 makes: its logarithm is finite."""


@dataclass(frozen=True)
class Sample:
    """Images with a score.

    Attributes
    ----------
    galaxy : ndarray (n,) of str
    combined, raw, published : ndarray (n,), float64
        See `scores.scores_of`; ``raw`` is the latent score.
    codes : ndarray (n, k), float32
    """

    galaxy: np.ndarray
    combined: np.ndarray
    raw: np.ndarray
    published: np.ndarray
    codes: np.ndarray

    def __len__(self) -> int:
        return len(self.galaxy)

    def __getitem__(self, rows: np.ndarray) -> Sample:
        """Return some of the images: a mask, or their rows."""
        return Sample(
            self.galaxy[rows], self.combined[rows], self.raw[rows], self.published[rows],
            self.codes[rows],
        )  # fmt: skip

    @property
    def log_raw(self) -> np.ndarray:
        """Decadic logarithm of the latent score, (n,)."""
        return np.log10(np.maximum(self.raw, TINY))

    @property
    def galaxies(self) -> int:
        """How many there are."""
        return len(np.unique(self.galaxy))
