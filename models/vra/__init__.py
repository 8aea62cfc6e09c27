"""The Fink VRA: galactic, extragalactic or bogus, learned from a few dozen labels.

See README.md in this folder for what it answers, how it learns and where it fails.
"""

from __future__ import annotations

from skysift.models.vra.scorer import Scorer, check_weights, load

__all__ = ["Scorer", "check_weights", "load"]
