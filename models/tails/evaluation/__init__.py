"""How well comets are found: recall, false positives, places, calibration, in numbers and pictures.

`judge` makes the whole report; the other files are its steps: ``counts`` (recall and false
positives against the threshold, recall by kind of comet), ``places`` (how far off), ``report``
(files) and ``figure``.
"""

from __future__ import annotations

from skysift.models.tails.evaluation.judge import judge

__all__ = ["judge"]
