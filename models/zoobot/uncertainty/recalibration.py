"""Widen posteriors until they hold: one number a question, by maximum likelihood.

A multinomial knows no scatter but that of the draw, so a network of fractions is too sure wherever
galaxies that look alike to it are not alike to people. Its fractions become means of a Dirichlet
distribution, whose concentration is found on galaxies that it has not learned from. A network of
concentrations gets all of them multiplied by a factor. What is expected does not change.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

from skysift.models.zoobot.uncertainty.passes import Passes
from skysift.models.zoobot.uncertainty.votes import log_chance

LIMITS = {"concentration": (0.5, 1e5), "factor": (1e-2, 1e2)}
"""Of what is found."""

SURE = 1e-6
"""Nearest to 0 that a fraction is taken to be: an impossible answer that somebody gave has no
likelihood, and a concentration must be above 0."""


def fit(passes: Passes, votes: np.ndarray) -> dict[str, dict[str, Any]]:
    """Find for each question what makes the votes likeliest.

    Parameters
    ----------
    passes : Passes
        Of galaxies that the network has not learned from.
    votes : ndarray (n, answers)

    Returns
    -------
    dict
        By question, ``concentration`` (of fractions) or ``factor`` (of concentrations), and
        ``galaxies``, on how many votes it was found. Without any, posteriors stay as they are:
        the factor is 1, and the concentration the largest there is.
    """
    key = "factor" if passes.concentrated else "concentration"
    found = {}
    for name, part in passes.tree.slices.items():
        asked = votes[:, part].sum(axis=1) > 0
        values = np.maximum(passes.of(name)[asked], SURE)
        best = _likeliest(values, votes[asked, part], LIMITS[key]) if asked.any() else None
        unchanged = 1.0 if key == "factor" else LIMITS[key][1]
        found[name] = {key: unchanged if best is None else best, "galaxies": int(asked.sum())}
    return found


def _likeliest(values: np.ndarray, votes: np.ndarray, limits: tuple[float, float]) -> float:
    def unlikely(log_times: float) -> float:
        by_pass = log_chance(values * np.exp(log_times), True, votes[:, None])
        return -float(logsumexp(by_pass, axis=1).sum())

    found = minimize_scalar(unlikely, bounds=tuple(np.log(limits)), method="bounded")
    return float(np.exp(found.x))
