"""Tails: comets in survey frames and in alert stamps: score, place, brightness, size.

See README.md in this folder for what it answers, how it was trained and where it fails.
"""

from __future__ import annotations

from skysift.models.tails.scorer import Scorer, check_weights, load

__all__ = ["Scorer", "check_weights", "load"]
