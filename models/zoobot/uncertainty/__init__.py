"""How sure a network is: passes with dropout, and what follows from them. NumPy alone.

``passes`` holds what a network said in each pass; ``votes`` turns it into the chance of each number
of votes, ``information`` into entropies and what is to be learned from a label, ``coverage`` holds
it against what people said, ``recalibration`` widens it until it holds, and ``sampler`` draws it.
"""

from __future__ import annotations
