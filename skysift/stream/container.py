"""Avro container files of records that are encoded already: how a topic lies in a folder."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import fastavro

from skysift.whole import whole

MAGIC = b"Obj\x01"


def write_container(path: Path, schema_json: str, records: Sequence[bytes]) -> None:
    """Write encoded records as one Avro object container, whole or not at all.

    The sync marker is a digest of the schema, so the same records give the same file.

    Parameters
    ----------
    path : Path
        The file; it appears under this name only when it is complete.
    schema_json : str
        Schema of the records.
    records : sequence of bytes
        Schemaless Avro, one alert each.
    """
    sync = hashlib.md5(schema_json.encode(), usedforsecurity=False).digest()
    with whole(path) as part, part.open("wb") as file:
        file.write(MAGIC + _metadata(schema_json) + sync)
        for record in records:
            file.write(_long(1) + _long(len(record)) + record + sync)


def _metadata(schema_json: str) -> bytes:
    schema = schema_json.encode()
    pairs = {b"avro.codec": b"null", b"avro.schema": schema}
    body = b"".join(
        _long(len(key)) + key + _long(len(value)) + value for key, value in pairs.items()
    )
    return _long(len(pairs)) + body + _long(0)


def _long(value: int) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, {"type": "long"}, value)
    return out.getvalue()
