"""What a network says of the answers: fractions, or concentrations of a Dirichlet distribution.

A question's concentrations α say which fractions of answers are how likely; their mean is α / Σα,
and the larger they are, the surer it is. Large ones are a multinomial, for two answers a binomial.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import layers, ops

FRACTIONS, CONCENTRATIONS, PUBLISHED = "fractions", "concentrations", "published"

HEADS = (FRACTIONS, CONCENTRATIONS, PUBLISHED)
"""Of each question a softmax; α between `LEAST` and `MOST`, even in their logarithm; or α from 1 to
101, even in themselves, as published in 2022, which forbids fractions that are surely near 0 or 1.
"""

LEAST, MOST = 0.02, 1000.0


def concentrations(logits, head: str):
    """Return α (b, answers) of logits."""
    share = ops.sigmoid(logits)
    if head == PUBLISHED:
        return 100.0 * share + 1.0
    return ops.exp(math.log(LEAST) + math.log(MOST / LEAST) * share)


def each(function: Callable[[Any], Any], values, counts: Sequence[int]):
    """Apply a function to the answers of each question, (b, answers) to the same."""
    return ops.concatenate([function(part) for part in _parts(values, counts)], axis=-1)


def sum_of_each(values, counts: Sequence[int]):
    """Sum the answers of each question, (b, questions)."""
    sums = [ops.sum(part, axis=-1, keepdims=True) for part in _parts(values, counts)]
    return ops.concatenate(sums, axis=-1)


def _parts(values, counts: Sequence[int]) -> list[Any]:
    stops = [sum(counts[: i + 1]) for i in range(len(counts))]
    return [values[:, stop - count : stop] for stop, count in zip(stops, counts, strict=True)]


class Answers(layers.Layer):
    """Turns logits into what the network says: float32 (n, answers).

    Parameters
    ----------
    head : str
        One of `HEADS`.
    counts : sequence of int
        Answers of each question.

    Raises
    ------
    ValueError
        If there is no such head, or a question has less than two answers.
    """

    def __init__(self, head: str, counts: Sequence[int], **settings: Any) -> None:
        super().__init__(dtype="float32", **settings)
        if head not in HEADS:
            raise ValueError(f"head must be one of {', '.join(HEADS)}. Got: {head!r}")
        if not counts or min(counts) < 2:
            raise ValueError(f"questions have two answers or more. Got: {list(counts)}")
        self.head, self.counts = head, tuple(counts)

    def call(self, logits):
        """Answer."""
        if self.head == FRACTIONS:
            return each(ops.softmax, logits, self.counts)
        return concentrations(logits, self.head)

    def get_config(self) -> dict[str, Any]:
        """Return what it takes to make the layer again."""
        config = {**super().get_config(), "head": self.head, "counts": list(self.counts)}
        config.pop("dtype", None)
        return config


def head(features, *, answers: Sequence[int], kind: str, dropout: float) -> keras.KerasTensor:
    """Dropout, one dense layer, and `Answers`: behind the features of either network."""
    from skysift.models.zoobot.networks import DROPOUT, LOGITS

    x = layers.Dropout(dropout, name=DROPOUT)(features)
    x = layers.Dense(sum(answers), name=LOGITS, dtype="float32")(x)
    return Answers(kind, answers, name="answers")(x)
