"""How strange is strange: scores measured by those of a reference set, kept with the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

KNOTS = 1001
"""Of the stored curve of each score: the last step is the last thousandth of the set."""

DIGITS = 7
"""Of the numbers that are stored."""

LEAST = 10
"""Images of a reference set, at least."""

FLOOR = -1.0
"""Of what a part adds to the combined score, in the reference set's scatter."""

TINY = 1e-12

MAD = 1.4826
"""Standard deviation of a Gaussian over its median absolute deviation."""


@dataclass(frozen=True)
class Reference:
    """Scores of images that are what a network knows, and was not shown.

    Attributes
    ----------
    images : int
    curves : mapping of str to ndarray (k,), float64
        Of each score, its quantiles at evenly spaced shares, least and largest included.
    parts : tuple of str
        The scores that `combined` is made of.
    """

    images: int
    curves: Mapping[str, np.ndarray]
    parts: tuple[str, ...]

    @classmethod
    def of(cls, scores: Mapping[str, np.ndarray], parts: tuple[str, ...]) -> Reference:
        """Measure a reference set.

        Parameters
        ----------
        scores : mapping of str to ndarray (n,)
            Positive.
        parts : tuple of str

        Raises
        ------
        ValueError
            If there are too few images, or a score is not finite.
        """
        count = len(next(iter(scores.values())))
        if count < LEAST:
            raise ValueError(
                f"a reference set needs {LEAST} images or more. Got: {count}; give more images, or "
                "hold back a larger share of them ([training] validation)"
            )
        for name, values in scores.items():
            if not np.isfinite(values).all():
                raise ValueError(f"{name} is not a number for some images of the reference set")
        alone = cls(count, {name: _curve(values) for name, values in scores.items()}, parts)
        whole = {**alone.curves, "combined": _curve(alone.combined(scores))}
        return cls(count, whole, parts)

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Reference:
        """Read what `as_dict` made."""
        curves = {name: np.array(curve, np.float64) for name, curve in facts["curves"].items()}
        return cls(facts["images"], curves, tuple(facts["parts"]))

    @property
    def as_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        curves = {
            name: [float(f"{value:.{DIGITS}g}") for value in curve]
            for name, curve in self.curves.items()
        }
        return {"images": self.images, "parts": list(self.parts), "curves": curves}

    def combined(self, scores: Mapping[str, np.ndarray]) -> np.ndarray:
        """Join scores into one: on average over the parts, how far each lies off its median.

        Of each part the logarithm is taken, since the scores are positive and their tails long;
        the unit is the reference set's scatter, by its median absolute deviation. A part counts
        `FLOOR` at least: a black frame is easily made again, and that must not make up for its
        being like no other image.

        Returns
        -------
        ndarray (n,), float64
            About 0 for what is usual; NaN where a part is.
        """
        each = []
        for name in self.parts:
            usual = np.log(np.maximum(self.curves[name], TINY))
            middle = np.median(usual)
            scatter = max(MAD * float(np.median(np.abs(usual - middle))), TINY)
            value = np.log(np.maximum(np.asarray(scores[name], np.float64), TINY))
            each.append(np.maximum((value - middle) / scatter, FLOOR))
        return np.mean(each, axis=0)

    def percentile(self, name: str, values: np.ndarray) -> np.ndarray:
        """Say how many percent of the reference set score less.

        Parameters
        ----------
        name : str
            A score of `curves`.
        values : ndarray (n,)

        Returns
        -------
        ndarray (n,), float32
            0 to 100, linear between the stored quantiles; 100 beyond all of them; NaN of NaN.
        """
        curve = self.curves[name]
        return np.interp(values, curve, np.linspace(0, 100, len(curve))).astype(np.float32)

    def published(self, latent: np.ndarray) -> np.ndarray:
        """Scale the latent score by the reference set's least and largest, as published.

        Returns
        -------
        ndarray (n,), float32
            0 and 1 are the set's extremes; strange images may have more than 1.
        """
        least, most = self.curves["latent"][[0, -1]]
        scaled = (np.asarray(latent, np.float64) - least) / max(most - least, TINY)
        return scaled.astype(np.float32)


def _curve(values: np.ndarray) -> np.ndarray:
    """Return evenly spaced quantiles; all values, if they are few."""
    count = min(KNOTS, len(values))
    return np.quantile(np.asarray(values, np.float64), np.linspace(0, 1, count))
