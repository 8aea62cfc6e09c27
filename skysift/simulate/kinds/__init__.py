"""The kinds of object on the simulated sky: one file a kind, each with its `make_*`."""

from __future__ import annotations

from collections.abc import Callable

from skysift.simulate.kinds.agn import make_agn
from skysift.simulate.kinds.asteroid import make_asteroid
from skysift.simulate.kinds.bogus import make_bogus
from skysift.simulate.kinds.comet import make_comet
from skysift.simulate.kinds.cv import make_cv
from skysift.simulate.kinds.oddity import make_oddity
from skysift.simulate.kinds.streak import make_streak
from skysift.simulate.kinds.supernova import BRIGHT_PEAK, make_dim_supernova, make_supernova
from skysift.simulate.kinds.variable import make_variable
from skysift.simulate.target import Target

KINDS: dict[str, Callable[..., Target]] = {
    "supernova": make_supernova,
    "dim_supernova": make_dim_supernova,
    "variable": make_variable,
    "cv": make_cv,
    "agn": make_agn,
    "asteroid": make_asteroid,
    "bogus": make_bogus,
    "comet": make_comet,
    "streak": make_streak,
    "oddity": make_oddity,
}
"""Name → ``make(night, *, rng) -> Target``, with `night` the Julian date at its start."""

DEFAULT_MIX = {
    "supernova": 0.06,
    "dim_supernova": 0.08,
    "variable": 0.34,
    "cv": 0.04,
    "agn": 0.12,
    "asteroid": 0.16,
    "bogus": 0.20,
}
"""Shares of objects, roughly as they reach a broker but with more supernovae.

Comets, streaks and oddities have no share: they came later, and the alerts of a seed stay what they
were.
"""


def is_bright_transient(target: Target) -> bool:
    """Label of the Bright Transient Survey: a supernova that peaks at 18.5 mag or brighter."""
    return target.kind.endswith("supernova") and target.peak_mag <= BRIGHT_PEAK
