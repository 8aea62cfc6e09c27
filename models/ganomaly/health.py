"""Is the discriminator alive? One that answers the same to everything teaches nobody anything.

The published training kills it: once it wins every time, its weights are drawn anew, its
optimiser's memory of tiny gradients makes the first step huge, and it answers the same to all
images, for good. The losses do not show it (that of the generator even falls), its answers do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

DEAD = 1e-4
"""Scatter of its probabilities, over images and reconstructions, below which it is dead; one that
tells them apart has 0.5, one that has not learned yet some thousandths."""


def is_dead(metrics: Mapping[str, float]) -> bool:
    """Tell whether the discriminator was dead over an epoch, by its ``d_spread``."""
    return metrics["d_spread"] < DEAD


def dead_since(history: Sequence[Mapping[str, float]]) -> int | None:
    """Return the epoch since which the discriminator has been dead; None if it is alive.

    Examples
    --------
    >>> dead_since([{"epoch": 1, "d_spread": 0.4}, {"epoch": 2, "d_spread": 0.0}])
    2
    """
    since = None
    for metrics in reversed(history):
        if not is_dead(metrics):
            break
        since = int(metrics["epoch"])
    return since


def report(history: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """Return what the sidecar says of the discriminator.

    Returns
    -------
    dict
        ``dead_since``, see there; ``dead_epochs``, how many in all; ``least_spread``, over the
        epochs; ``restarts``, how often its weights were drawn anew.
    """
    return {
        "dead_since": dead_since(history),
        "dead_epochs": sum(is_dead(metrics) for metrics in history),
        "least_spread": min((metrics["d_spread"] for metrics in history), default=None),
        "restarts": int(sum(metrics["d_restarts"] for metrics in history)),
    }
