"""What science modules left in alerts: structs with a status and a version, of any name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyarrow as pa

from skysift.alerts.schema import AlertSchema

SIGNS = {"status", "version"}
AVRO_NUMBERS = {"int", "long", "float", "double"}


@dataclass(frozen=True)
class Struct:
    """One module's struct: its name, and which of its outputs are numbers."""

    name: str
    outputs: tuple[str, ...]

    @property
    def status(self) -> str:
        """Path of its status."""
        return f"{self.name}.status"

    @property
    def numbers(self) -> tuple[str, ...]:
        """Paths of the outputs that are numbers."""
        return tuple(f"{self.name}.{output}" for output in self.outputs)

    @property
    def paths(self) -> tuple[str, ...]:
        """Paths of all that a queue shows."""
        return (*self.numbers, self.status)


@lru_cache(maxsize=64)
def of_schema(schema: AlertSchema) -> tuple[Struct, ...]:
    """Find the modules' structs in an Avro schema."""
    found = []
    for entry in schema.root["fields"]:
        for record in schema.records([entry["type"]]):
            types = {f["name"]: f["type"] for f in record["fields"]}
            if types.keys() >= SIGNS:
                numbers = [name for name, kind in types.items() if _is_avro_number(schema, kind)]
                found.append(Struct(entry["name"], tuple(numbers)))
    return tuple(found)


def of_table(schema: pa.Schema) -> tuple[Struct, ...]:
    """Find the modules' structs among the columns of a table."""
    found = []
    for entry in schema:
        if pa.types.is_struct(entry.type):
            types = {f.name: f.type for f in entry.type}
            if types.keys() >= SIGNS:
                numbers = [name for name, kind in types.items() if _is_number(kind)]
                found.append(Struct(entry.name, tuple(numbers)))
    return tuple(found)


def merged(many: Iterable[tuple[Struct, ...]]) -> tuple[Struct, ...]:
    """Put together what alerts of several schemas have."""
    outputs: dict[str, dict[str, None]] = {}
    for structs in many:
        for struct in structs:
            outputs.setdefault(struct.name, {}).update(dict.fromkeys(struct.outputs))
    return tuple(Struct(name, tuple(names)) for name, names in outputs.items())


def _is_avro_number(schema: AlertSchema, kind: Any) -> bool:
    kinds = {branch for branch in schema.branches([kind]) if isinstance(branch, str)}
    return bool(kinds & AVRO_NUMBERS)


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_floating(kind) or pa.types.is_integer(kind)
