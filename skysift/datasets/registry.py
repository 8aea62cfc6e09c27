"""Published training sets: where they are, and how to know that they are what they should be."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from skysift.models._settings import nearest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE = Path(__file__).with_name("registry.toml")


@dataclass(frozen=True)
class Archive:
    """A zip file of a record.

    Attributes
    ----------
    name : str
    md5 : str
        Its checksum, or the first digits of it, in hexadecimal.
    members : str
        Pattern of the names of the files in it that are wanted.
    unpacked_bytes : int
        What they take, about.
    """

    name: str
    md5: str
    members: str
    unpacked_bytes: int


@dataclass(frozen=True)
class Record:
    """A record of a repository that speaks Zenodo's REST API.

    Attributes
    ----------
    title, doi, licence : str
    base_url : str
        The record is at ``BASE_URL/api/records/RECORD``, its files at ``…/files/NAME/content``.
    record : str
    archives : tuple of Archive
    """

    title: str
    doi: str
    licence: str
    base_url: str
    record: str
    archives: tuple[Archive, ...]


def registered(name: str) -> Record:
    """Return a published training set by name.

    Raises
    ------
    KeyError
        If there is none of that name; the message says what there is.
    """
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))
    if name not in tables:
        raise KeyError(f"no published training set is called {name!r}{nearest(name, tables)}")
    table = tables[name]
    archives = tuple(Archive(**archive) for archive in table.pop("archives"))
    return Record(**table, archives=archives)
