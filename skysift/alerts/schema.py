"""Avro writer schemas: parsed once, asked what fields they have, compiled for the walker."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import fastavro

Type = str | list[Any] | dict[str, Any]
"""A type as fastavro's parser leaves it: full names, anonymous types in place."""

PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
SURVEY_FIELDS = {"candidate": "ztf", "diaSource": "lsst"}
"""The top-level field that tells whose alert it is."""

LIST_MARK = "[]"
"""In slots of the walker: what precedes it is a list, as in ``prv_candidates[].jd``."""

DEEPEST_PATH = 4
"""Fields within fields that `AlertSchema.paths` lists."""

LONGEST = 4 * 2**20
DEEPEST_JSON = 100
LARGEST_FIXED = 2**31
"""Bounds on a schema, far beyond any alert's (ZTF: 26 thousand characters, depth 8)."""


class SchemaError(ValueError):
    """A schema that cannot be used; the message says why."""


@dataclass(frozen=True, eq=False)
class AlertSchema:
    """One writer schema of alerts. Made by `parse`, which makes each schema once.

    Attributes
    ----------
    text : str
        The JSON as it was written.
    root : dict
        The record type of the alert.
    named : dict
        All named types by full name.
    """

    text: str
    root: dict[str, Any]
    named: dict[str, dict[str, Any]] = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the JSON."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def survey(self) -> str | None:
        """``ztf``, ``lsst``, or None if it is no alert of either."""
        names = {f["name"] for f in self.root["fields"]}
        return next((s for name, s in SURVEY_FIELDS.items() if name in names), None)

    def slot(self, path: str) -> str | None:
        """Find a field.

        Parameters
        ----------
        path : str
            ``candidate.magpsf``; ``prv_candidates.jd`` for a field of the items of a list;
            ``prv_candidates`` for the list itself, or for a list of simple items.

        Returns
        -------
        str or None
            The path with every list marked (``prv_candidates[].jd``), None if there is no such
            field or it lies in a list within a list.
        """
        found, types = "", [self.root]
        for name in path.split("."):
            types = [t for record in self.records(types) for t in _field_types(record, name)]
            if not types:
                return None
            found += name
            if any(_kind(t) == "array" for t in self.branches(types)):
                found += LIST_MARK
                types = [t["items"] for t in self.branches(types) if _kind(t) == "array"]
            found += "."
        return found[:-1] if found.count(LIST_MARK) < 2 else None

    def paths(self) -> frozenset[str]:
        """List the paths of all fields, lists unmarked; of a type within itself, not the fields."""
        return frozenset(self._paths(self.root, "", ()))

    def _paths(self, record: dict[str, Any], prefix: str, within: tuple[str, ...]) -> Iterator[str]:
        within = (*within, record["name"])
        for entry in record["fields"]:
            path = prefix + entry["name"]
            yield path
            for inner in self.records(self._items(entry["type"])):
                if inner["name"] not in within and len(within) < DEEPEST_PATH:
                    yield from self._paths(inner, path + ".", within)

    def _items(self, type_: Type) -> list[Any]:
        """Take the items of lists for the lists."""
        branches = self.branches([type_])
        return [b["items"] if _kind(b) == "array" else b for b in branches]

    def branches(self, types: list[Any]) -> list[Any]:
        """Take unions apart and put named types in place of their names."""
        out: list[Any] = []
        for type_ in types:
            if isinstance(type_, list):
                out += self.branches(type_)
            else:
                out.append(self.resolve(type_))
        return out

    def resolve(self, type_: Any) -> Any:
        """Put a named type in place of its name."""
        return self.named.get(type_, type_) if isinstance(type_, str) else type_

    def records(self, types: list[Any]) -> list[dict[str, Any]]:
        """Pick the record types, out of unions too."""
        return [t for t in self.branches(types) if _kind(t) == "record"]


def _kind(type_: Any) -> str:
    kind = type_["type"] if isinstance(type_, dict) else type_
    return "record" if kind == "error" else kind


def _field_types(record: dict[str, Any], name: str) -> list[Any]:
    return [f["type"] for f in record["fields"] if f["name"] == name]


@lru_cache(maxsize=64)
def parse(text: str) -> AlertSchema:
    """Parse the JSON of a writer schema; the same JSON gives the same object.

    Raises
    ------
    SchemaError
        If it is not JSON, not an Avro schema, or not a record.
    """
    if len(text) > LONGEST:
        raise SchemaError(f"its Avro schema is longer than {LONGEST} characters")
    named: dict[str, dict[str, Any]] = {}
    try:
        raw = json.loads(text)
        _refuse_nesting(raw, DEEPEST_JSON)
        root = fastavro.parse_schema(raw, named_schemas=named)
        if isinstance(root, dict):
            _check(root, named)
    except SchemaError:
        raise
    except Exception as error:  # fastavro raises whatever a malformed schema runs into
        raise SchemaError(f"its Avro schema cannot be read: {_brief(error)}") from error
    if not isinstance(root, dict) or _kind(root) != "record":
        raise SchemaError("its Avro schema is not a record")
    return AlertSchema(text, root, named)


def _check(type_: Any, named: dict[str, dict[str, Any]]) -> None:
    """Refuse what fastavro lets pass, so that a parsed schema can be relied upon."""
    if isinstance(type_, list):
        inner = type_
        _require(not any(isinstance(branch, list) for branch in inner), type_)
    elif not isinstance(type_, dict):
        inner = []
        _require(type_ in PRIMITIVES or type_ in named, type_)
    elif _kind(type_) == "record":
        fields = type_["fields"]
        _require(all(isinstance(f.get("name"), str) for f in fields), type_)
        inner = [f.get("type") for f in fields]
    elif type_["type"] in ("array", "map"):
        inner = [type_["items" if type_["type"] == "array" else "values"]]
    else:
        inner = []
        _require(_is_plain(type_), type_)
    for part in inner:
        _check(part, named)


def _is_plain(type_: dict[str, Any]) -> bool:
    """Tell whether an enum, a fixed or an annotated primitive is sound."""
    if type_["type"] == "enum":
        return all(isinstance(symbol, str) for symbol in type_["symbols"])
    if type_["type"] == "fixed":
        return isinstance(type_["size"], int) and 0 <= type_["size"] <= LARGEST_FIXED
    return type_["type"] in PRIMITIVES


def _require(sound: bool, type_: Any) -> None:
    if not sound:
        raise SchemaError(f"its Avro schema has an unsound type: {str(type_)[:100]}")


def _refuse_nesting(raw: Any, levels: int) -> None:
    if levels == 0:
        raise SchemaError(f"its JSON is nested deeper than {DEEPEST_JSON}")
    if isinstance(raw, (dict, list)):
        for inner in raw.values() if isinstance(raw, dict) else raw:
            _refuse_nesting(inner, levels - 1)


def _brief(error: Exception) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0][:200]
