"""GANomaly: images unlike those of a survey, by what a network cannot code or make again.

See README.md in this folder for what it answers, how it was trained and where it fails.
"""

from __future__ import annotations
