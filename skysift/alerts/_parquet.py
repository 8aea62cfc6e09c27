"""Parquet as payloads: some rows of a row group at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from skysift.alerts.packet_table import holds_packets, packet_payloads
from skysift.alerts.payload import Payload, broken
from skysift.alerts.table_layout import parquet_columns

MAX_ROWS = 256
READ_BYTES = 2**20


def parquet_payloads(
    path: str, *, max_bytes: int, skip: int = 0, columns: Collection[str] | None = None
) -> Iterator[Payload]:
    """Yield the rows of a Parquet file as Arrow IPC streams, or the packets that it keeps.

    How many rows make a payload follows from the file's own account of its row groups alone, so
    that payloads can be passed over without reading them.

    Parameters
    ----------
    path : str
    max_bytes : int
        Aim for the size of a payload, which is met where rows are of like size.
    skip : int
        Payloads passed over; whole row groups are not read for it.
    columns : collection of str, optional
        Paths of the alert fields to read; all by default.
    """
    row = 0
    try:
        with pq.ParquetFile(path, pre_buffer=False, buffer_size=READ_BYTES) as file:
            if holds_packets(file.schema_arrow.names):
                yield from packet_payloads(file, path, skip=skip)
                return
            leaves = None if columns is None else parquet_columns(file.schema, columns)
            for group in range(file.num_row_groups):
                rows, step = _rows_and_step(file, group, max_bytes)
                passed = min(skip, -(-rows // step))
                skip -= passed
                at = passed * step
                if at < rows:
                    batches = file.iter_batches(step, row_groups=[group], columns=leaves)
                    for table in _slices(batches, at, step):
                        yield Payload("table", _ipc(table), None, path, row + at)
                        at += table.num_rows
                row += rows
    except (pa.ArrowException, OSError) as error:
        if skip == 0:
            yield broken(f"the Parquet file cannot be read: {error}", path, row)


def _rows_and_step(file: pq.ParquetFile, group: int, max_bytes: int) -> tuple[int, int]:
    """Count the rows of a row group, and those that make a payload."""
    account = file.metadata.row_group(group)
    a_row = max(1, account.total_byte_size // max(1, account.num_rows))
    return account.num_rows, max(1, min(MAX_ROWS, max_bytes // a_row))


def _slices(batches: Iterator[pa.RecordBatch], start: int, step: int) -> Iterator[pa.Table]:
    """Cut rows into tables of `step` rows, from row `start` on."""
    held: pa.Table | None = None
    for batch in batches:
        table = pa.Table.from_batches([batch]).replace_schema_metadata(None)
        passed = min(start, table.num_rows)
        start -= passed
        table = table.slice(passed)
        held = table if held is None else pa.concat_tables([held, table])
        while held.num_rows >= step:
            yield held.slice(0, step)
            held = held.slice(step)
    if held is not None and held.num_rows:
        yield held


def _ipc(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return sink.getvalue().to_pybytes()
