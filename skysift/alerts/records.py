"""Avro records of many alerts, one behind the other, each with its schema."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from skysift.alerts.schema import AlertSchema


@dataclass(frozen=True)
class RawRecords:
    """N records, one behind the other.

    Attributes
    ----------
    buffer : ndarray, uint8
        Their bytes.
    bounds : ndarray (n + 1,), int64
        Record ``i`` is ``buffer[bounds[i]:bounds[i + 1]]``.
    schemas : tuple of AlertSchema
        The schemas among them.
    schema_of : ndarray (n,), int64
        Place of each record's schema in `schemas`.
    """

    buffer: np.ndarray
    bounds: np.ndarray
    schemas: tuple[AlertSchema, ...]
    schema_of: np.ndarray

    @classmethod
    def join(
        cls, records: Sequence[bytes | memoryview], schemas: Sequence[AlertSchema]
    ) -> RawRecords:
        """Put records together that each come with a schema.

        Parameters
        ----------
        records : sequence of bytes
            Schemaless Avro.
        schemas : sequence of AlertSchema
            One a record.
        """
        kinds = tuple(dict.fromkeys(schemas))
        place = {schema: i for i, schema in enumerate(kinds)}
        bounds = np.zeros(len(records) + 1, np.int64)
        np.cumsum([len(r) for r in records], out=bounds[1:])
        # Half the time of joining bytes: numpy asks the system for large pages.
        parts = [np.frombuffer(record, np.uint8) for record in records]
        buffer = np.concatenate([np.empty(0, np.uint8), *parts])
        schema_of = np.array([place[s] for s in schemas], np.int64)
        return cls(buffer, bounds, kinds, schema_of)

    def __len__(self) -> int:
        """Count the records."""
        return len(self.schema_of)

    def record(self, i: int) -> memoryview:
        """Bytes of one record."""
        return self.buffer.data[self.bounds[i] : self.bounds[i + 1]]

    def take(self, rows: np.ndarray) -> RawRecords:
        """Pick some of the records, by a mask or by their numbers."""
        numbers = np.arange(len(self))[rows]
        schemas = [self.schemas[self.schema_of[i]] for i in numbers]
        return RawRecords.join([self.record(i) for i in numbers], schemas)
