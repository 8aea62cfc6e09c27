"""The annotated alert on the wire: the survey's own record with the modules' structs appended.

An Avro record is its fields one after another, so an annotated record is the survey's bytes as
they came, followed by the encoded structs: nothing is decoded, every field of the survey stays as
it was, and any Avro reader (fink-client's too) reads it with the extended schema. That schema, as
JSON, is the Kafka key; an alert that is not in Avro, or is annotated already, is written anew.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import fastavro

AVRO_TYPES: dict[str, Any] = {
    "float": "float",
    "double": "double",
    "int": "int",
    "bigint": "long",
    "boolean": "boolean",
    "string": "string",
    "array<float>": {"type": "array", "items": "float"},
}
"""SQL types that a module may declare, and what they are in Avro."""

Structs = Mapping[str, Mapping[str, str]]
"""Of each module: its outputs with their SQL types, ``status`` and ``version`` among them."""


def annotated_schema(schema_json: str, structs: Structs) -> str:
    """Extend an alert schema by one nullable record a module.

    Parameters
    ----------
    schema_json : str
        The writer's schema.
    structs : mapping
        Outputs and their SQL types, by module.

    Returns
    -------
    str
        The extended schema. A field of a module's name that stood there is replaced.
    """
    return _annotated_schema(schema_json, _frozen(structs))


def append_structs(
    record: bytes, schema_json: str, structs: Structs, values: Mapping[str, Mapping[str, Any]]
) -> bytes:
    """Encode one annotated alert.

    Parameters
    ----------
    record : bytes
        The alert as schemaless Avro in `schema_json`.
    schema_json : str
        Its schema.
    structs : mapping
        Outputs and their SQL types, by module.
    values : mapping
        Of each module, its outputs for this alert; None is null.

    Returns
    -------
    bytes
        Schemaless Avro in ``annotated_schema(schema_json, structs)``.
    """
    frozen = _frozen(structs)
    if _has_any(schema_json, tuple(structs)):
        return _rewritten(record, schema_json, frozen, values)
    out = io.BytesIO()
    out.write(record)
    _write_structs(out, frozen, values)
    return out.getvalue()


def fingerprint(schema_json: str) -> str:
    """Name a schema: the first 16 hexadecimal digits of the SHA-256 of its JSON."""
    return hashlib.sha256(schema_json.encode()).hexdigest()[:16]


Frozen = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def _frozen(structs: Structs) -> Frozen:
    return tuple((name, tuple(fields.items())) for name, fields in structs.items())


@lru_cache(maxsize=64)
def _annotated_schema(schema_json: str, structs: Frozen) -> str:
    schema = json.loads(schema_json)
    names = {name for name, _ in structs}
    kept = [field for field in schema["fields"] if field["name"] not in names]
    added = [
        {"name": name, "type": ["null", record], "default": None}
        for name, record in zip(_names(structs), _records(structs), strict=True)
    ]
    return json.dumps({**schema, "fields": kept + added}, separators=(",", ":"))


def _names(structs: Frozen) -> Sequence[str]:
    return [name for name, _ in structs]


def _records(structs: Frozen) -> list[dict[str, Any]]:
    return [
        {
            "type": "record",
            "name": f"skysift_{name}",
            "fields": [
                {"name": field, "type": ["null", AVRO_TYPES[kind]], "default": None}
                for field, kind in fields
            ],
        }
        for name, fields in structs
    ]


@lru_cache(maxsize=64)
def _parsed_structs(structs: Frozen) -> list[Any]:
    return [fastavro.parse_schema(["null", record]) for record in _records(structs)]


def _write_structs(
    out: io.BytesIO, structs: Frozen, values: Mapping[str, Mapping[str, Any]]
) -> None:
    for name, schema in zip(_names(structs), _parsed_structs(structs), strict=True):
        fastavro.schemaless_writer(out, schema, dict(values[name]))


@lru_cache(maxsize=64)
def _has_any(schema_json: str, names: tuple[str, ...]) -> bool:
    return any(field["name"] in names for field in json.loads(schema_json)["fields"])


def _rewritten(
    record: bytes,
    schema_json: str,
    structs: Frozen,
    values: Mapping[str, Mapping[str, Any]],
) -> bytes:
    """Annotate an alert that already carries a struct of one of these names."""
    alert = fastavro.schemaless_reader(io.BytesIO(record), _parsed(schema_json), None)
    out = io.BytesIO()
    target = _parsed(_annotated_schema(schema_json, structs))
    fastavro.schemaless_writer(out, target, {**alert, **values})  # type: ignore[dict-item]
    return out.getvalue()


@lru_cache(maxsize=64)
def _parsed(schema_json: str) -> Any:
    return fastavro.parse_schema(json.loads(schema_json))
