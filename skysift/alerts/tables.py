"""Alerts as the rows of a table: broker's Parquet, Arrow batches of a stream, pandas frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from skysift.alerts.columns import SURVEYS
from skysift.alerts.table_layout import Place, TableLayout, detect_survey, known_names

if TYPE_CHECKING:
    import pandas as pd

_EXACT_IN_FLOAT64 = 2**53


class TableAlerts:
    """The rows of an Arrow table as a `skysift.alerts.source.Source`.

    Parameters
    ----------
    table : pyarrow.Table
        ZTF or LSST alerts in any layout that `skysift.alerts.table_layout` knows; other columns
        are passed over.
    survey : str
        ``ztf``, ``lsst``, or ``auto`` to tell it by the columns' names.

    Raises
    ------
    ValueError
        If the survey is unknown or cannot be told.
    """

    def __init__(self, table: pa.Table, survey: str = "auto") -> None:
        self.survey = detect_survey(table.column_names) if survey == "auto" else survey
        if self.survey not in SURVEYS:
            raise ValueError(f"unknown survey {survey!r}; there are: {', '.join(SURVEYS)}, auto")
        self._table = table
        self._layout = TableLayout(table.schema)

    def __len__(self) -> int:
        """Count the rows."""
        return self._table.num_rows

    def has(self, path: str) -> bool:
        """See `Source.has`."""
        return self._layout.has(path)

    def numbers(self, path: str) -> np.ndarray:
        """See `Source.numbers`."""
        return _floats(self._field(path), path)

    def integers(self, path: str) -> np.ndarray:
        """See `Source.integers`.

        Raises
        ------
        ValueError
            If the table holds floating-point numbers that lost digits.
        """
        return _integers(self._field(path), path)

    def texts(self, path: str) -> np.ndarray:
        """See `Source.texts`."""
        return _texts(self._field(path))

    def blobs(self, path: str) -> list[bytes | None]:
        """See `Source.blobs`."""
        return pc.cast(self._field(path), pa.large_binary()).to_pylist()

    def list_offsets(self, path: str) -> tuple[np.ndarray, np.ndarray]:
        """See `Source.list_offsets`.

        A flat history that holds the alert alone counts as null: its source made it so from a null
        history, and surveys send no empty ones.
        """
        place = self._layout.find_list(path)
        if place is None:
            raise KeyError(f"the table has no list {path!r}")
        lengths, is_null = _lengths(self._lists(place))
        if place.part == "past":
            lengths = np.maximum(lengths - 1, 0)
            is_null = lengths == 0
        return np.concatenate([[0], np.cumsum(lengths)]), is_null

    def list_numbers(self, path: str, field: str) -> np.ndarray:
        """See `Source.list_numbers`."""
        return _floats(self._items(path, field), f"{path}.{field}")

    def list_texts(self, path: str, field: str) -> np.ndarray:
        """See `Source.list_texts`."""
        return _texts(self._items(path, field))

    def _find(self, path: str) -> Place:
        place = self._layout.find(path)
        if place is None:
            raise KeyError(f"the table has no field {path!r}")
        return place

    def _field(self, path: str) -> pa.ChunkedArray:
        """One value a row."""
        place = self._find(path)
        if place.part == "last":
            return _last_items(self._lists(place))
        return _child(self._table[place.column], place.field)

    def _items(self, path: str, field: str) -> pa.ChunkedArray:
        """The values of all rows' lists, one behind the other."""
        place = self._find(f"{path}.{field}")
        lists = self._lists(place)
        items = _past_items(lists) if place.part == "past" else pc.list_flatten(lists)
        total = self.list_offsets(path)[0][-1]
        if len(items) != total:
            raise ValueError(
                f"column {place.column!r} holds {len(items)} points of history where the times of "
                f"{path} hold {total}"
            )
        return _child(items, place.field)

    def _lists(self, place: Place) -> pa.ChunkedArray:
        lists = self._table[place.column]
        if pa.types.is_null(lists.type):
            return lists.cast(pa.list_(pa.null()))
        return lists


def from_pandas(frame: pd.DataFrame, survey: str = "auto") -> TableAlerts:
    """Take the rows of a pandas frame; see `TableAlerts`.

    Only columns that alerts may be read from are looked at.

    Raises
    ------
    ValueError
        As `TableAlerts`, or if a column mixes types (the message names it), or there is none.
    """
    known = set().union(*(known_names(s) for s in SURVEYS))
    names = [name for name in frame.columns if name in known]
    if not names:
        raise ValueError(f"the frame has no column of an alert; it has: {list(frame.columns)}")
    return TableAlerts(pa.table({name: _from_series(frame[name]) for name in names}), survey)


def _from_series(series: pd.Series) -> pa.Array:
    try:
        return pa.Array.from_pandas(series.map(_plain) if _holds_rows(series) else series)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise ValueError(
            f"column {series.name!r} of the frame is of no one type: {error}"
        ) from None


def _holds_rows(series: pd.Series) -> bool:
    """Tell whether structs came as Spark's ``Row``, as its ``toPandas`` leaves them."""
    if series.dtype != object:
        return False
    first = next((value for value in series if value is not None), None)
    if isinstance(first, (list, np.ndarray)):
        first = next((row for value in series if value is not None for row in value), None)
    return hasattr(first, "asDict")


def _plain(value: Any) -> Any:
    """Make dicts of Rows, also inside a list."""
    if isinstance(value, (list, np.ndarray)):
        return [_plain(item) for item in value]
    return value.asDict(recursive=True) if hasattr(value, "asDict") else value


def _child(values: pa.ChunkedArray, field: str | None) -> pa.ChunkedArray:
    """Values of a struct's field, null where the struct is."""
    if field is None or pa.types.is_null(values.type):
        return values
    return pc.struct_field(values, field)


def _floats(values: pa.ChunkedArray, path: str) -> np.ndarray:
    try:
        return pc.cast(values, pa.float64(), safe=False).to_numpy()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise ValueError(f"field {path!r} holds no numbers: {error}") from None


def _integers(values: pa.ChunkedArray, path: str) -> np.ndarray:
    if pa.types.is_floating(values.type):
        largest = pc.max(pc.abs(values)).as_py()
        if largest is not None and largest >= _EXACT_IN_FLOAT64:
            raise ValueError(
                f"identifiers in {path!r} are held as {values.type} and have lost digits; "
                "read them as integers from the start"
            )
    return pc.fill_null(pc.cast(values, pa.int64(), safe=False), 0).to_numpy()


def _texts(values: pa.ChunkedArray) -> np.ndarray:
    return pc.cast(values, pa.large_string()).to_numpy()


def _lengths(lists: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """Items of each row's list, and whether the list is null."""
    lengths = pc.list_value_length(lists)
    is_null = pc.is_null(lengths).to_numpy()
    return pc.fill_null(lengths, 0).to_numpy().astype(np.int64), is_null


def _last_items(lists: pa.ChunkedArray) -> pa.ChunkedArray:
    """Last item of each list, null where there is none."""
    lengths, _ = _lengths(lists)
    places = pa.array(np.cumsum(lengths) - 1, mask=lengths == 0)
    return pc.take(pc.list_flatten(lists), places)


def _past_items(lists: pa.ChunkedArray) -> pa.ChunkedArray:
    """All items but the last of each list."""
    lengths, _ = _lengths(lists)
    keep = np.ones(lengths.sum(), dtype=bool)
    keep[(np.cumsum(lengths) - 1)[lengths > 0]] = False
    return pc.filter(pc.list_flatten(lists), pa.array(keep))
