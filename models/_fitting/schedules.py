"""How the learning rate goes: by step within an epoch, and by validation loss between epochs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Protocol

FACTOR, PATIENCE, FLOOR = 0.4, 20, 5e-10
"""Of the plateau schedule, as published for BTSbot v1.0.1."""

LAST_SHARE = 0.01
"""Of the learning rate, at the end of the cosine."""


class Schedule(Protocol):
    """A course of the learning rate."""

    state: dict[str, Any]

    def rate(self, epochs: float) -> float:
        """Return the rate after `epochs` epochs, a fraction within one."""
        ...

    def epoch_ended(self, loss: float) -> None:
        """Take note of a validation loss."""
        ...


def schedule(kind: str, *, rate: float, epochs: int, warm_up: int) -> Schedule:
    """Make the schedule ``cosine``, ``plateau`` or ``constant`` from a highest rate."""
    if kind == "cosine":
        return Cosine(rate, epochs, min(warm_up, epochs))
    if kind == "plateau":
        return Plateau({"rate": rate, "best": math.inf, "waited": 0})
    if kind == "constant":
        return Cosine(rate, epochs, warm_up=0, last_share=1.0)
    raise ValueError(f"schedule must be cosine, plateau or constant. Got: {kind!r}")


@dataclass
class Cosine:
    """A linear rise over `warm_up` epochs, then half a cosine down to a share of the rate.

    References
    ----------
    Loshchilov & Hutter 2017, arXiv 1608.03983.
    """

    highest: float
    epochs: int
    warm_up: int
    last_share: float = LAST_SHARE
    state: dict[str, Any] = field(default_factory=dict)

    def rate(self, epochs: float) -> float:
        """Return the rate after `epochs` epochs."""
        if epochs < self.warm_up or self.warm_up == self.epochs:
            return self.highest * max(epochs / self.warm_up, LAST_SHARE)
        done = (epochs - self.warm_up) / (self.epochs - self.warm_up)
        share = self.last_share + (1 - self.last_share) * 0.5 * (1 + math.cos(math.pi * done))
        return self.highest * share

    def epoch_ended(self, loss: float) -> None:
        """Do nothing: the course is fixed."""


@dataclass
class Plateau:
    """The rate falls by `FACTOR` after `PATIENCE` epochs without a better loss, not below `FLOOR`.

    ``state`` holds ``rate``, ``best`` and ``waited``.
    """

    state: dict[str, Any]

    def rate(self, epochs: float) -> float:
        """Return the rate that holds now."""
        return self.state["rate"]

    def epoch_ended(self, loss: float) -> None:
        """Wait for a better loss; lower the rate when it was waited long enough."""
        state = self.state
        if loss < state["best"]:
            state.update(best=loss, waited=0)
            return
        state["waited"] += 1
        if state["waited"] >= PATIENCE:
            state.update(rate=max(state["rate"] * FACTOR, FLOOR), waited=0)
