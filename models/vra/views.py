"""Three views of a table of features, each for the learners that see best through it.

What a view must know of the features (quantiles, spreads) is taken from the background:
all alerts at hand, labelled or not, of which there are many where labels are few.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

VIEWS = ("values", "ranks", "scaled")

QUANTILES = np.linspace(0.0, 1.0, 101)

LARGEST = 1e30
"""Beyond it a number is taken for missing: trees hold float32."""

FARTHEST = 3.0
"""Standard deviations at which ``scaled`` is cut: one sentinel must not outweigh all else."""


@dataclass(frozen=True, eq=False)
class Views:
    """How features are seen. All arrays are float64, over the d' features worth looking at.

    Attributes
    ----------
    columns : ndarray (d',), int64
        Those of which the background has a number.
    missing : ndarray (d'',), int64
        Places, among these, of features that may be missing; each has a flag.
    quantiles : ndarray (101, d')
        Of the background.
    mean, spread : ndarray (d',)
        Of the background; `spread` is positive.
    """

    columns: np.ndarray
    missing: np.ndarray
    quantiles: np.ndarray
    mean: np.ndarray
    spread: np.ndarray

    @classmethod
    def of(cls, background: np.ndarray) -> Views:
        """Learn how to look at features.

        Parameters
        ----------
        background : ndarray (n, d), float
            n ≥ 1; NaN is missing.

        Raises
        ------
        ValueError
            If no feature has a number.
        """
        values = _cleaned(background)
        columns = np.flatnonzero(np.isfinite(values).any(axis=0))
        if not len(columns):
            raise ValueError(
                f"features must have a number somewhere. Got: {values.shape}, all missing"
            )
        values = values[:, columns]
        spread = np.nanstd(values, axis=0)
        return cls(
            columns=columns,
            missing=np.flatnonzero(np.isnan(values).any(axis=0)),
            quantiles=np.nanquantile(values, QUANTILES, axis=0),
            mean=np.nanmean(values, axis=0),
            spread=np.where(spread > 0, spread, 1.0),
        )

    def look(self, features: np.ndarray) -> dict[str, np.ndarray]:
        """Look at n alerts.

        Parameters
        ----------
        features : ndarray (n, d), float
            NaN is missing.

        Returns
        -------
        dict of str to ndarray (n, d' + d''), float64
            ``values``: as they are, within the background's range. ``ranks``: the share of the
            background that lies below. ``scaled``: in the background's standard deviations from
            its mean. In each, missing ones stand at the background's median, and flags (0 or 1)
            follow.
        """
        values = _cleaned(features)[:, self.columns]
        flags = np.isnan(values)
        values = np.where(flags, self.quantiles[len(QUANTILES) // 2], values)
        values = np.clip(values, self.quantiles[0], self.quantiles[-1])
        scaled = np.clip((values - self.mean) / self.spread, -FARTHEST, FARTHEST)
        seen = {"values": values, "ranks": self._ranks(values), "scaled": scaled}
        return {name: np.hstack([view, flags[:, self.missing]]) for name, view in seen.items()}

    def _ranks(self, values: np.ndarray) -> np.ndarray:
        """Interpolate between quantiles; where several are equal, take the middle."""
        ranks = np.empty_like(values)
        for j, quantiles in enumerate(self.quantiles.T):
            high = np.interp(values[:, j], quantiles, QUANTILES)
            low = np.interp(-values[:, j], -quantiles[::-1], -QUANTILES[::-1])
            ranks[:, j] = (high - low) / 2
        return ranks

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the attributes, for `Views(**arrays)`."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def _cleaned(features: np.ndarray) -> np.ndarray:
    """Return float64 with what is no number, or too large to be one, missing."""
    values = np.array(features, dtype=np.float64)
    values[~(np.abs(values) <= LARGEST)] = np.nan
    return values
