"""What a server has taken, remembered in a folder: a small file an object, written whole.

The server is the authority; the ledger spares asking it, and keeps what people removed there from
coming back.
"""

from __future__ import annotations

import fcntl
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from skysift.adapters.skyportal.posts import Post
from skysift.whole import whole


@dataclass(frozen=True)
class Entry:
    """What is remembered of an object.

    Attributes
    ----------
    object_id, origin : str
    ra, dec : float
        Degrees.
    taken : tuple of str
        Keys of the steps that the server has taken, see `steps.Step`.
    """

    object_id: str
    origin: str
    ra: float
    dec: float
    taken: tuple[str, ...] = ()


class Ledger:
    """The memory of one server.

    Parameters
    ----------
    folder : Path
        Of the ledgers of all servers; made when something is to be remembered.
    server : str
        Address.

    Raises
    ------
    ValueError
        If a file in it is damaged; names it.
    """

    def __init__(self, folder: Path, server: str) -> None:
        address = urlsplit(server)
        self.folder = folder / re.sub(r"[^\w.-]", "_", address.netloc + address.path)
        self._entries = {entry.object_id: entry for entry in _read_all(self.folder)}

    @property
    def entries(self) -> list[Entry]:
        """All objects."""
        return list(self._entries.values())

    def taken(self, object_id: str) -> frozenset[str]:
        """Tell what the server has taken of an object: keys of steps."""
        entry = self._entries.get(object_id)
        return frozenset(entry.taken if entry else ())

    def note(self, post: Post, keys: Iterable[str]) -> None:
        """Remember what the server has taken of a post; it is on the disk on return."""
        new = [key for key in keys if key not in self.taken(post.object_id)]
        if not new:
            return
        place = post.candidate
        known = self._entries.get(post.object_id) or Entry(
            post.object_id, place.origin, place.ra, place.dec
        )
        entry = Entry(known.object_id, known.origin, known.ra, known.dec, (*known.taken, *new))
        _write(entry, self.folder)
        self._entries[entry.object_id] = entry

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other runs out; the lock goes with the process, however it ends.

        Raises
        ------
        ValueError
            If another process posts from here to this server.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ValueError(
                    f"another process is posting what {self.folder} remembers"
                ) from None
            # It may have ended just now, and remembered more than was read before.
            self._entries = {entry.object_id: entry for entry in _read_all(self.folder)}
            yield


def _read_all(folder: Path) -> Iterator[Entry]:
    for file in sorted(folder.glob("*.json")):
        try:
            read = json.loads(file.read_text(encoding="utf-8"))
            yield Entry(**{**read, "taken": tuple(read["taken"])})
        except (KeyError, TypeError, ValueError):
            raise ValueError(
                f"{file} is no entry of a ledger; without it the server is asked what it has"
            ) from None


def _write(entry: Entry, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{entry.object_id}.json"
    with whole(path, lasting=True) as part:
        part.write_text(json.dumps(vars(entry), indent=1), encoding="utf-8")
