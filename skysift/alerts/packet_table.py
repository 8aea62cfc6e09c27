"""Packets kept in Parquet: a column with each alert's own bytes, and one with their schema.

Beside them a table may have any columns. What is read from such a file are the packets, as they
came: none of the other columns is taken for a field of an alert.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pyarrow.parquet as pq

from skysift.alerts.payload import Payload

PACKET, PACKET_SCHEMA = "packet", "packet_schema"
"""Columns: schemaless Avro (binary), and its schema as JSON (text)."""

ROWS = 64
"""Read at once: some 5 MB of ZTF's packets."""


def holds_packets(names: Collection[str]) -> bool:
    """Tell from the names of its columns that a table holds packets."""
    return {PACKET, PACKET_SCHEMA} <= set(names)


def packet_payloads(file: pq.ParquetFile, path: str, *, skip: int = 0) -> Iterator[Payload]:
    """Yield the packets of a file, each a payload of its own.

    Parameters
    ----------
    file : ParquetFile
    path : str
        Names the source.
    skip : int
        Packets to pass over; whole row groups are not read for it.
    """
    row = 0
    for group in range(file.num_row_groups):
        rows = file.metadata.row_group(group).num_rows
        if skip < row + rows:
            batches = file.iter_batches(ROWS, row_groups=[group], columns=[PACKET, PACKET_SCHEMA])
            lines = (line for batch in batches for line in batch.to_pylist())
            for number, line in enumerate(lines, start=row):
                if number >= skip:
                    key = (line[PACKET_SCHEMA] or "").encode()
                    yield Payload("record", line[PACKET] or b"", key, path, number)
        row += rows
