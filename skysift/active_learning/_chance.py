"""Random numbers of a round: apart for each purpose, the same in a loop and in a replay."""

from __future__ import annotations

import numpy as np

CHOOSING, FITTING = 1, 2


def generator(seed: int, round: int, purpose: int) -> np.random.Generator:
    """Make the generator of a round for a purpose, `CHOOSING` or `FITTING`."""
    return np.random.default_rng([seed, round, purpose])
