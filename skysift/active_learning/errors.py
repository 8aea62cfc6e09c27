"""What the ledger refuses."""

from __future__ import annotations


class LedgerError(RuntimeError):
    """The ledger refuses an entry; the message says why. Nothing was written."""


class AlreadyAnsweredError(LedgerError):
    """The labeller has answered the question, and otherwise."""


class LedgerVersionError(LedgerError):
    """The database's tables are of another version, or not a ledger's."""
