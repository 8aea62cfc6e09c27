"""Compile a writer schema and the wanted fields into a program for the walker."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from skysift.alerts import _walker as w
from skysift.alerts.schema import LIST_MARK, AlertSchema

FIXED_SIZE = {"null": 0, "boolean": 1, "float": 4, "double": 8}
VARINTS = ("int", "long")
SPANS = ("string", "bytes")
LOADS = {
    "boolean": w.LOAD_BOOLEAN,
    "int": w.LOAD_VARINT,
    "long": w.LOAD_VARINT,
    "float": w.LOAD_FLOAT,
    "double": w.LOAD_DOUBLE,
    "string": w.LOAD_SPAN,
    "bytes": w.LOAD_SPAN,
}


@dataclass(frozen=True)
class Program:
    """Code for the records of one schema.

    Attributes
    ----------
    code : ndarray (rows, 4), int64
        See `skysift.alerts._walker`.
    symbols : tuple of str
        Symbols of the wanted enums.
    """

    code: np.ndarray
    symbols: tuple[str, ...]


def list_of(slot: str) -> str | None:
    """Name the list that a slot belongs to, None for a slot of the alert itself."""
    head, mark, _ = slot.partition(LIST_MARK)
    return head if mark else None


def list_names(slots: Iterable[str]) -> tuple[str, ...]:
    """Name the lists that slots belong to, each once."""
    return tuple(dict.fromkeys(name for s in slots if (name := list_of(s)) is not None))


@lru_cache(maxsize=256)
def compile_program(schema: AlertSchema, slots: tuple[str, ...]) -> Program:
    """Compile a schema so that the walker stores these slots and skips all else.

    Parameters
    ----------
    schema : AlertSchema
    slots : tuple of str
        Wanted fields with lists marked, as `AlertSchema.slot` gives them. Those the schema does
        not have stay null.
    """
    return _Compiler(schema, slots).compile()


class _Compiler:
    """Emits code for one schema; addresses are turned into distances as it goes."""

    def __init__(self, schema: AlertSchema, slots: tuple[str, ...]) -> None:
        self.schema = schema
        self.slots = {slot: number for number, slot in enumerate(slots)}
        self.lists = {name + LIST_MARK: i for i, name in enumerate(list_names(slots))}
        self.on_the_way = {part for slot in slots for part in _beginnings(slot)}
        self.code: list[list[int]] = []
        self.symbols: list[str] = []
        self.calls: list[tuple[int, str]] = []

    def compile(self) -> Program:
        """Emit the alert itself, then the named types that it skips."""
        self.fields(self.schema.root, "")
        self.emit(w.END)
        self.subroutines()
        return Program(np.array(self.code, np.int64), tuple(self.symbols))

    def emit(self, op: int, a: int = 0, b: int = 0, c: int = 0) -> int:
        """Append an instruction and return its address."""
        self.code.append([op, a, b, c])
        return len(self.code) - 1

    def here(self) -> int:
        """Address of what comes next."""
        return len(self.code)

    def subroutines(self) -> None:
        """Emit each named type that is called, once; they may call others, or themselves."""
        addresses: dict[str, int] = {}
        while self.calls:
            caller, name = self.calls.pop()
            if name not in addresses:
                addresses[name] = self.here()
                for entry in self.schema.named[name]["fields"]:
                    self.skip(entry["type"])
                self.emit(w.RETURN)
            self.code[caller][1] = addresses[name] - caller

    def fields(self, record: dict[str, Any], prefix: str) -> None:
        """Emit a record that holds something wanted."""
        for entry in record["fields"]:
            path = prefix + entry["name"]
            if path in self.on_the_way or path + LIST_MARK in self.on_the_way:
                self.load(entry["type"], path)
            else:
                self.skip(entry["type"])

    def load(self, type_: Any, path: str) -> None:
        """Emit a type that is wanted, or holds something that is."""
        type_ = self.schema.resolve(type_)
        kind = type_["type"] if isinstance(type_, dict) else type_
        slot = self.slots.get(path)
        if isinstance(type_, list):
            self.union(type_, lambda branch: self.load(branch, path))
        elif kind == "array" and path + LIST_MARK in self.lists:
            marked = path + LIST_MARK
            self.loop(self.lists[marked], lambda: self.load(type_["items"], marked))
        elif kind in ("record", "error"):
            self.fields(type_, path + ".")
        elif slot is None or kind not in (*LOADS, "fixed", "enum"):
            self.skip(type_)
        elif kind == "enum":
            self.emit(w.LOAD_SYMBOL, slot, len(self.symbols), len(type_["symbols"]))
            self.symbols += type_["symbols"]
        else:
            size = type_["size"] if kind == "fixed" else FIXED_SIZE.get(kind, 0)
            self.emit(LOADS.get(kind, w.LOAD_FIXED), slot, size)

    def skip(self, type_: Any) -> None:
        """Emit a type that is not wanted."""
        type_ = self.schema.resolve(type_)
        kind = type_["type"] if isinstance(type_, dict) else type_
        if isinstance(type_, list):
            self.skip_union(type_)
        elif (size := self.simple_size(type_)) is not None:
            self.skip_simple(size)
        elif kind == "array":
            self.loop(w.NOWHERE, lambda: self.skip(type_["items"]))
        elif kind == "map":
            self.loop(w.NOWHERE, lambda: self.skip_entry(type_["values"]))
        else:
            self.calls.append((self.emit(w.CALL), type_["name"]))

    def skip_entry(self, type_: Any) -> None:
        """Emit the key and the value of a map."""
        self.emit(w.SKIP_SPAN)
        self.skip(type_)

    def simple_size(self, type_: Any) -> int | None:
        """Bytes of a simple type, VARINT or SPAN; None for the others."""
        kind = type_["type"] if isinstance(type_, dict) else type_
        if kind in VARINTS or kind == "enum":
            return w.VARINT
        if kind in SPANS:
            return w.SPAN
        return type_["size"] if kind == "fixed" else FIXED_SIZE.get(kind)

    def skip_simple(self, size: int) -> None:
        """Emit the skipping of a simple type, in one with fixed bytes skipped just before."""
        if size == w.VARINT:
            self.emit(w.SKIP_VARINT)
        elif size == w.SPAN:
            self.emit(w.SKIP_SPAN)
        elif self.code and self.code[-1][0] == w.SKIP:
            # Nothing jumps to here: what is jumped to follows a JUMP, ARRAY, NEXT or RETURN.
            self.code[-1][1] += size
        elif size:
            self.emit(w.SKIP, size)

    def skip_union(self, union: list[Any]) -> None:
        """Emit the skipping of a union; that of null and a simple type is one instruction."""
        sizes = [self.simple_size(self.schema.resolve(branch)) for branch in union]
        if len(union) == 2 and "null" in union and None not in sizes:
            null = union.index("null")
            self.emit(w.SKIP_OPTION, null, sizes[1 - null] or 0)
        else:
            self.union(union, self.skip)

    def union(self, union: list[Any], emit_branch: Callable[[Any], None]) -> None:
        """Emit a table of distances, then the branches, each with a jump to the end."""
        self.emit(w.UNION, len(union))
        table = [self.emit(w.JUMP) for _ in union]
        ends = []
        for row, branch in zip(table, union, strict=True):
            self.code[row][1] = self.here() - row
            emit_branch(branch)
            ends.append(self.emit(w.JUMP))
        for end in ends:
            self.code[end][1] = self.here() - end

    def loop(self, wanted: int, emit_item: Callable[[], None]) -> None:
        """Emit an array or a map."""
        start = self.emit(w.ARRAY, wanted)
        emit_item()
        self.emit(w.NEXT, wanted)
        self.code[start][2] = self.here() - start


def _beginnings(slot: str) -> list[str]:
    """List a path and the paths of what it lies in, marked and unmarked."""
    parts = slot.split(".")
    return [".".join(parts[: i + 1]) for i in range(len(parts))]
