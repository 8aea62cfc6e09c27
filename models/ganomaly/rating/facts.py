"""The report's numbers: of each set, and of each candidate beside the reference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from skysift.models.ganomaly.rating.comparison import compare, usual
from skysift.models.ganomaly.rating.correlations import correlation
from skysift.models.ganomaly.rating.latent import drawn_dimensions, explained
from skysift.models.ganomaly.rating.matching import partners
from skysift.models.ganomaly.rating.sample import Sample
from skysift.models.ganomaly.rating.sets import RatedSet
from skysift.models.ganomaly.rating.views import ANGLES, by_galaxy, orientation, spread

MASS = "mass"
"""Column of a catalogue with decadic logarithms of stellar masses [Msun]."""

MASSES = {"low": (9.0, 10.289), "mid": (10.289, 11.395), "high": (11.395, 12.5)}
"""Bins of that, as published."""

MATCHED = (MASS, "size")
"""Columns that are matched in by default, those of them that a catalogue has."""

SCORES = {"combined": "combined", "latent": "log_raw"}
"""What properties are correlated with: the combined score, and the latent score's logarithm."""


@dataclass(frozen=True)
class Candidate:
    """A set that is compared with the reference.

    Attributes
    ----------
    given : RatedSet
        As its images are.
    observed : RatedSet or None
        As the survey would have taken them.
    """

    given: RatedSet
    observed: RatedSet | None

    @property
    def ways(self) -> dict[str, RatedSet]:
        """The sets, by ``as_given`` and ``observed``."""
        ways = {"as_given": self.given, "observed": self.observed}
        return {way: one for way, one in ways.items() if one is not None}


def of_set(one: RatedSet, columns: Sequence[str], *, seed: int) -> dict[str, Any]:
    """Tell of a set by itself.

    Parameters
    ----------
    one : RatedSet
    columns : sequence of str
        Of the catalogue.
    seed : int

    Returns
    -------
    dict
        ``images``, ``scored``, ``left_out`` by reason, ``artefacts`` by kind, ``galaxies``;
        ``scores``, quartiles of each; ``views``, see `views.spread`; ``orientation`` by angle;
        ``correlations`` by column and score; ``latent``, see `latent.explained`.
    """
    table, sample = one.scored, one.sample
    status = one.table["status"]
    return {
        "images": len(one.table),
        "scored": len(table),
        "left_out": dict(Counter(status[status != "ok"])),
        "artefacts": dict(Counter(table["artefact"][table["artefact"] != ""])),
        "galaxies": sample.galaxies,
        "scores": {
            name: _quartiles(table[name].to_numpy(np.float64))
            for name in ("combined", "raw", "published", "percentile")
        },
        "views": spread(by_galaxy(table), seed=seed),
        "orientation": {
            angle: orientation(table, angle, seed=seed) for angle in ANGLES if angle in columns
        },
        "correlations": {
            column: {
                score: correlation(
                    getattr(sample, field), table[column].to_numpy(np.float64), sample.galaxy,
                    seed=seed,
                )
                for score, field in SCORES.items()
            }
            for column in columns
        },
        "latent": explained(sample),
    }  # fmt: skip


def of_candidate(
    reference: RatedSet, candidate: Candidate, match: Sequence[str], *, masses: bool, seed: int
) -> dict[str, Any]:
    """Tell of a candidate beside the reference.

    Parameters
    ----------
    reference : RatedSet
    candidate : Candidate
    match : sequence of str
        Columns to match in; none leaves matching out.
    masses : bool
        Compare in bins of mass, too.
    seed : int

    Returns
    -------
    dict
        ``as_given`` and ``observed``, see `comparison.compare`; ``usual``, see `comparison.usual`;
        ``matched``, ``by_mass`` or None; ``dimensions`` that so many of the reference fill.
    """
    sample = reference.sample
    galaxies = candidate.given.sample.galaxies
    return {
        **{way: compare(sample, one.sample, seed=seed) for way, one in candidate.ways.items()},
        "usual": usual(sample, galaxies, seed=seed),
        "matched": _matched(reference, candidate, list(match), seed) if match else None,
        "by_mass": _by_mass(reference, candidate, seed) if masses else None,
        "dimensions": drawn_dimensions(sample, galaxies, seed=seed),
    }


def _matched(
    reference: RatedSet, candidate: Candidate, columns: list[str], seed: int
) -> dict[str, Any] | None:
    """Compare with those of the reference that are alike; None where there are none."""
    sample, told = reference.sample, {}
    for way, one in candidate.ways.items():
        pairs = partners(reference.known(columns), one.known(columns))
        if not pairs.found.any():
            return None
        told[way] = {
            "found": pairs.found.mean(), "effective": pairs.effective,
            **compare(sample, one.sample, seed=seed, partners=pairs),
        }  # fmt: skip
    return {"columns": columns, **told}


def _by_mass(reference: RatedSet, candidate: Candidate, seed: int) -> dict[str, Any]:
    """Compare in each bin of mass that both have images in."""
    told: dict[str, Any] = {}
    for name, (low, high) in MASSES.items():
        some = _within(reference, low, high)
        told[name] = {"low": low, "high": high, "reference": len(some)}
        for way, one in candidate.ways.items():
            other = _within(one, low, high)
            both = len(some) and len(other)
            told[name][way] = compare(some, other, seed=seed) if both else None
    return told


def _within(one: RatedSet, low: float, high: float) -> Sample:
    mass = one.known([MASS])[:, 0]
    return one.sample[(mass >= low) & (mass < high)]


def _quartiles(values: np.ndarray) -> dict[str, float]:
    names = ("least", "lower", "median", "upper", "largest")
    return dict(zip(names, np.quantile(values, [0, 0.25, 0.5, 0.75, 1]).tolist(), strict=True))
