"""Variable stars whose stamps show something that no other alert does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from skysift.simulate.kinds.variable import make_variable
from skysift.simulate.oddities import ODDITIES
from skysift.simulate.target import Target


def make_oddity(night: float, *, rng: np.random.Generator) -> Target:
    """Draw a variable star, in a field with other stars, and what happens to its stamps."""
    name = str(rng.choice(list(ODDITIES)))
    return replace(make_variable(night, rng=rng), kind="oddity", subclass=name, oddity=name)
