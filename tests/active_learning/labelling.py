"""Labelling in a process of its own: ``python -m tests.active_learning.labelling URL LABELLER``.

Keys come from the input, a line each; after each of them the ledger has it, and a line says so.
"""

from __future__ import annotations

import sys

from skysift.active_learning.ledger import Ledger
from skysift.active_learning.oracles.terminal import TerminalOracle


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


if __name__ == "__main__":
    where, labeller = sys.argv[1:]
    TerminalOracle(labeller, write=say).work(Ledger(where), "vra", 0)
