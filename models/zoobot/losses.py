"""Losses: how unlikely the votes are, given what a network says of the answers.

A loss takes votes (b, answers) and logits (b, answers), question after question, and gives one
number a galaxy, (b,): the sum over questions. A question that nobody answered adds exactly 0.

==================== ================================================== =========================
loss                 of each question                                   what the network tells
==================== ================================================== =========================
`binomial`           −ln ρ^k (1 − ρ)^(N − k), as published in 2020      fractions of two answers
`multinomial`        −Σ k ln p                                          fractions
`beta_binomial`      as the next                                        concentrations of two
`dirichlet_…`        −ln of the Dirichlet-multinomial (2022)            concentrations
`mse`                mean of (p − k/N)²: to compare with                fractions
`crossentropy`       −Σ (k/N) ln p: the mean of the loss of the oldest  fractions
                     version, which drew a label from the votes anew
                     each time
==================== ================================================== =========================

Only the two with concentrations hold the coefficient of the votes, which does not depend on the
network; `log_coefficient` is what the others lack.

References
----------
Walmsley et al. 2020, MNRAS 491, 1554, eq. 4 (binomial); 2022, MNRAS 509, 3966, eq. 2
(Dirichlet-multinomial).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from keras import ops

from skysift.models.zoobot.gamma import log_rising
from skysift.models.zoobot.networks.answers import FRACTIONS, concentrations, each, sum_of_each

TWO_ANSWERS = ("binomial", "beta_binomial")
"""Losses that know yes and no only."""

OF_FRACTIONS = ("binomial", "multinomial", "mse", "crossentropy")

NAMES = (*OF_FRACTIONS, "beta_binomial", "dirichlet_multinomial")


def loss_of(name: str, head: str, counts: Sequence[int]) -> Callable[[Any, Any], Any]:
    """Return a loss for Keras.

    Parameters
    ----------
    name : str
        One of `NAMES`.
    head : str
        What the network's logits mean, see `networks.answers`.
    counts : sequence of int
        Answers of each question.

    Raises
    ------
    ValueError
        If there is no such loss, or it is not one of such a head, or of so many answers.
    """
    if name not in NAMES:
        raise ValueError(f"loss must be one of {', '.join(NAMES)}. Got: {name!r}")
    if (name in OF_FRACTIONS) != (head == FRACTIONS):
        raise ValueError(f"the loss {name} does not go with a network of {head}")
    if name in TWO_ANSWERS and max(counts) > 2:
        raise ValueError(f"the loss {name} is of questions with two answers. Got: {list(counts)}")

    def loss(votes, logits):
        logits = ops.cast(logits, "float32")
        votes = ops.cast(votes, "float32")
        if head == FRACTIONS:
            return _OF_FRACTIONS[name](votes, each(ops.log_softmax, logits, counts), counts)
        return dirichlet_multinomial(votes, concentrations(logits, head), counts)

    return loss


def multinomial(votes, log_p, counts: Sequence[int]):
    """Return −Σ k ln p (b,), of votes and ln p, both (b, answers)."""
    return -ops.sum(votes * log_p, axis=-1)


def crossentropy(votes, log_p, counts: Sequence[int]):
    """Return Σ over questions of −Σ (k/N) ln p, (b,)."""
    return -ops.sum(votes / _at_least_one(_totals(votes, counts)) * log_p, axis=-1)


def mse(votes, log_p, counts: Sequence[int]):
    """Return Σ over questions of the mean of (p − k/N)², (b,)."""
    totals = _totals(votes, counts)
    error = ops.square(ops.exp(log_p) - votes / _at_least_one(totals))
    answers = _spread(ops.convert_to_tensor([[float(count) for count in counts]]), counts)
    return ops.sum(ops.where(totals > 0, error, 0.0) / answers, axis=-1)


def dirichlet_multinomial(votes, alpha, counts: Sequence[int]):
    """Return −Σ over questions of ln P(votes | α), (b,).

    With N = Σ k and A = Σ α, ln P is ln Γ(N + 1) − Σ ln Γ(k + 1) + ln Γ(A) − ln Γ(A + N)
    + Σ (ln Γ(α + k) − ln Γ(α)).

    Parameters
    ----------
    votes, alpha : tensor (b, answers), float32
    counts : sequence of int
        Answers of each question.
    """
    by_answer = log_rising(alpha, votes)
    by_question = log_rising(sum_of_each(alpha, counts), sum_of_each(votes, counts))
    return (
        ops.sum(by_question, axis=-1)
        - ops.sum(by_answer, axis=-1)
        - ops.sum(log_coefficient(votes, counts), axis=-1)
    )


def log_coefficient(votes, counts: Sequence[int]):
    """Return ln (N! / Π k!) of each question, (b, questions): in how many orders votes may come."""
    ways = log_rising(ops.ones_like(votes), votes)
    totals = sum_of_each(votes, counts)
    return log_rising(ops.ones_like(totals), totals) - sum_of_each(ways, counts)


def _totals(votes, counts: Sequence[int]):
    """Sum of the votes of its question, at each answer, (b, answers)."""
    return _spread(sum_of_each(votes, counts), counts)


def _spread(by_question, counts: Sequence[int]):
    """Repeat the number of each question for its answers, (b, answers)."""
    columns = [
        ops.repeat(by_question[:, q : q + 1], count, axis=1) for q, count in enumerate(counts)
    ]
    return ops.concatenate(columns, axis=1)


def _at_least_one(totals):
    return ops.maximum(totals, 1.0)


_OF_FRACTIONS: dict[str, Callable[..., Any]] = {
    "binomial": multinomial,
    "multinomial": multinomial,
    "mse": mse,
    "crossentropy": crossentropy,
}
