"""Alerts with known truth, made from a seed: what tests, training and the demo run on.

They look like ZTF's packets and are not. What is not real about them:

- Light curves are broken lines drawn by hand, without K-corrections, time-varying dust or real
  diversity; kinds that are missing include novae, tidal disruption events, flares, young stars,
  blazars and microlensing; trails of satellites are there among oddities alone.
- Every object has its own pointing: two objects never share an image, its seeing or its defects.
- The noise of a stamp is white; stars are round and the same everywhere; there are no spikes,
  bleeding columns, colour terms, proper motions, dead columns or masked bright stars.
- What the pipeline would measure (`fwhm`, `chipsf`, `rb`, `drb`, …) is drawn from distributions
  set by eye on a few dozen real packets. It is not measured on the stamps, so that the two agree
  in flux and seeing alone; a network that learns `drb` learns our dice.
- Comets and streaks pass on one night and have no orbit; a comet's coma and tails have one colour.
  East is to the right on the stamps, where the sky has it to the left.
- Shares of kinds, sky density, survey depth and cadence are rough; field numbers are random.

A number measured on these alerts says nothing about the sky. Whole frames are made by
`skysift.simulate.frames`.
"""

from __future__ import annotations

from skysift.simulate.kinds import DEFAULT_MIX, KINDS
from skysift.simulate.night import DEFAULT_NIGHT, simulate_night, write_night

__all__ = ["DEFAULT_MIX", "DEFAULT_NIGHT", "KINDS", "simulate_night", "write_night"]
