"""What is told of an image: columns of a row; and the files that rows are written to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from skysift.galaxy_zoo import Tree
from skysift.models.zoobot.scorer import summary
from skysift.models.zoobot.uncertainty.passes import Passes
from skysift.models.zoobot.uncertainty.spread import quantiles
from skysift.whole import whole

OK = "ok"
LEVELS = {"low": 0.05, "high": 0.95}
"""Quantiles of a fraction that are told."""
PRED = "_pred"
"""Ends the names of columns with what each pass said, as in Zoobot's own files."""
BY_QUESTION = ("asked", "entropy", "information")
FORMATS = (".parquet", ".csv", ".hdf5", ".h5")
HDF5 = (".hdf5", ".h5")


@dataclass(frozen=True)
class Row:
    """An image, or why there is none.

    Attributes
    ----------
    galaxy, file : str
        Its name, and where it lies below the folder; empty if nowhere.
    place : int or None
        Of the row in its catalog.
    status, reason : str
        ``ok``, or one word for what is wrong, and the same in a sentence.
    image : ndarray or None
    """

    galaxy: str
    file: str
    place: int | None = None
    status: str = OK
    reason: str = ""
    image: np.ndarray | None = None

    def seen(self, image: np.ndarray) -> Row:
        """Give it its image."""
        return replace(self, image=image)

    def failed(self, status: str, reason: str) -> Row:
        """Say why it has none."""
        return replace(self, status=status, reason=reason)


def schema_of(tree: Tree, keep: bool) -> pa.Schema:
    """Columns of a row; all but the first five are null where the status is not ``ok``.

    ``galaxy``, ``file``, ``status``, ``reason``, ``version``. By question ``…_asked`` (share of
    people who get there), ``…_entropy`` and ``…_information`` [nat]. By answer its fraction among
    those who are asked: ``<question>_<answer>`` the mean, ``…_low`` and ``…_high`` the quantiles
    `LEVELS`; with `keep` ``…_pred``, what each pass said: see `Passes.values`.
    """
    fields = [(name, pa.string()) for name in ("galaxy", "file", "status", "reason", "version")]
    fields.append(("place", pa.int64()))
    for question in tree.questions:
        fields += [(f"{question.name}_{what}", pa.float32()) for what in BY_QUESTION]
        for column in question.columns:
            fields += [(name, pa.float32()) for name in (column, *_bounds(column))]
            if keep:
                fields.append((column + PRED, pa.list_(pa.float32())))
    return pa.schema(fields)


def rows_of(
    rows: Sequence[Row],
    sound: np.ndarray,
    told: Passes | None,
    tree: Tree,
    version: str,
    keep: bool,
) -> pa.RecordBatch:
    """Make rows, in their order.

    Parameters
    ----------
    rows : sequence of Row
    sound : ndarray (n,), bool
        Which of them have an image.
    told : Passes or None
        Of the images, one after another; None if there is none.
    tree : Tree
    version : str
        Of the weights.
    keep : bool
    """
    columns: dict[str, Any] = {
        "galaxy": [row.galaxy for row in rows],
        "file": [row.file for row in rows],
        "status": [row.status for row in rows],
        "reason": [row.reason or None for row in rows],
        "version": [version] * len(rows),
        "place": [row.place for row in rows],
    }
    schema = schema_of(tree, keep)
    numbers = {} if told is None else _numbers(told, keep)
    for field in schema:
        if field.name not in columns:
            columns[field.name] = _spread(numbers.get(field.name), sound, field.type)
    return pa.RecordBatch.from_pydict(columns, schema)


def _numbers(told: Passes, keep: bool) -> dict[str, np.ndarray]:
    tree, means = told.tree, summary(told)
    bounds = quantiles(told, tuple(LEVELS.values())).astype(np.float32)
    columns = {
        f"{question.name}_{what}": means[what][:, place]
        for place, question in enumerate(tree.questions)
        for what in BY_QUESTION
    }
    for place, column in enumerate(tree.columns):
        columns[column] = means["fractions"][:, place]
        for level, name in enumerate(_bounds(column)):
            columns[name] = bounds[:, place, level]
        if keep:
            columns[column + PRED] = told.values[:, :, place].astype(np.float32)
    return columns


def _spread(numbers: np.ndarray | None, sound: np.ndarray, kind: pa.DataType) -> pa.Array:
    """Put numbers of some rows where they belong; the others are null."""
    values = iter(() if numbers is None else numbers)
    return pa.array([next(values) if there else None for there in sound], kind)


def _bounds(column: str) -> list[str]:
    return [f"{column}_{name}" for name in LEVELS]


def check_output(output: Path) -> None:
    """Refuse a file of a kind that is not written.

    Raises
    ------
    ValueError
    """
    if output.suffix.lower() not in FORMATS:
        raise ValueError(f"--output must end with {', '.join(FORMATS)}. Got: {output}")


def write_table(table: pa.Table, tree: Tree, output: Path) -> None:
    """Write rows as Parquet, CSV (lists as JSON) or HDF5, by the name's ending.

    HDF5 is as Zoobot wrote it: ``predictions`` (galaxy, answer, pass), NaN where there are none,
    ``id_str``, ``label_cols``; and ``status``, ``file``, with the version as an attribute.
    """
    check_output(output)
    output.parent.mkdir(parents=True, exist_ok=True)
    with whole(output) as part:
        if output.suffix.lower() in HDF5:
            _write_hdf5(table, tree, part)
        elif output.suffix.lower() == ".csv":
            frame = table.to_pandas()
            for name in [name for name in frame if name.endswith(PRED)]:
                frame[name] = [None if one is None else _as_json(one) for one in frame[name]]
            frame.to_csv(part, index=False)
        else:
            pq.write_table(table, part)


def _as_json(numbers: np.ndarray) -> str:
    return json.dumps([round(float(one), 6) for one in numbers])


def _write_hdf5(table: pa.Table, tree: Tree, path: Path) -> None:
    import h5py

    text = h5py.string_dtype()
    ok = np.array(table["status"]) == OK
    lengths = [len(one) for one in table[tree.columns[0] + PRED].to_pylist() if one is not None]
    with h5py.File(path, "w") as file:
        shape = (len(table), len(tree.columns), max(lengths, default=0))
        cube = file.create_dataset("predictions", shape, np.float32, fillvalue=np.nan)
        for place, column in enumerate(tree.columns):
            passes = np.full((shape[0], shape[2]), np.nan, np.float32)
            if ok.any():
                passes[ok] = np.stack(table[column + PRED].filter(pa.array(ok)).to_numpy())
            cube[:, place] = passes
        for name, column in (("id_str", "galaxy"), ("file", "file"), ("status", "status")):
            file.create_dataset(name, data=table[column].to_pylist(), dtype=text)
        file.create_dataset("label_cols", data=list(tree.columns), dtype=text)
        file.attrs["version"] = table["version"][0].as_py() if len(table) else ""


def read_predictions(table: pa.Table) -> pd.DataFrame:
    """Turn rows into a DataFrame without what each pass said."""
    return table.drop([name for name in table.column_names if name.endswith(PRED)]).to_pandas()
