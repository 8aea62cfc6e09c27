"""Read a path with alerts piece by piece, whatever it is, in an order that never changes.

A path is an Avro container, a nightly tarball of them, a Parquet file, or a folder of any of
these. Nothing is decoded here, and no more than a piece is in memory.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from skysift.alerts._container_file import container_payloads
from skysift.alerts._parquet import parquet_payloads
from skysift.alerts._tarball import tarball_payloads
from skysift.alerts.columns import COLUMNS, source_paths
from skysift.alerts.packet import MAGIC, split
from skysift.alerts.payload import Payload, broken
from skysift.alerts.table_layout import TableLayout, detect_survey

__all__ = ["Offer", "Payload", "iter_file", "iter_payloads", "list_files", "peek"]

MAX_BYTES = 8 * 2**20
"""A payload of this size holds about a hundred ZTF packets."""

SUFFIXES = (".avro", ".parquet", ".tar", ".tar.gz", ".tgz")
"""Files that are read in a folder. A file named alone is looked into whatever it is called."""

PASSED_OVER = (".", "_")
HEAD_BYTES = 512
PARQUET_MAGIC = b"PAR1"
TAR_MAGIC = b"ustar"
TAR_MAGIC_AT = 257
COMPRESSED_MAGICS = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")


@dataclass(frozen=True)
class Offer:
    """What the alerts of a path have: their survey, and the paths of their fields."""

    survey: str
    paths: frozenset[str]


def list_files(path: str | os.PathLike[str]) -> list[Path]:
    """List the files that hold alerts, in the order in which they are read.

    In a folder, at any depth, these are the files with one of SUFFIXES. Names that begin with a
    dot or an underscore, and those that end in ``.tmp`` or ``.part``, are passed over.

    Raises
    ------
    FileNotFoundError
        If there is nothing at this path.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"there is nothing at {path}: give a file or folder with alerts")
    if not path.is_dir():
        return [path]
    found = []
    for folder, folders, names in os.walk(path, onerror=_raise):
        folders[:] = [name for name in folders if not name.startswith(PASSED_OVER)]
        found += [Path(folder, name) for name in names if _is_wanted(name)]
    return sorted(found, key=lambda file: file.relative_to(path).parts)


def iter_payloads(
    path: str | os.PathLike[str],
    *,
    max_bytes: int = MAX_BYTES,
    skip: int = 0,
    columns: Collection[str] | None = None,
) -> Iterator[Payload]:
    """Yield the alerts of a path in pieces.

    Parameters
    ----------
    path : path
        A file, or a folder.
    max_bytes : int
        Size of a piece, where it can be cut so small.
    skip : int
        Pieces to pass over, without decoding them.
    columns : collection of str, optional
        Paths of the fields that will be needed, for formats that can leave out the rest (Parquet).

    Yields
    ------
    Payload
        What cannot be read comes as a payload of kind ``broken``.

    Raises
    ------
    FileNotFoundError
        If there is nothing at this path.
    """
    return _iter_files(list_files(path), max_bytes, skip, columns)


def _iter_files(
    files: list[Path], max_bytes: int, skip: int, columns: Collection[str] | None
) -> Iterator[Payload]:
    for number, file in enumerate(files):
        if number == len(files) - 1:
            yield from iter_file(file, max_bytes=max_bytes, skip=skip, columns=columns)
        elif skip > 0 and _is_one_piece(file, max_bytes):
            skip -= 1
        else:
            for payload in iter_file(file, max_bytes=max_bytes, columns=columns):
                if skip == 0:
                    yield payload
                skip = max(0, skip - 1)


def _is_one_piece(file: Path, max_bytes: int) -> bool:
    """Tell that a file makes one payload, good or broken, without opening it."""
    return file.suffix == ".avro" and file.exists() and file.stat().st_size <= max_bytes


def iter_file(
    path: str | os.PathLike[str],
    *,
    max_bytes: int = MAX_BYTES,
    skip: int = 0,
    columns: Collection[str] | None = None,
) -> Iterator[Payload]:
    """Yield the alerts of one file in pieces; see `iter_payloads`."""
    source = os.fspath(path)
    try:
        with open(source, "rb") as file:
            head = file.read(HEAD_BYTES)
            if head.startswith(MAGIC):
                yield from container_payloads(file, source, max_bytes=max_bytes, skip=skip)
                return
    except OSError as error:
        if skip == 0:
            yield broken(f"the file cannot be read: {error.strerror or error}", source)
        return
    if head.startswith(PARQUET_MAGIC):
        yield from parquet_payloads(source, max_bytes=max_bytes, skip=skip, columns=columns)
    elif _is_tarball(head, source):
        yield from tarball_payloads(source, max_bytes=max_bytes, skip=skip)
    elif skip == 0:
        what = "it is none of Avro container, tarball and Parquet" if head else "it is empty"
        yield broken(what, source, 0, head)


def peek(path: str | os.PathLike[str]) -> Offer | None:
    """Tell what the alerts of a path have, from the first that can be read.

    Returns
    -------
    Offer or None
        None if there is no readable alert.

    Raises
    ------
    FileNotFoundError
        If there is nothing at this path.
    """
    offers = (_offer(payload) for payload in iter_payloads(path))
    return next((offer for offer in offers if offer is not None), None)


def _offer(payload: Payload) -> Offer | None:
    if payload.kind == "table":
        with pa.ipc.open_stream(payload.data) as reader:
            return _table_offer(reader.schema)
    if payload.kind == "broken":
        return None
    packet = split(payload.data, payload.key)
    if packet.schema is None or packet.schema.survey is None or not packet.records:
        return None
    return Offer(packet.schema.survey, packet.schema.paths())


def _table_offer(schema: pa.Schema) -> Offer | None:
    try:
        survey = detect_survey(schema.names)
    except ValueError:
        return None
    layout = TableLayout(schema)
    paths = filter(layout.has, source_paths(COLUMNS, survey))
    return Offer(survey, frozenset(paths))


def _is_wanted(name: str) -> bool:
    return name.endswith(SUFFIXES) and not name.startswith(PASSED_OVER)


def _is_tarball(head: bytes, source: str) -> bool:
    marked = head[TAR_MAGIC_AT : TAR_MAGIC_AT + len(TAR_MAGIC)] == TAR_MAGIC
    return marked or head.startswith(COMPRESSED_MAGICS) or source.endswith(".tar")


def _raise(error: OSError) -> None:
    raise error
