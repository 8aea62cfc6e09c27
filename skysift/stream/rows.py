"""Columns of a scored batch as Arrow rows: one place that knows the types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

ARROW_TYPES = {
    "string": pa.string(),
    "bigint": pa.int64(),
    "int": pa.int32(),
    "double": pa.float64(),
    "float": pa.float32(),
    "boolean": pa.bool_(),
    "binary": pa.binary(),
    "array<string>": pa.list_(pa.string()),
    "array<float>": pa.list_(pa.float32()),
}
"""SQL types in use, and what they are in Arrow."""


def arrow_schema(plain: Mapping[str, str], structs: Mapping[str, Mapping[str, str]]) -> pa.Schema:
    """Build the schema of rows with plain columns and one struct a module, from SQL types."""
    nested = {
        name: pa.struct([(field, ARROW_TYPES[kind]) for field, kind in fields.items()])
        for name, fields in structs.items()
    }
    return pa.schema({**{name: ARROW_TYPES[kind] for name, kind in plain.items()}, **nested})


def to_record_batch(columns: Mapping[str, Any], schema: pa.Schema, n: int) -> pa.RecordBatch:
    """Build n rows; NaN becomes null, and a column that is absent is null throughout."""
    arrays = [_array(columns.get(field.name), field.type, n) for field in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _array(values: Any, kind: pa.DataType, n: int) -> pa.Array:
    if values is None:
        return pa.nulls(n, kind)
    if pa.types.is_struct(kind):
        children = [_array(values[field.name], field.type, n) for field in kind]
        return pa.StructArray.from_arrays(children, fields=list(kind))
    return pa.array(values, kind, from_pandas=True)
