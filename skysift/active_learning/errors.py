"""What the ledger refuses."""

from __future__ import annotations


class LedgerError(RuntimeError):
    """The ledger refuses an entry; the message says why. Nothing was written."""


class AlreadyAnsweredError(LedgerError):
    """The labeller has answered the question, and otherwise."""


class ClosedError(LedgerError):
    """As many others as wanted have answered the question."""


class LedgerVersionError(LedgerError):
    """The database's tables are of another version, or not a ledger's."""
