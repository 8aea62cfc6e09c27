"""What can go wrong with a server, by what is to be done about it."""

from __future__ import annotations


class SkyPortalError(ValueError):
    """Nothing more can be sent: the address, the token or an id is wrong, or nobody answers."""


class UnreachableError(SkyPortalError):
    """The server does not answer, or not as SkyPortal does; later it may."""


class RejectedError(ValueError):
    """The server does not take this one thing, and says why; it may take others."""


class FaultError(ValueError):
    """The server failed over this one thing (500); others may go well."""


class UncertainError(Exception):
    """Nobody knows whether the server has taken it: look there before it is sent again.

    Attributes
    ----------
    last : ValueError
        What to raise if another look does not help.
    """

    def __init__(self, last: ValueError) -> None:
        super().__init__(str(last))
        self.last = last
