"""GANomaly: images unlike those of a survey, by what a network cannot code or make again.

See README.md in this folder for what it answers, how it was trained and where it fails.
"""

from __future__ import annotations

from skysift.models.ganomaly.scorer import Scorer, check_weights, load

__all__ = ["Scorer", "check_weights", "load"]
