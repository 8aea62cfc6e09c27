"""The Spark face of every science module: iterator pandas UDFs, made here once for all.

Runs on Spark 3.4 and later. The model is loaded once in each Python worker process, whatever the
number of micro-batches, because models are cached per process (`skysift.models`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 (Spark's own habit)
from pyspark.sql.types import ArrayType, DataType, StructType

from skysift.alerts.batch import AlertBatch
from skysift.alerts.columns import COLUMNS, missing, source_paths
from skysift.science_modules import ScienceModule, get

LIST = "[]"
"""Marks an input that is a field of a list, such as ``prv_candidates[].jd``."""

ROWS_AT_ONCE = 256
"""Spark hands over up to 10,000 rows, 770 MB of ZTF packets; modules see slices of so many."""


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
        Batch or streaming, in the layout of ZTF (``candidate``, ``prv_candidates``, cutouts), of
        Fink (also flat ``cmagpsf``… histories) or of LSST (``diaSource``, ``prvDiaSources``).
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
    ValueError
        If a module needs a column that `alerts` does not have; names both.

    Examples
    --------
    >>> scored = annotate(alerts, ["btsbot"])                       # doctest: +SKIP
    >>> scored.where("btsbot.status = 'ok' and btsbot.score > 0.5") # doctest: +SKIP
    """
    survey = "lsst" if "diaSource" in alerts.columns else "ztf"
    for name in modules:
        module = get(name)
        given = dict((settings or {}).get(name, {}))
        module.check_settings(given)
        inputs = _inputs(module, alerts.schema, survey)
        function = as_udf(module, list(inputs), survey, **given)
        alerts = alerts.withColumn(name, function(*inputs.values()))
    return alerts


def as_udf(
    module: ScienceModule, inputs: Sequence[str], survey: str, **settings: Any
) -> Callable[..., Column]:
    """Make the iterator pandas UDF of a module.

    Parameters
    ----------
    module : ScienceModule
    inputs : sequence of str
        What the UDF's arguments are, in order: source paths such as ``candidate.magpsf`` and
        ``prv_candidates[].jd`` (an array), flat columns such as ``cmagpsf``, or another module's
        struct.
    survey : str
        ``ztf`` or ``lsst``.
    **settings
        Settings of the module.

    Returns
    -------
    callable
        Spark columns → struct column. It is marked nondeterministic, or Spark would run it again
        for every filter on its output.
    """

    def score(batches: Iterator[tuple[pd.Series, ...]]) -> Iterator[pd.DataFrame]:
        for columns in batches:
            parts = [
                pd.DataFrame(module.annotate(_alert_batch(part, inputs, survey), **settings))
                for part in _slices(columns)
            ]
            yield pd.concat(parts, ignore_index=True) if len(parts) != 1 else parts[0]

    score.__annotations__ = {
        "batches": Iterator[tuple[pd.Series, ...]],
        "return": Iterator[pd.DataFrame],
    }
    return F.pandas_udf(score, module.ddl).asNondeterministic()


def _inputs(module: ScienceModule, schema: StructType, survey: str) -> dict[str, Column]:
    """Find each field the module needs among the DataFrame's columns."""
    own = [name for name in module.columns if name in COLUMNS]
    found = {path: _find(path, schema) for path in source_paths(own, survey)}
    inputs = {name: F.col(f"`{name}`") for name in module.columns if name not in COLUMNS}
    inputs.update({known[0]: known[1] for known in found.values() if known is not None})
    have = {path for path, known in found.items() if known is not None}
    for name, looked_for in missing(own, survey, have.__contains__).items():
        raise ValueError(
            f"module {module.name} needs column {name!r}, which the DataFrame does not have "
            f"({looked_for})"
        )
    return inputs


def _find(path: str, schema: StructType) -> tuple[str, Column] | None:
    """Locate a source path: nested as surveys have it, or flat as Fink passes it on."""
    top, _, leaf = path.partition(".")
    if top in schema.fieldNames():
        kind = schema[top].dataType
        if isinstance(kind, ArrayType):
            return (f"{top}{LIST}.{leaf}", F.col(path)) if _has(kind.elementType, leaf) else None
        return (path, F.col(path)) if not leaf or _has(kind, leaf) else None
    for flat in (leaf, f"c{leaf}", f"c{leaf}c"):
        if flat and flat in schema.fieldNames():
            return flat, F.col(flat)
    return None


def _has(kind: DataType, field: str) -> bool:
    return isinstance(kind, StructType) and field in kind.fieldNames()


def _slices(columns: tuple[pd.Series, ...]) -> Iterator[tuple[pd.Series, ...]]:
    for start in range(0, max(len(columns[0]), 1), ROWS_AT_ONCE):
        yield tuple(column.iloc[start : start + ROWS_AT_ONCE] for column in columns)


def _alert_batch(
    columns: Sequence[pd.Series], inputs: Sequence[str], survey: str
) -> AlertBatch:
    """Put the UDF's arguments back into the layout that alerts have."""
    groups: dict[str, dict[str, pd.Series]] = {}
    structs: dict[str, pd.DataFrame] = {}
    for path, values in zip(inputs, columns, strict=True):
        top, _, leaf = path.partition(".")
        if isinstance(values, pd.DataFrame):
            structs[path] = values
        else:
            groups.setdefault(top, {})[leaf] = values
    table = pa.table({top.removesuffix(LIST): _column(top, of) for top, of in groups.items()})
    batch = AlertBatch.from_table(table, survey=survey)
    for name, frame in structs.items():
        batch.attach(name, {field: frame[field].to_numpy() for field in frame})
    return batch


def _column(name: str, fields: Mapping[str, pd.Series]) -> pa.Array:
    if "" in fields:
        return pa.array(fields[""], from_pandas=True)
    if name.endswith(LIST):
        return _list_of_structs(fields)
    arrays = [pa.array(values, from_pandas=True) for values in fields.values()]
    return pa.StructArray.from_arrays(arrays, names=list(fields))


def _list_of_structs(fields: Mapping[str, pd.Series]) -> pa.Array:
    first = next(iter(fields.values()))
    is_null = np.array([row is None for row in first])
    lengths = [0 if row is None else len(row) for row in first]
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
    children = [_joined(rows) for rows in fields.values()]
    items = pa.StructArray.from_arrays(children, names=list(fields))
    return pa.ListArray.from_arrays(offsets, items, mask=pa.array(is_null))


def _joined(rows: pd.Series) -> pa.Array:
    present = [row for row in rows if row is not None]
    return pa.array(np.concatenate(present), from_pandas=True) if present else pa.nulls(0)
