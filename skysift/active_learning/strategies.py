"""Strategies: how much a label of each row would teach.

Each public function here is a strategy, known to the configuration by its name. Positional
parameters are signals by their names in `skysift.active_learning.signals`; keyword-only ones are
settings, and ``rng`` where chance is needed. The answer is a utility for each row, float64 (n,):
the larger, the sooner it should be asked about; NaN where nothing can be said (a probability is
NaN), and such rows are asked about last.

What the model predicts goes in, never the truth. Logarithms are natural.
"""

from __future__ import annotations

import numpy as np
from scipy.special import xlogy
from sklearn.neighbors import NearestNeighbors

from skysift.active_learning.space import standardised

LOSSES = ("log", "zero_one")


def random(items: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    """Any row as well as any other: what every strategy has to beat.

    Parameters
    ----------
    items : ndarray (n,)
    rng : Generator
    """
    return rng.random(len(items))


def least_confident(probability: np.ndarray) -> np.ndarray:
    """One minus the probability of the likeliest class: the expected share of errors.

    Parameters
    ----------
    probability : ndarray (n, k), float

    Raises
    ------
    ValueError
        If rows are not probabilities of at least two classes.

    Examples
    --------
    >>> least_confident(np.array([[0.5, 0.5], [1.0, 0.0], [np.nan, 1.0]]))
    array([0.5, 0. , nan])
    """
    return 1.0 - _checked(probability).max(axis=1)


def margin(probability: np.ndarray) -> np.ndarray:
    """One minus the lead of the likeliest class over the next (Scheffer et al. 2001).

    Parameters
    ----------
    probability : ndarray (n, k), float

    Raises
    ------
    ValueError
        If rows are not probabilities of at least two classes.
    """
    rising = np.sort(_checked(probability), axis=1)
    return 1.0 - (rising[:, -1] - rising[:, -2])


def entropy(probability: np.ndarray) -> np.ndarray:
    """Shannon's entropy of the model's prediction, in nats.

    Parameters
    ----------
    probability : ndarray (n, k), float

    Raises
    ------
    ValueError
        If rows are not probabilities of at least two classes.

    Examples
    --------
    >>> entropy(np.array([[0.5, 0.5], [1.0, 0.0]])).round(3)
    array([0.693, 0.   ])
    """
    return _entropy(_checked(probability))


def vote_entropy(committee: np.ndarray) -> np.ndarray:
    """Entropy of the classes for which a committee's members vote (Dagan & Engelson 1995).

    Parameters
    ----------
    committee : ndarray (m, n, k), float
        Each member's probabilities. A member that cannot judge a row (NaN) has no vote there; one
        with several likeliest classes divides its vote.

    Raises
    ------
    ValueError
        If a member's rows are not probabilities of at least two classes.
    """
    members = _members(committee)
    favourite = (members == members.max(axis=2, keepdims=True)).astype(np.float64)
    favourite[np.isnan(members)] = np.nan
    return _entropy(_mean_of_judges(favourite / favourite.sum(axis=2, keepdims=True)))


def mean_divergence(committee: np.ndarray) -> np.ndarray:
    """Mean Kullback-Leibler divergence of members from their consensus (McCallum & Nigam 1998).

    The same as the entropy of the mean less the mean entropy, the mutual information that BALD
    maximises (Houlsby et al. 2011): large where members are sure of different things, and small
    where all of them are unsure.

    Parameters
    ----------
    committee : ndarray (m, n, k), float
        Each member's probabilities; a member that cannot judge a row (NaN) is left out there.

    Raises
    ------
    ValueError
        If a member's rows are not probabilities of at least two classes.
    """
    members = _members(committee)
    return _entropy(_mean_of_judges(members)) - _mean_of_judges(_entropy(members))


def variance(spread: np.ndarray) -> np.ndarray:
    """Variance of what is expected between all that the model might be, summed over questions.

    Parameters
    ----------
    spread : ndarray (n, questions), float
    """
    return _of_all(spread)


def predictive_entropy(predictive: np.ndarray) -> np.ndarray:
    """Entropy of the answers to come, summed over questions: also what no label mends.

    Parameters
    ----------
    predictive : ndarray (n, questions), float
    """
    return _of_all(predictive)


def bald(predictive: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Mutual information between answers and model, summed over questions (Houlsby et al. 2011).

    Each question counts as if everybody were asked it; `tree_bald` knows better.

    Parameters
    ----------
    predictive, expected : ndarray (n, questions), float
        Entropies [nat].

    Examples
    --------
    >>> bald(np.array([[1.0, 0.7], [2.0, 0.5]]), np.array([[0.8, 0.7], [2.0, 0.4]])).round(2)
    array([0.2, 0.1])
    """
    return _of_all(_information(predictive, expected))


def tree_bald(predictive: np.ndarray, expected: np.ndarray, reached: np.ndarray) -> np.ndarray:
    """`bald` on a decision tree: each question counts as far as people get to it.

    Parameters
    ----------
    predictive, expected : ndarray (n, questions), float
        Entropies [nat].
    reached : ndarray (n, questions), float
        Share of people who are asked the question.

    References
    ----------
    Walmsley et al. 2022, MNRAS 509, 3966, of answers weighted by who is expected to be asked.

    Examples
    --------
    A bar is as doubtful in both, but few will get as far in the second:

    >>> tree_bald(np.ones((2, 1)), np.full((2, 1), 0.5), np.array([[0.8], [0.1]])).round(2)
    array([0.4 , 0.05])
    """
    return _of_all(np.asarray(reached) * _information(predictive, expected))


def expected_error(
    probability: np.ndarray, lookahead: np.ndarray, *, loss: str = "log"
) -> np.ndarray:
    """Less the error expected of a model that had learned the row (Roy & McCallum 2001).

    Parameters
    ----------
    probability : ndarray (n, k), float
        How likely each answer is.
    lookahead : ndarray (n, k, r, k), float
        What the model that had learned row i with answer j predicts for r reference rows.
    loss : str
        Error of a prediction: ``log`` (its entropy) or ``zero_one`` (one minus its maximum).

    Raises
    ------
    ValueError
        If `loss` is unknown, or the shapes do not belong together.
    """
    if loss not in LOSSES:
        raise ValueError(f"loss must be one of {', '.join(LOSSES)}. Got: {loss!r}")
    now = _checked(probability)
    if lookahead.shape[:2] != now.shape or lookahead.shape[3:] != now.shape[1:]:
        raise ValueError(
            "lookahead must be (n, k, r, k) for a probability (n, k). "
            f"Got: {lookahead.shape} for {now.shape}"
        )
    error = _entropy(lookahead) if loss == "log" else 1.0 - lookahead.max(axis=-1)
    return -(now * error.mean(axis=2)).sum(axis=1)


def density(space: np.ndarray, *, neighbours: int = 10) -> np.ndarray:
    """How close other rows are: the typical before the odd.

    Parameters
    ----------
    space : ndarray (n, d), float
        Where the rows lie; NaN stands at its column's median.
    neighbours : int
        The utility is less the mean distance to this many nearest rows, in standard deviations.

    Raises
    ------
    ValueError
        If `neighbours` is less than 1.
    """
    if neighbours < 1:
        raise ValueError(f"neighbours must be at least 1. Got: {neighbours}")
    points = standardised(space)
    count = min(neighbours, len(points) - 1)
    if count < 1:
        return np.zeros(len(points))
    nearest = NearestNeighbors(n_neighbors=count).fit(points)
    distance, _ = nearest.kneighbors()  # without an argument, a row is not its own neighbour
    return -distance.mean(axis=1)


def _checked(probability: np.ndarray) -> np.ndarray:
    """Return probabilities as float64 (…, n, k), a row with any NaN wholly NaN.

    Raises
    ------
    ValueError
        If there are fewer than two classes, or a row is neither NaN nor adds up to 1.
    """
    values = np.array(probability, dtype=np.float64)
    if values.ndim < 2 or values.shape[-1] < 2:
        raise ValueError(
            f"probabilities must have a column for each of two or more classes. "
            f"Got: shape {values.shape}"
        )
    values[np.isnan(values).any(axis=-1)] = np.nan
    wrong = (np.abs(values.sum(axis=-1) - 1.0) > 1e-3) | (values < 0).any(axis=-1)
    if wrong.any():
        example = values[wrong][0]
        raise ValueError(f"probabilities of a row must be >= 0 and add up to 1. Got: {example}")
    return values


def _entropy(probability: np.ndarray) -> np.ndarray:
    return -xlogy(probability, probability).sum(axis=-1) + 0.0  # no -0.0


def _information(predictive: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Entropy of all together less the mean of each: 0 or more, but for rounding."""
    return np.maximum(np.asarray(predictive) - np.asarray(expected), 0.0)


def _of_all(by_question: np.ndarray) -> np.ndarray:
    """Sum (n, questions) over the questions.

    Raises
    ------
    ValueError
        If it is no table.
    """
    values = np.asarray(by_question, dtype=np.float64)
    if values.ndim != 2:
        raise ValueError(f"signals by question must be (n, questions). Got: shape {values.shape}")
    return values.sum(axis=1)


def _members(committee: np.ndarray) -> np.ndarray:
    if np.ndim(committee) != 3:
        raise ValueError(f"a committee must be (m, n, k). Got: shape {np.shape(committee)}")
    return _checked(committee)


def _mean_of_judges(values: np.ndarray) -> np.ndarray:
    """Average over the members that are not NaN; NaN if none is left."""
    judges = (~np.isnan(values)).sum(axis=0)
    total = np.nansum(values, axis=0)
    return np.divide(total, judges, out=np.full(total.shape, np.nan), where=judges > 0)
