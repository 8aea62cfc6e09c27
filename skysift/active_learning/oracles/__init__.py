"""Oracles: whoever answers.

An oracle works on the open questions of a round and leaves its answers in the ledger, each as soon
as it is given. It may stop before all are answered: the round goes on when an oracle is next put
to work. A page on which people label needs no more than a `Desk` for each of them; to the loop it
is an oracle whose answers come from elsewhere, so none is given.
"""

from __future__ import annotations

from typing import Protocol

from skysift.active_learning.ledger import Ledger
from skysift.active_learning.oracles.file import FileOracle
from skysift.active_learning.oracles.table import TableOracle
from skysift.active_learning.oracles.terminal import TerminalOracle

__all__ = ["FileOracle", "Oracle", "TableOracle", "TerminalOracle"]


class Oracle(Protocol):
    """Somebody, or something, that answers."""

    def work(self, ledger: Ledger, campaign: str, round: int) -> None:
        """Answer open questions of a round, as many as there is time for."""
        ...
