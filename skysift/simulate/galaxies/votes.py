"""Votes of simulated people, down a decision tree."""

from __future__ import annotations

import numpy as np

from skysift.galaxy_zoo import Tree

SCATTER = 0.18
"""Relative scatter of the number of people who look at a galaxy; that of Galaxy Zoo 2, about."""


def draw_votes(
    tree: Tree,
    shares: np.ndarray,
    volunteers: float,
    overdispersion: float,
    *,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw the votes on one galaxy.

    Everybody who looks answers the first questions; the others are asked of those alone whose
    answer led there. Without overdispersion the votes are multinomial (binomial for two answers).
    With ρ, people agree on this galaxy beyond its `shares`: what they agree on is drawn first from
    a Dirichlet distribution with concentrations ``shares (1 - ρ) / ρ``, so that the variance of
    an answer's votes is ``N p (1 - p) (1 + (N - 1) ρ)``.

    Parameters
    ----------
    tree : Tree
    shares : ndarray (columns,)
        True probability of each answer among those who are asked.
    volunteers : float
        Who look, on average.
    overdispersion : float
        ρ, from 0 to below 1.
    rng : Generator

    Returns
    -------
    ndarray (columns,), int64
        In the order of ``tree.columns``.
    """
    looked = max(1, round(rng.normal(volunteers, SCATTER * volunteers)))
    votes = np.zeros(len(tree.columns), np.int64)
    for question in tree.questions:
        part = tree.slices[question.name]
        asked = looked if question.parent is None else votes[tree.leading(question)].sum()
        opinion = shares[part]
        if overdispersion > 0.0:
            opinion = rng.dirichlet(opinion * (1.0 - overdispersion) / overdispersion)
        votes[part] = rng.multinomial(asked, opinion)
    return votes
