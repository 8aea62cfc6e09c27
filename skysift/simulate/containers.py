"""Put packets into files: Avro containers, a folder or a tarball of them, and the truth beside."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import fastavro
import pyarrow as pa
import pyarrow.csv

from skysift.simulate.packets import load_schema, schema_json
from skysift.whole import whole

MAGIC = b"Obj\x01"
SYNC_MARKER = b"skysift simulate"
"""The 16 bytes that end every block; fixed, so that files are the same for the same seed."""
TRUTH_SCHEMA = pa.schema(
    {
        "candid": pa.int64(),
        "objectId": pa.string(),
        "jd": pa.float64(),
        "fid": pa.int32(),
        "class": pa.string(),
        "subclass": pa.string(),
        "label": pa.int32(),
        "peak_mag": pa.float64(),
        "redshift": pa.float64(),
        "magpsf": pa.float64(),
        "ra": pa.float64(),
        "dec": pa.float64(),
    }
)
"""Columns of the truth; NaN where a peak or a redshift means nothing."""


class Sink(Protocol):
    """Takes the files of a night one by one."""

    def __call__(self, name: str, content: bytes) -> None: ...


def encode_packet(packet: Mapping[str, Any]) -> bytes:
    """One packet as an Avro object container of its own, as ZTF ships them."""
    body = io.BytesIO()
    fastavro.schemaless_writer(body, load_schema(), packet)
    block = body.getvalue()
    return b"".join([_header(), _long(1), _long(len(block)), block, SYNC_MARKER])


@cache
def _header() -> bytes:
    """Start of a container, the same for all packets.

    Not left to fastavro, which orders the schema's properties differently from process to process.
    """
    entries = {"avro.codec": "null", "avro.schema": schema_json()}
    pairs = b"".join(_text(key) + _text(value) for key, value in entries.items())
    return MAGIC + _long(len(entries)) + pairs + _long(0) + SYNC_MARKER


def _text(value: str) -> bytes:
    """Avro's string: its length, and UTF-8."""
    encoded = value.encode()
    return _long(len(encoded)) + encoded


def _long(value: int) -> bytes:
    """Avro's variable-length integer of a number that is not negative."""
    zigzag, digits = value << 1, bytearray()
    while zigzag > 0x7F:
        digits.append(zigzag & 0x7F | 0x80)
        zigzag >>= 7
    digits.append(zigzag)
    return bytes(digits)


@contextmanager
def folder_sink(folder: Path) -> Iterator[Sink]:
    """Write files into a folder; each appears whole or not at all, so it may be watched."""
    folder.mkdir(parents=True, exist_ok=True)

    def write(name: str, content: bytes) -> None:
        with whole(folder / name) as part:
            part.write_bytes(content)

    yield write


@contextmanager
def tarball_sink(path: Path) -> Iterator[Sink]:
    """Write files into a ``.tar.gz`` without time stamps."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        path.open("wb") as file,
        gzip.GzipFile("", "wb", compresslevel=1, fileobj=file, mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w") as archive,
    ):

        def write(name: str, content: bytes) -> None:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))

        yield write


def write_truth(rows: Iterable[Mapping[str, Any]], folder: Path) -> None:
    """Write ``truth.csv`` into a folder: no format that a reader of alerts would take for some."""
    table = pa.Table.from_pylist(list(rows), schema=TRUTH_SCHEMA)
    pa.csv.write_csv(table, folder / "truth.csv")
