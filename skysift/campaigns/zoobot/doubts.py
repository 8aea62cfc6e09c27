"""What a network that was sampled does not know of votes, as strategies want to be told."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np

from skysift.active_learning.learner import Doubt
from skysift.models.zoobot.uncertainty.information import of_votes
from skysift.models.zoobot.uncertainty.passes import Passes

WAYS = 1000
"""In which votes may fall, at most: 40 votes on three answers fall in 861."""


def doubt_of(passes: Passes, questions: Sequence[str], votes: int) -> Doubt:
    """Tell the doubt about questions.

    Entropies are of all ways in which `votes` people would answer, p(k | N); of a question with
    many answers of fewer, so that there are no more than `WAYS`.

    Parameters
    ----------
    passes : Passes
        Of n galaxies.
    questions : sequence of str
    votes : int

    Returns
    -------
    Doubt
        (n, questions); NaN for galaxies that the network could not look at.
    """
    fractions = passes.fractions
    asked = passes.tree.asked(fractions.mean(axis=1))
    whole = np.isfinite(fractions).all(axis=(1, 2))
    names = list(passes.tree.slices)
    columns = []
    for question in questions:
        part = passes.tree.slices[question]
        told = of_votes(passes, question, people(votes, part.stop - part.start))
        spread = fractions[..., part].var(axis=1).sum(axis=1)
        columns.append((told.predictive, told.expected, spread, asked[:, names.index(question)]))
    table = np.array(columns).transpose(1, 2, 0)
    return Doubt(*np.where(whole[:, None], table, np.nan))


def next_answer(passes: Passes, question: str) -> np.ndarray:
    """Return how one more person answers a question, by each pass: (passes, n, outcomes).

    The first outcome is that the person does not get as far; a question that everybody is asked
    has none such.
    """
    fractions = passes.fractions
    names = list(passes.tree.slices)
    asked = passes.tree.asked(fractions)[..., names.index(question), None]
    answers = asked * fractions[..., passes.tree.slices[question]]
    if passes.tree[question].parent is not None:
        answers = np.concatenate([1 - asked, answers], axis=-1)
    answers[~np.isfinite(fractions).all(axis=(1, 2))] = np.nan
    return answers.transpose(1, 0, 2)


def people(votes: int, answers: int) -> int:
    """Return as many of `votes` as fall in no more than `WAYS` ways on so many answers.

    Examples
    --------
    >>> people(40, 2), people(40, 3), people(40, 6)
    (40, 40, 7)
    """
    possible = (n for n in range(votes, 1, -1) if comb(n + answers - 1, answers - 1) <= WAYS)
    return next(possible, 1)
