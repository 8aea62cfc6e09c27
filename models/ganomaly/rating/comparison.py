"""A candidate against the reference: every distance with its interval, and what is usual."""

from __future__ import annotations

from typing import Any

import numpy as np

from skysift.models._bootstrap import Bootstrap, interval
from skysift.models.ganomaly.rating.distances import Apart, Overlap
from skysift.models.ganomaly.rating.kernel import Discrepancy, some
from skysift.models.ganomaly.rating.matching import Partners
from skysift.models.ganomaly.rating.sample import Sample

DRAWS = 300
"""Of galaxies, for intervals."""

SPLITS = 100
"""Of the reference, for what is usual."""

FIGURES = (
    "overlap", "ks", "wasserstein", "ks_latent", "wasserstein_latent", "mmd2",
)  # fmt: skip
"""What is told of a pair; see `compare`."""


def compare(
    reference: Sample, candidate: Sample, *, seed: int, partners: Partners | None = None
) -> dict[str, Any]:
    """Compare a candidate with the reference.

    Parameters
    ----------
    reference, candidate : Sample
    seed : int
    partners : Partners, optional
        Weigh the reference to match the candidate.

    Returns
    -------
    dict
        ``images``, ``galaxies`` of the candidate; ``beyond``, shares of both that the published
        overlap drops; and each of `FIGURES` as ``value``, ``low``, ``high``, the 95 % interval of a
        bootstrap that draws galaxies, NaN where there is but one: ``overlap`` as published;
        Kolmogorov-Smirnov and first Wasserstein distance of the combined score (in its unit) and of
        the latent score (in dex); ``mmd2``, squared maximum mean discrepancy of the codes.
    """
    between = _Between(reference, candidate, seed)

    def weighed(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return between(*(partners.weigh(one, other) if partners else (one, other)))

    value = weighed(np.ones(len(reference)), np.ones(len(candidate)))
    draws = np.array(
        [
            weighed(one.astype(np.float64), other.astype(np.float64))
            for one, other in zip(
                Bootstrap(reference.galaxy, draws=DRAWS, seed=seed).weights(),
                Bootstrap(candidate.galaxy, draws=DRAWS, seed=seed + 1).weights(),
                strict=True,
            )
        ]
    )
    if min(reference.galaxies, candidate.galaxies) < 2:
        draws[:] = np.nan  # one galaxy is drawn every time
    low, high = interval(draws)
    beyond = between.overlap.beyond
    return {
        "images": len(candidate), "galaxies": candidate.galaxies,
        "beyond": {"reference": beyond[0], "candidate": beyond[1]},
        **{
            name: {"value": value[i], "low": low[i], "high": high[i]}
            for i, name in enumerate(FIGURES)
        },
    }  # fmt: skip


def usual(reference: Sample, galaxies: int, *, seed: int) -> dict[str, Any]:
    """Compare the reference with itself: some of its galaxies with all others, again and again.

    A small sample never looks quite like a large one. What a candidate shows beyond this is not of
    chance.

    Parameters
    ----------
    reference : Sample
    galaxies : int
        As many as the candidate has; half of those looked at at most.
    seed : int

    Returns
    -------
    dict
        ``galaxies`` that were drawn, and ``low``, ``high`` of each of `FIGURES`, of 95 % of draws;
        NaN where the reference has less than two galaxies.
    """
    _, number = np.unique(reference.galaxy, return_inverse=True)
    between = _Between(reference, reference, seed)
    pool = np.unique(number[between.rows])  # others have no code that is looked at
    drawn = min(galaxies, len(pool) // 2)
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(SPLITS):
        chosen = np.isin(number, rng.choice(pool, drawn, replace=False))
        values.append(between((~chosen).astype(np.float64), chosen.astype(np.float64)))
    low, high = interval(np.array(values))
    return {
        "galaxies": drawn,
        **{name: {"low": low[i], "high": high[i]} for i, name in enumerate(FIGURES)},
    }


class _Between:
    """Computes `FIGURES` of two samples for any weights."""

    def __init__(self, reference: Sample, candidate: Sample, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.overlap = Overlap(reference.published, candidate.published)
        self._apart = (
            Apart(reference.combined, candidate.combined),
            Apart(reference.log_raw, candidate.log_raw),
        )
        same = candidate is reference
        self.rows = some(len(reference), rng)
        self._others = self.rows if same else some(len(candidate), rng)
        one, other = reference[self.rows], candidate[self._others]
        self._mmd = Discrepancy(one.codes, other.codes, one.galaxy, other.galaxy)

    def __call__(self, reference: np.ndarray, candidate: np.ndarray) -> np.ndarray:
        weights = reference, candidate
        return np.array(
            [
                self.overlap.value(*weights),
                *(figure for apart in self._apart for figure in apart.distances(*weights)),
                self._mmd.value(reference[self.rows], candidate[self._others]),
            ]
        )
