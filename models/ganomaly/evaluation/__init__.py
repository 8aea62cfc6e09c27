"""How well images of other classes are told from normal ones, in numbers and pictures.

`judge` makes the whole report; ``detection`` holds the figures of one score, ``figure`` draws.
"""

from __future__ import annotations

from skysift.models.ganomaly.evaluation.judge import judge

__all__ = ["judge"]
