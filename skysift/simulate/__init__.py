"""Alerts with known truth, made from a seed: what tests, training and the demo run on."""

from __future__ import annotations

from skysift.simulate.kinds import DEFAULT_MIX, KINDS
from skysift.simulate.night import simulate_night, write_night

__all__ = ["DEFAULT_MIX", "KINDS", "simulate_night", "write_night"]
