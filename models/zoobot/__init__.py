"""Zoobot: how people would vote on a galaxy's shape, and how sure that is.

See README.md in this folder for what it answers, how it was trained and where it fails.
"""

from __future__ import annotations

from skysift.models.zoobot.scorer import Ensemble, Scorer, check_weights, load, load_ensemble

__all__ = ["Ensemble", "Scorer", "check_weights", "load", "load_ensemble"]
