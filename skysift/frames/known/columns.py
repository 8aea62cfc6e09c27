"""Put a column into a table, in the place of the one of its name."""

from __future__ import annotations

import pyarrow as pa


def with_column(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    """Replace a column, or append it where there is none."""
    if name in table.column_names:
        return table.set_column(table.column_names.index(name), name, values)
    return table.append_column(name, values)
