"""The Spark face of every science module: iterator pandas UDFs, made here once for all.

Runs on Spark 3.4 and later. The model is loaded once in each Python worker process, whatever the
number of micro-batches, because models are cached per process (`skysift.models`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_type

from skysift.alerts.batch import AlertBatch
from skysift.alerts.columns import COLUMNS, missing, source_paths
from skysift.alerts.table_layout import TableLayout, detect_survey, known_names
from skysift.science_modules import ScienceModule, get
from skysift.science_modules._worker import settle

ROWS_AT_ONCE = 256
"""Spark hands over up to 10,000 rows, 770 MB of ZTF packets; modules see slices of so many."""


@dataclass(frozen=True)
class Field:
    """An argument of a UDF: a column of the alerts, or a field of one.

    Attributes
    ----------
    name : str
        Column of the DataFrame.
    field : str or None
        The field that is taken of its struct, or of the structs in its lists.
    kind : pyarrow.DataType
        Type of the column.
    """

    name: str
    field: str | None
    kind: pa.DataType

    @property
    def column(self) -> Column:
        """What Spark passes; a field of structs in a list comes as an array.

        Long integers travel as texts: one null among them, and pandas has them as float64, which
        rounds identifiers.
        """
        whole = F.col(f"`{self.name}`")
        column = whole if self.field is None else whole[self.field]
        return column.cast("string") if pa.types.is_int64(self.leaf) else column

    @property
    def leaf(self) -> pa.DataType:
        """Type of what is passed; of a list, that of the list."""
        is_field = self.field is not None and pa.types.is_struct(self.kind)
        return self.kind.field(self.field).type if is_field else self.kind


@dataclass(frozen=True)
class Struct:
    """An argument of a UDF: the struct that another module added."""

    name: str

    @property
    def column(self) -> Column:
        """What Spark passes, as a pandas frame."""
        return F.col(f"`{self.name}`")


def annotate(
    alerts: DataFrame,
    modules: Sequence[str],
    *,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
) -> DataFrame:
    """Add the struct column of each module to a broker's DataFrame of alerts.

    Parameters
    ----------
    alerts : DataFrame
        Batch or streaming, in any of the layouts of `skysift.alerts.table_layout`: structs as ZTF
        and LSST have them, their fields as columns, Fink's flat histories (``cmagpsf``…).
    modules : sequence of str
        Names; a module that uses another's output comes after it.
    settings : mapping, optional
        Of each module, the settings that differ from its defaults.

    Returns
    -------
    DataFrame
        The same rows with one more column a module, ``struct<…, status, version>``.

    Raises
    ------
    KeyError
        If there is no such module.
    ValueError
        If a module needs a column that `alerts` does not have (names both), has no such setting,
        or cannot use the files that its settings name, weights say, which are looked at where all
        of them are on this machine too. Nothing has run then.

    Examples
    --------
    >>> scored = annotate(alerts, ["btsbot"])  # doctest: +SKIP
    >>> scored.where("btsbot.status = 'ok' and btsbot.score > 0.5")  # doctest: +SKIP
    """
    settings = settings or {}
    for name in settings:
        if name not in modules:
            raise ValueError(f"settings are given for module {name!r}, which is not chosen")
    for name in modules:
        alerts = with_module(alerts, get(name), **settings.get(name, {}))
    return alerts


def with_module(alerts: DataFrame, module: ScienceModule, **settings: Any) -> DataFrame:
    """Add the struct column of one module; see `annotate`."""
    _check(module, settings)

    def score(batch: AlertBatch) -> pd.DataFrame:
        return pd.DataFrame(module.annotate(batch, **settings))

    return alerts.withColumn(module.name, answer(alerts, module, score, module.ddl))


def _check(module: ScienceModule, settings: Mapping[str, Any]) -> None:
    """Refuse settings, and files that they name: those that are here, not on executors alone."""
    files = [value for value in settings.values() if isinstance(value, str)]
    if files and all(map(os.path.exists, files)):
        module.prepare(**settings)
    else:
        module.check_settings(settings)


class Unit(Protocol):
    """What is computed from alerts: a science module, a filter."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it takes."""


def answer(
    alerts: DataFrame,
    unit: Unit,
    function: Callable[[AlertBatch], pd.DataFrame | pd.Series],
    ddl: str,
) -> Column:
    """Make the column that a unit computes, by an iterator pandas UDF.

    Parameters
    ----------
    alerts : DataFrame
        As for `annotate`.
    unit : Unit
        Whose columns are needed.
    function : callable
        N alerts → N rows, a frame for a struct.
    ddl : str
        SQL type of the answer.

    Returns
    -------
    Column
        It is marked nondeterministic, or Spark would run it again for every filter on it.

    Raises
    ------
    ValueError
        If `alerts` lack a column that the unit needs; names both.
    """
    survey = detect_survey(alerts.columns)
    inputs = _inputs(unit, alerts, survey)

    def compute(batches: Iterator[tuple[pd.Series, ...]]) -> Iterator[pd.DataFrame | pd.Series]:
        for given in batches:
            columns = given if isinstance(given, tuple) else (given,)  # Spark unpacks a single one
            parts = [function(_alert_batch(part, inputs, survey)) for part in _slices(columns)]
            yield pd.concat(parts, ignore_index=True) if len(parts) != 1 else parts[0]
        settle()

    kind = pd.DataFrame if ddl.startswith("struct") else pd.Series
    compute.__annotations__ = {
        "batches": Iterator[tuple[pd.Series, ...]],
        "return": Iterator[kind],  # type: ignore[valid-type]
    }
    made = F.pandas_udf(compute, ddl)  # type: ignore[call-overload]  # stubs know no structs
    return made.asNondeterministic()(*(each.column for each in inputs))


def _inputs(unit: Unit, alerts: DataFrame, survey: str) -> list[Field | Struct]:
    """Find what the unit needs among the DataFrame's columns."""
    own = [name for name in unit.columns if name in COLUMNS]
    others = [name for name in unit.columns if name not in COLUMNS]
    for name in others:
        if name not in alerts.columns:
            raise ValueError(
                f"{unit.name} needs the column of module {name!r}, which the DataFrame "
                "does not have: annotate with that one first"
            )
    return [*_fields(unit, own, alerts, survey), *map(Struct, others)]


def _fields(unit: Unit, columns: Sequence[str], alerts: DataFrame, survey: str) -> list[Field]:
    known = [field for field in alerts.schema if field.name in known_names(survey)]
    schema = pa.schema([(field.name, to_arrow_type(field.dataType)) for field in known])
    layout = TableLayout(schema)
    for name, looked_for in missing(columns, survey, layout.has).items():
        raise ValueError(
            f"{unit.name} needs column {name!r}, which the DataFrame does not have ({looked_for})"
        )
    places = [layout.find(path) for path in source_paths(columns, survey)]
    found = [Field(p.column, p.field, schema.field(p.column).type) for p in places if p]
    return list(dict.fromkeys(found))


def _slices(columns: tuple[pd.Series, ...]) -> Iterator[tuple[pd.Series, ...]]:
    for start in range(0, max(len(columns[0]), 1), ROWS_AT_ONCE):
        yield tuple(column.iloc[start : start + ROWS_AT_ONCE] for column in columns)


def _alert_batch(
    columns: Sequence[pd.Series], inputs: Sequence[Field | Struct], survey: str
) -> AlertBatch:
    """Put the UDF's arguments back into the layout that the DataFrame has."""
    fields: dict[str, dict[Field, pd.Series]] = {}
    structs: dict[str, pd.DataFrame] = {}
    for each, values in zip(inputs, columns, strict=True):
        if isinstance(each, Struct):
            structs[each.name] = values
        else:
            fields.setdefault(each.name, {})[each] = values
    arrays = {name: _column(of) for name, of in fields.items()}
    # A table without columns has no rows: that of a module that reads only another's struct.
    table = pa.table(arrays or {"": pa.nulls(len(columns[0]))})
    batch = AlertBatch.from_table(table, survey=survey)
    for name, frame in structs.items():
        batch.attach(name, {field: frame[field].to_numpy() for field in frame})
    return batch


def _column(fields: Mapping[Field, pd.Series]) -> pa.Array:
    """Make one column of the table from what was taken of it."""
    names = [each.field for each in fields]
    if names != [None] and pa.types.is_list(next(iter(fields)).kind):
        return _list_of_structs(names, list(fields.values()))
    arrays = [_array(values, each.leaf) for each, values in fields.items()]
    return arrays[0] if names == [None] else pa.StructArray.from_arrays(arrays, names=names)


def _array(values: pd.Series, kind: pa.DataType) -> pa.Array:
    """Let Arrow find the type, but for long integers, and for nulls, which have none to find."""
    if pa.types.is_int64(kind):
        return pa.array(values, pa.string(), from_pandas=True).cast(kind)
    array = pa.array(values, from_pandas=True)
    return array.cast(kind) if pa.types.is_null(array.type) else array


def _list_of_structs(names: Sequence[str | None], fields: Sequence[pd.Series]) -> pa.Array:
    is_null = np.array([row is None for row in fields[0]], dtype=bool)
    lengths = [0 if row is None else len(row) for row in fields[0]]
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
    items = pa.StructArray.from_arrays([_joined(rows) for rows in fields], names=names)
    return pa.ListArray.from_arrays(offsets, items, mask=pa.array(is_null))


def _joined(rows: pd.Series) -> pa.Array:
    present = [row for row in rows if row is not None]
    return pa.array(np.concatenate(present), from_pandas=True) if present else pa.nulls(0)
