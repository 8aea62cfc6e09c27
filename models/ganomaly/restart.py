"""Draw the discriminator's weights anew, as the published training does when it wins every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skysift.models.ganomaly.networks import DISCRIMINATOR
from skysift.models.ganomaly.networks.parts import SPREAD

if TYPE_CHECKING:
    from skysift.models.ganomaly.step import Pair


def restart(pair: Pair, *, seed: int, forget: bool) -> None:
    """Draw the weights of the discriminator anew.

    Kernels as N(0, 0.02), scales of normalisations as N(1, 0.02), what is added as 0.

    Parameters
    ----------
    pair : Pair
    seed : int
        The step is added to it: what is drawn is the same after an interruption.
    forget : bool
        Make the optimiser begin anew, too. With memories of the tiny gradients of one that always
        wins, its first steps would be huge.
    """
    rng = np.random.default_rng([seed, int(pair.generator.iterations)])
    for variable in pair.network.get_layer(DISCRIMINATOR).trainable_variables:
        if variable.name in ("bias", "beta"):
            variable.assign(np.zeros(variable.shape, np.float32))
        else:
            middle = 1.0 if variable.name == "gamma" else 0.0
            variable.assign(rng.normal(middle, SPREAD, variable.shape).astype(np.float32))
    if forget:
        rate = float(pair.discriminator.learning_rate)
        for variable in pair.discriminator.variables:
            variable.assign(np.zeros(variable.shape, variable.dtype))
        pair.discriminator.learning_rate = rate
