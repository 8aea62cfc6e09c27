"""Alerts as they lie in Avro records, read one field at a time without decoding the rest."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from skysift.alerts._walk import Walk, walk
from skysift.alerts._walker import NOT_TEXT, SYMBOL
from skysift.alerts.records import RawRecords
from skysift.alerts.schema import LIST_MARK

SHORT = 7
"""Texts up to so many bytes are taken to repeat, and each is decoded once."""


class AvroAlerts:
    """N alerts of one survey in Avro; a `skysift.alerts.source.Source`.

    The schemas may differ from alert to alert: a field that some of them lack is null there.

    Parameters
    ----------
    records : RawRecords
        The alerts.
    paths : iterable of str
        Fields that will be asked for. They are read in one pass over the bytes; each field that is
        asked for later costs a pass of its own. Paths that the schemas do not have are passed over.

    Attributes
    ----------
    survey : str
        ``ztf`` or ``lsst``.
    records : RawRecords
    damaged : dict of int to str
        Rows whose bytes do not fit their schema, with the reason. All their fields are null.

    Raises
    ------
    ValueError
        If the records are not all of one survey.
    """

    def __init__(self, records: RawRecords, paths: Iterable[str] = ()) -> None:
        self.survey = _survey(records)
        self.records = records
        self._slots: dict[str, tuple[str, ...]] = {}
        self._paths = tuple(paths)
        wanted = dict.fromkeys(slot for path in self._paths for slot in self._find(path))
        first = walk(records, tuple(wanted))
        self._walks = [first]
        self.damaged = {row: first.reason(row) for row in np.flatnonzero(first.errors).tolist()}

    def __len__(self) -> int:
        """Count the alerts."""
        return len(self.records)

    def has(self, path: str) -> bool:
        """Tell whether some of the alerts have this field, be it null in all of them."""
        return bool(self._find(path))

    def numbers(self, path: str) -> np.ndarray:
        """Read numbers or booleans: float64 (n,), NaN where null."""
        found, window = self._scalar(path)
        return found.cells.numbers[window]

    def integers(self, path: str) -> np.ndarray:
        """Read identifiers: int64 (n,), 0 where null."""
        found, window = self._scalar(path)
        return np.where(found.cells.lengths[window] == NOT_TEXT, found.cells.values[window], 0)

    def texts(self, path: str) -> np.ndarray:
        """Read texts: object (n,), None where null."""
        return self._read_texts(*self._scalar(path))

    def blobs(self, path: str) -> list[memoryview | None]:
        """Read bytes, as views into the records: n items, None where null."""
        found, window = self._scalar(path)
        starts, lengths = found.cells.values[window], found.cells.lengths[window]
        view = self.records.buffer.data
        spans = zip(starts.tolist(), lengths.tolist(), strict=True)
        return [view[start : start + size] if size >= 0 else None for start, size in spans]

    def list_offsets(self, path: str) -> tuple[np.ndarray, np.ndarray]:
        """Read where each alert's list begins and ends: int64 (n + 1,); is it null: bool (n,)."""
        name = self._slot(path, in_list=True).partition(LIST_MARK)[0]
        found = next((w for w in self._walks if name in w.list_places), None)
        if found is None:
            found = self._walk_again(name + LIST_MARK)
        place = found.list_places[name]
        return found.lists.offsets[place], found.lists.is_null[place]

    def list_numbers(self, path: str, field: str) -> np.ndarray:
        """Read a numeric field of all list items: float64 (total,), NaN where null."""
        found, window = self._items(path, field)
        return found.cells.numbers[window]

    def list_texts(self, path: str, field: str) -> np.ndarray:
        """Read a text field of all list items: object (total,), None where null."""
        return self._read_texts(*self._items(path, field))

    def record_bytes(self, row: int) -> bytes:
        """Return one alert as schemaless Avro, as it came."""
        return bytes(self.records.record(row))

    def schema_json(self, row: int) -> str:
        """Return the writer schema of one alert."""
        return self.records.schemas[self.records.schema_of[row]].text

    def take(self, rows: np.ndarray) -> AvroAlerts:
        """Pick some of the alerts, by a mask or by their numbers."""
        return AvroAlerts(self.records.take(rows), self._paths)

    def _find(self, path: str) -> tuple[str, ...]:
        """Slots of a field; more than one only if it is in a list by some schemas alone."""
        if path not in self._slots:
            found = (schema.slot(path) for schema in self.records.schemas)
            self._slots[path] = tuple(dict.fromkeys(slot for slot in found if slot is not None))
        return self._slots[path]

    def _slot(self, path: str, *, in_list: bool) -> str:
        for slot in self._find(path):
            if (LIST_MARK in slot) == in_list:
                return slot
        what = "no list, or lies in none" if in_list else "a list, or lies in one"
        raise KeyError(
            f"{path!r} is {what}" if self.has(path) else f"these alerts have no field {path!r}"
        )

    def _scalar(self, path: str) -> tuple[Walk, slice]:
        slot = self._slot(path, in_list=False)
        found = self._walked(slot)
        return found, found.window(slot, len(self))

    def _items(self, path: str, field: str) -> tuple[Walk, slice]:
        slot = self._slot(f"{path}.{field}" if field else path, in_list=True)
        found = self._walked(slot)
        return found, found.window(slot, found.items(slot.partition(LIST_MARK)[0]))

    def _walked(self, slot: str) -> Walk:
        found = next((w for w in self._walks if slot in w.slots), None)
        return found if found is not None else self._walk_again(slot)

    def _walk_again(self, slot: str) -> Walk:
        self._walks.append(walk(self.records, (slot,)))
        return self._walks[-1]

    def _read_texts(self, found: Walk, window: slice) -> np.ndarray:
        starts, lengths = found.cells.values[window], found.cells.lengths[window]
        out = np.full(len(lengths), None, object)
        short = np.flatnonzero((lengths >= 0) & (lengths <= SHORT))
        if len(short):
            out[short] = _short_texts(self.records.buffer, starts[short], lengths[short])
        for i in np.flatnonzero(lengths > SHORT):
            span = self.records.buffer[starts[i] : starts[i] + lengths[i]]
            out[i] = span.tobytes().decode(errors="replace")
        for i in np.flatnonzero(lengths == SYMBOL):
            out[i] = found.symbols[starts[i]]
        return out


def _survey(records: RawRecords) -> str:
    surveys = {schema.survey for schema in records.schemas}
    if len(surveys) != 1 or None in surveys:
        raise ValueError(
            f"records must be alerts of one survey, got {sorted(map(str, surveys)) or 'none'}"
        )
    return str(surveys.pop())


def _short_texts(buffer: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Decode texts of up to SHORT bytes: their bytes and length make one integer each."""
    keys = np.zeros((len(starts), SHORT + 1), np.uint8)
    for i in range(SHORT):
        longer = lengths > i
        keys[longer, i] = buffer[starts[longer] + i]
    keys[:, SHORT] = lengths
    distinct, which = np.unique(keys.view(np.uint64).ravel(), return_inverse=True)
    raw = distinct.view(np.uint8).reshape(-1, SHORT + 1)
    texts = [r[: r[SHORT]].tobytes().decode(errors="replace") for r in raw]
    return np.array(texts, object)[which]
