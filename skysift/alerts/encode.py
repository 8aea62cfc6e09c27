"""Rows of an Arrow table as Avro records, so that alerts out of Parquet travel like packets."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import fastavro
import pyarrow as pa

EPOCH = datetime(1970, 1, 1)

PRIMITIVES = {
    pa.bool_(): "boolean",
    pa.int8(): "int",
    pa.int16(): "int",
    pa.int32(): "int",
    pa.uint8(): "int",
    pa.uint16(): "int",
    pa.int64(): "long",
    pa.uint32(): "long",
    pa.float16(): "float",
    pa.float32(): "float",
    pa.float64(): "double",
    pa.string(): "string",
    pa.large_string(): "string",
    pa.binary(): "bytes",
    pa.large_binary(): "bytes",
    pa.null(): "null",
}


@lru_cache(maxsize=16)
def avro_schema(schema: pa.Schema) -> str:
    """Describe the rows of a table in Avro; every field may be null.

    Parameters
    ----------
    schema : pyarrow.Schema
        Primitive, string, binary, timestamp, dictionary, list, map and struct columns.

    Returns
    -------
    str
        Avro schema as JSON.

    Raises
    ------
    TypeError
        Naming the column whose type has no counterpart.
    """
    fields = [_field(field, "alert") for field in schema]
    return json.dumps({"type": "record", "name": "alert", "fields": fields})


def encode_row(table: pa.Table, row: int) -> bytes:
    """Encode one row of a table as schemaless Avro in ``avro_schema(table.schema)``."""
    line = table.slice(row, 1)
    values = {
        _name(field.name): _value(line.column(i)[0].as_py(), field.type)
        for i, field in enumerate(table.schema)
    }
    out = io.BytesIO()
    fastavro.schemaless_writer(out, _parsed(avro_schema(table.schema)), values)
    return out.getvalue()


def _value(value: Any, kind: pa.DataType) -> Any:
    """Give a Python value the names and types that the Avro schema has."""
    if value is None:
        return None
    if pa.types.is_struct(kind):
        return {_name(field.name): _value(value[field.name], field.type) for field in kind}
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return [_value(item, kind.value_type) for item in value]
    if pa.types.is_map(kind):
        return {str(key): _value(item, kind.item_type) for key, item in value}
    if pa.types.is_timestamp(kind):
        # fastavro would take a naive time for one in the machine's own zone
        return (value.replace(tzinfo=None) - EPOCH) // timedelta(microseconds=1)
    return value


@lru_cache(maxsize=16)
def _parsed(schema_json: str) -> Any:
    return fastavro.parse_schema(json.loads(schema_json))


def _field(field: pa.Field, parent: str) -> dict[str, Any]:
    kind = _type(field.type, f"{parent}_{_name(field.name)}")
    union = [kind] if kind == "null" else ["null", kind]
    return {"name": _name(field.name), "type": union, "default": None}


def _type(kind: pa.DataType, path: str) -> Any:
    if kind in PRIMITIVES:
        return PRIMITIVES[kind]
    if pa.types.is_timestamp(kind):
        return {"type": "long", "logicalType": "timestamp-micros"}
    if pa.types.is_dictionary(kind):
        return _type(kind.value_type, path)
    if pa.types.is_struct(kind):
        return {"type": "record", "name": path, "fields": [_field(f, path) for f in kind]}
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return {"type": "array", "items": _nullable(kind.value_type, f"{path}_item")}
    if pa.types.is_map(kind):
        return {"type": "map", "values": _nullable(kind.item_type, f"{path}_value")}
    raise TypeError(f"column {path} has type {kind}, which has no counterpart in Avro")


def _nullable(kind: pa.DataType, path: str) -> Any:
    inner = _type(kind, path)
    return inner if inner == "null" else ["null", inner]


def _name(name: str) -> str:
    """Make a column name one that Avro allows: ``2MASS_name``, ``M-dwarf`` are not."""
    cleaned = "".join(c if c.isalnum() or c == "_" else "_" for c in name)
    return f"_{cleaned}" if cleaned[:1].isdigit() else cleaned
