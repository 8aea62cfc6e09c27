"""A piece of a source, small enough to hold in memory, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["ocf", "record", "table", "broken"]


@dataclass(frozen=True)
class Payload:
    """Bytes that hold one or more alerts.

    Attributes
    ----------
    kind : str
        ``ocf``: an Avro container; ``record``: one bare Avro record, its schema as JSON in `key`;
        ``table``: an Arrow IPC stream; ``broken``: what could not be read, the reason in `key`.
    data : bytes
        Of something broken, the bytes that could still be had.
    key : bytes or None
    source : str
        Path of the file; in a tarball, its path, ``!`` and the member's name; or the topic.
    offset : int
        Number of the first alert of the payload within its source.
    """

    kind: Kind
    data: bytes
    key: bytes | None
    source: str
    offset: int

    @property
    def reason(self) -> str:
        """Why it is broken; empty if it is not."""
        return (self.key or b"").decode(errors="replace") if self.kind == "broken" else ""


def broken(reason: str, source: str, offset: int = 0, data: bytes = b"") -> Payload:
    """Make the payload of what cannot be read."""
    return Payload("broken", data, reason.encode(), source, offset)
