"""How well votes are told, in numbers and pictures.

`judge` makes the whole report; the other files are its steps: ``look`` (ask the network),
``fractions`` (errors and likelihoods), ``agreement`` (the likeliest answer), ``held`` (coverage),
``figure`` and ``galaxies_seen`` (pictures).
"""

from __future__ import annotations

from skysift.models.zoobot.evaluation.judge import judge

__all__ = ["judge"]
