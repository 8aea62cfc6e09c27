"""Where a table keeps the fields of an alert.

Brokers' tables hold alerts in several shapes, often mixed: structs as the survey sends them
(``candidate``, ``prv_candidates``), the struct's fields as columns of their own (``magpsf``), and
Fink's flat histories (``cmagpsf``, in its distribution step ``cmagpsfc``), arrays of the history
with the alert itself as their last element. Here each path of the survey finds its place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from skysift.alerts.columns import COLUMNS, SURVEYS, source_paths

HISTORIES = {"prv_candidates": "jd", "prvDiaSources": "midpointMjdTai"}
"""Histories that may be flat, and the field of theirs that is never left out."""

Part = Literal["all", "past", "last"]


@dataclass(frozen=True)
class Place:
    """A field's place in a table.

    Attributes
    ----------
    column : str
        Column of the table.
    field : str or None
        Field of the column's struct, or of the structs in its lists.
    part : str
        Of a flat history's arrays, ``past`` is all but the last element, ``last`` that element;
        of anything else, ``all``.
    """

    column: str
    field: str | None = None
    part: Part = "all"


class TableLayout:
    """Finds the fields of an alert in a table, by its schema alone.

    Parameters
    ----------
    schema : pyarrow.Schema
    """

    def __init__(self, schema: pa.Schema) -> None:
        self._types = {field.name: field.type for field in schema}

    def has(self, path: str) -> bool:
        """Tell whether the table has this field, be it null in all rows."""
        return self.find(path) is not None

    def find(self, path: str) -> Place | None:
        """Find a field, such as ``objectId``, ``candidate.magpsf`` or ``prv_candidates.jd``."""
        group, _, field = path.rpartition(".")
        if not group:
            kind = self._types.get(field)
            return None if kind is None or pa.types.is_struct(kind) else Place(field)
        if _has_child(self._types.get(group), field):
            return Place(group, field)
        if group in HISTORIES:
            return None if group in self._types else self._flat(field, "past")
        if field == "stampData":
            return Place(group) if _is_binary(self._types.get(group)) else None
        if field in self._types:
            return Place(field)
        return self._flat(field, "last")

    def find_list(self, path: str) -> Place | None:
        """Find a list itself, such as ``prv_candidates``; of a flat history, its times."""
        if path in self._types:
            return Place(path)
        return self._flat(HISTORIES[path], "past") if path in HISTORIES else None

    def _flat(self, field: str, part: Part) -> Place | None:
        for name in _flat_names(field):
            if name in self._types and _is_list(self._types[name]):
                return Place(name, part=part)
        return None


def parquet_columns(schema: pq.ParquetSchema, paths: Iterable[str]) -> list[str]:
    """Tell which leaves of a Parquet file must be read to have these fields.

    Parameters
    ----------
    schema : pyarrow.parquet.ParquetSchema
        ``ParquetFile(…).schema``.
    paths : iterable of str
        As `skysift.alerts.columns.source_paths` gives them; those not there are passed over.

    Returns
    -------
    list of str
        For ``columns`` of ``ParquetFile.read`` or ``iter_batches``.
    """
    layout = TableLayout(schema.to_arrow_schema())
    places = {(p.column, p.field) for path in paths if (p := layout.find(path))}
    leaves = [schema.column(i).path for i in range(len(schema))]
    return [leaf for leaf in leaves if places & _places_of(leaf)]


def detect_survey(names: Iterable[str]) -> str:
    """Tell the survey whose fields a table has more of, by the names of its columns.

    Raises
    ------
    ValueError
        If it has as many of one as of the other, none perhaps.
    """
    names = set(names)
    counts = {survey: len(names & known_names(survey)) for survey in SURVEYS}
    best = max(SURVEYS, key=lambda survey: counts[survey])
    if list(counts.values()).count(counts[best]) > 1:
        raise ValueError(
            f"cannot tell the survey from columns {sorted(names)}; name it: survey='ztf' or 'lsst'"
        )
    return best


def known_names(survey: str) -> set[str]:
    """Names that a table's columns may have if they hold fields of this survey's alerts."""
    known: set[str] = set()
    for path in source_paths(COLUMNS, survey):
        group, _, field = path.rpartition(".")
        known |= {group or field, field, *_flat_names(field)}
    return known


def _places_of(leaf: str) -> set[tuple[str, str | None]]:
    """Places that a Parquet leaf, such as ``prv_candidates.list.element.jd``, may serve."""
    parts = leaf.split(".")
    return {(parts[0], None), (parts[0], parts[-1])}


def _flat_names(field: str) -> tuple[str, str]:
    return f"c{field}", f"c{field}c"


def _has_child(kind: pa.DataType | None, field: str) -> bool:
    """Tell whether a struct, or the structs of a list, have a field; what is all null has any."""
    if kind is None:
        return False
    if _is_list(kind):
        kind = kind.value_type
    if pa.types.is_null(kind):
        return True
    return pa.types.is_struct(kind) and kind.get_field_index(field) >= 0


def _is_list(kind: pa.DataType) -> bool:
    return pa.types.is_list(kind) or pa.types.is_large_list(kind)


def _is_binary(kind: pa.DataType | None) -> bool:
    return kind is not None and (pa.types.is_binary(kind) or pa.types.is_large_binary(kind))
